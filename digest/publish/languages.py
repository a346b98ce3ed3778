"""Catalogues of translations → the words of a page in a language; papers and summaries stay as they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import opencc
from babel.dates import format_date
from babel.messages.pofile import PoFileError, read_po
from markupsafe import Markup

from digest.errors import UsageError
from digest.paper import Month, Summary, Translation
from digest.publish.wording import printable

SOURCE = "en"  # what the templates are written in
_NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}
# The Simplified pages are the Traditional ones, turned by OpenCC (Taiwan's words to the mainland's).
_DERIVED = {"zh-Hans": ("zh-Hant", "tw2sp")}


@dataclass(frozen=True, slots=True)
class Language:
    """A language that pages are printed in."""

    tag: str = SOURCE  # BCP 47: en, zh-Hant
    prefix: str = ""  # where its pages stand, from the root of the site: "" or "zh-hant/"
    messages: dict[str, str] = field(default_factory=dict, hash=False, compare=False)  # by the English
    _said: dict[str, Markup] = field(default_factory=dict, hash=False, compare=False, repr=False)  # without values

    @property
    def name(self) -> str:
        """What its readers call it."""
        return _NAMES[self.tag]

    def say(self, message: str, **values: object) -> Markup:
        """Return a sentence in this language, its %(names)s filled in and escaped."""
        if not values and message in self._said:
            return self._said[message]
        said = Markup(self.messages.get(message, message))  # noqa: S704  templates and catalogues are ours
        filled = said % {name: _clean(value) for name, value in values.items()}
        if not values:
            self._said[message] = filled
        return filled

    def check(self, name: str) -> Markup:
        """Return the name of a check; one that the catalogue does not know stays in English, and says so."""
        if self.tag == SOURCE or name in self.messages:
            return self.say("%(name)s", name=self.messages.get(name, name))
        return self.say('<span lang="en">%(name)s</span>', name=name)

    def translation(self, summary: Summary) -> Translation | None:
        """Return a summary's translation into this language; None where there is none, and it stays in English."""
        origin, way = _DERIVED.get(self.tag, (self.tag, ""))
        found = next((one for one in summary.translations if one.language == origin), None)
        return replace(found, text=_converter(way)(found.text)) if found and way else found

    def count(self, one: str, many: str, number: int, **values: object) -> Markup:
        """Return a sentence in this language that counts something; %(n)s is the number."""
        return self.say(one if number == 1 else many, n=f"{number:,}", **values)

    def day(self, day: date) -> str:
        """Write a day in full: "12 May 2024"."""
        return _day(self.tag, day)

    def short_day(self, day: date) -> str:
        """Write a day in short: "12 May 2024" with a month of three letters."""
        return _day(self.tag, day, "d MMM y")

    def month(self, month: Month) -> str:
        """Write a month: "April 2024"."""
        return _month(self.tag, month)

    def short_month(self, month: Month) -> str:
        """Write a month in short: "Apr 2024"."""
        return _month(self.tag, month, "MMM y")


def _clean(value: object) -> object:
    return printable(value) if type(value) is str else value


@cache
def _day(tag: str, day: date, english: str = "d MMMM y") -> str:
    return format_date(day, english if tag == SOURCE else "long", locale=tag.replace("-", "_"))


@cache
def _month(tag: str, month: Month, english: str = "MMMM y") -> str:
    return format_date(month.first_day, english if tag == SOURCE else "y年M月", locale=tag.replace("-", "_"))


def languages_of(tags: Sequence[str], template_folders: Sequence[Path]) -> tuple[Language, ...]:
    """Return the languages by their tags; the first one's pages stand at the root of the site.

    Raises:
        UsageError: a language is not known, or its catalogue is missing or broken.
    """
    wanted = dict.fromkeys(tags) or {SOURCE: None}
    return tuple(
        Language(tag, f"{tag.lower()}/" if place else "", _messages(tag, tuple(template_folders)))
        for place, tag in enumerate(wanted)
    )


@cache
def _converter(way: str) -> Callable[[str], str]:
    convert: Callable[[str], str] = opencc.OpenCC(way).convert
    return convert


@cache
def _messages(tag: str, folders: tuple[Path, ...]) -> dict[str, str]:
    if tag not in _NAMES:
        raise UsageError(f"site.languages: {tag!r} is none of {', '.join(_NAMES)}")
    if tag == SOURCE:
        return {}
    if tag in _DERIVED:
        origin, way = _DERIVED[tag]
        convert = _converter(way)
        return {message: convert(said) for message, said in _messages(origin, folders).items()}
    name = f"{tag.replace('-', '_')}.po"
    file = next((found for folder in folders if (found := folder / "locale" / name).is_file()), None)
    if file is None:
        raise UsageError(f"the catalogue locale/{name} is missing: put it back into templates/")
    try:
        with file.open("rb") as stream:
            catalogue = read_po(stream, locale=tag.replace("-", "_"), abort_invalid=True)
    except (PoFileError, ValueError, OSError) as error:
        raise UsageError(f"{file} is no catalogue: {error}; mend it") from error
    return {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string and not entry.fuzzy}
