"""Folders of templates and a language → the Jinja environment that pages are rendered in."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from digest.edition import Entry, Issue
from digest.figure import Figure
from digest.paper import Month, Paper, Summary, Verdict
from digest.publish import addresses, scholarly, wording
from digest.publish.charts import draw
from digest.publish.compiler import PageEnvironment
from digest.publish.languages import SOURCE, Language
from digest.publish.mathematics import typeset
from digest.publish.prose import render_prose
from digest.text import plain_text, plain_title

_RIGHT_TO_LEFT = ("\u0590", "\u08ff")  # Hebrew to Arabic Extended-A: names written from the right
_SHOWN_AUTHORS = 3
_REMEMBERED = 30_000  # entries, some 2 KB each; and names


def environment(folders: Sequence[Path], language: Language) -> jinja2.Environment:
    """Return an environment that escapes everything and refuses what is undefined."""
    made = PageEnvironment(jinja2.FileSystemLoader(folders))
    made.filters |= _filters(language)
    made.globals |= {
        "_": language.say,
        "ngettext": language.count,
        "lang": language,
        "english": Markup("") if language.tag == SOURCE else Markup(' lang="en"'),  # marks what stays in English
        "gap": " " if language.tag == SOURCE else "",  # between two sentences: Chinese full stops bring their own
        "issue_address": addresses.issue_address,
        "paper_address": addresses.paper_address,
        "topic_address": addresses.topic_address,
        "author_address": addresses.author_address,
        "author_slug": addresses.author_slug,
        "arxiv_url": addresses.arxiv_url,
        "erratum_anchor": addresses.erratum_anchor,
        "split_by_evidence": wording.split_by_evidence,
        "marks_of": wording.marks_of,
        "coins": scholarly.coins,
        "citation_metas": scholarly.citation_metas,
        "linked_data": scholarly.linked_data,
        "site_data": scholarly.site_data,
        "issue_data": scholarly.issue_data,
        "paper_data": scholarly.paper_data,
    }
    made.globals |= {name: _remembered(made, name) for name in ("entry_article", "entry_line")}
    made.globals |= {"shared": _shared(made)}
    return made


def _shared(made: jinja2.Environment) -> Callable[[str, str, str], Markup]:
    """Return a function that renders a part of every page, once for all pages as deep in the site."""

    @cache
    def shared(template: str, top: str, root: str) -> Markup:
        return Markup(made.get_template(template).render(top=top, root=root))  # noqa: S704  a template's own output

    return shared


def _remembered(made: jinja2.Environment, name: str) -> Callable[..., Markup]:
    """Return a macro of _parts.html that prints an entry; each is printed once for all pages as deep in the site."""
    done: dict[tuple[object, ...], tuple[Entry, Issue, Markup]] = {}

    def remembered(entry: Entry, issue: Issue, root: str, *how: bool) -> Markup:
        key = (id(entry), id(issue), root, how)
        if key not in done:
            if len(done) >= _REMEMBERED:
                done.clear()
            macro = getattr(made.get_template("_parts.html").module, name)
            done[key] = entry, issue, macro(entry, issue, root, *how)  # held, so that their ids stay their own
        return done[key][2]

    return remembered


def _filters(language: Language) -> dict[str, object]:
    def day(paper: Paper) -> str:
        return language.short_day(paper.submitted) if paper.submitted else language.short_month(paper.month)

    def written_day(day: date) -> str:
        return language.day(day)

    def month(month: Month) -> str:
        return language.month(month)

    def label(verdict: Verdict) -> Markup:
        return language.say(wording.label_of(verdict))

    def how(summary: Summary) -> Markup:
        failed = summary.failed_check
        check = language.say(" (%(check)s)", check=language.check(failed)) if failed else ""
        model = summary.model or language.say("the model")
        return language.say(wording.how_written(summary.verdict), model=model, check=check)

    def check_name(failed: str) -> Markup:
        return language.check(failed or wording.NO_REASON)

    return {
        "plain": plain_text,
        "plain_title": plain_title,
        "typeset": typeset,
        "typeset_title": typeset_title,
        "short_authors": short_authors,
        "isolate": isolate,
        "slug": addresses.paper_slug,
        "day": day,
        "day_for_machines": wording.day_for_machines,
        "written_day": written_day,
        "month": month,
        "label": label,
        "translation": language.translation,
        "how_written": how,
        "check_name": check_name,
        "host": wording.host_of,
        "sources": wording.named_sources,
        "prose": _prose,
        "chart": _chart,
    }


def _prose(markdown: str, top: int, anchor: str, base: str = "", figures: Sequence[Markup] = ()) -> Markup:
    html = render_prose(markdown, top=top, anchor=anchor, base=base, figures=figures)
    return Markup(html)  # noqa: S704  nh3 has cleaned the prose, and the figures are a template's


def _chart(figure: Figure, anchor: str) -> Markup:
    if figure.chart is None:
        return Markup()
    return Markup(draw(figure.chart, title=figure.title, alt=figure.alt, anchor=anchor))  # noqa: S704  lxml wrote it


def typeset_title(title: str, source: str) -> Markup:
    """Return a printed title with its formulas in MathML, where it is the paper's own and not the editor's."""
    if "$" not in source and "\\" not in source:
        return escape(wording.printable(title))
    if title != plain_title(source):
        return escape(wording.printable(title))
    return typeset(source.rstrip().removesuffix(".") if not source.rstrip().endswith("..") else source)


@lru_cache(_REMEMBERED)
def isolate(name: str) -> Markup:
    """Return a name as HTML; one written from the right does not turn the words around it."""
    plain = wording.printable(plain_text(name))
    if plain.isascii() or not any(_RIGHT_TO_LEFT[0] <= char <= _RIGHT_TO_LEFT[1] for char in plain):
        return escape(plain)
    return Markup("<bdi>{}</bdi>").format(plain)


@lru_cache(_REMEMBERED)
def short_authors(authors: tuple[str, ...], shown: int = _SHOWN_AUTHORS) -> Markup:
    """Return "A, B, C et al." as HTML: the first names, and et al. where there are more."""
    said = Markup(", ").join(isolate(name) for name in authors[:shown])
    return said + " et al." if len(authors) > shown else said
