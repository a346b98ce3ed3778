"""A template, a language and an address → a page of the site."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2

from digest.errors import UsageError
from digest.publish import addresses
from digest.publish.environment import environment
from digest.publish.languages import Language
from digest.publish.shelf import SiteFrame

NOT_FOUND = "404.html"


@dataclass(frozen=True)
class Layout:
    """The site's templates in one of its languages."""

    frame: SiteFrame
    folders: Sequence[Path]  # templates are looked for in each in turn
    language: Language
    languages: Sequence[Language]  # all that the site has

    @cached_property
    def _environment(self) -> jinja2.Environment:
        made = environment(self.folders, self.language)
        made.globals |= {"frame": self.frame, "languages": self.languages}
        return made

    def page(self, template: str, address: str, **values: Any) -> str:  # noqa: ANN401  whatever the template shows
        """Render a page; the address is that of its English twin.

        Raises:
            UsageError: the template is missing or broken.
        """
        top = addresses.root_from(addresses.page_file(self.language.prefix + address))
        if address == NOT_FOUND:  # it is sent for any address, so that its links start at the site's root
            top = addresses.base_path(self.frame.base_url)
        return self.part(
            template,
            address=address,
            top=top,  # leads to the root of the site: styles, scripts, feeds, exports
            root=_tidy(top + self.language.prefix),  # leads to the root of this language's pages
            canonical=self.frame.base_url + self.language.prefix + address,
            **values,
        )

    def part(self, template: str, **values: Any) -> str:  # noqa: ANN401  whatever the template shows
        """Render a template that is no page.

        Raises:
            UsageError: the template is missing or broken.
        """
        try:
            return self._environment.get_template(template).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise UsageError(f"the template {error.name}, line {error.lineno}: {error.message}; mend it") from error
        except jinja2.TemplateNotFound as error:
            raise UsageError(f"the template {error.name} is missing: put it back into templates/") from error
        except jinja2.TemplateError as error:
            raise UsageError(f"a template cannot be rendered: {error.message}; mend it") from error


def _tidy(root: str) -> str:
    return root.removeprefix("./") if root not in {"./", ""} else root
