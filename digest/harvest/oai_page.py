"""One answer of arXiv's OAI-PMH service, as bytes → records and the way on (pure).

The protocol: openarchives.org/OAI/openarchivesprotocol.html. The formats `arXiv` and `arXivRaw`:
info.arxiv.org/help/oa/index.html.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from lxml import etree

from digest.errors import SourceError
from digest.harvest.markup import parse_xml
from digest.harvest.records import (
    LONGEST_AUTHORS,
    OAI_PREFIX,
    VERSION,
    read_authors,
    read_categories,
    read_date,
    read_moment,
    read_state,
    read_text,
    read_title,
    split_author_line,
)
from digest.harvest.source import Deleted, PassingFault, Record, reject
from digest.paper import Paper, split_arxiv_id
from digest.text import normalise

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
# Archives that share one group (info.arxiv.org/help/oa/index.html, "Set structure"); the others are their own.
_PHYSICS = frozenset(
    "astro-ph cond-mat gr-qc hep-ex hep-lat hep-ph hep-th math-ph nlin nucl-ex nucl-th physics quant-ph".split()
)


class ExpiredToken(SourceError):  # noqa: N818  it is no failure: the list is asked for anew from where it stood
    """The server no longer knows the resumption token; tokens end at midnight UTC."""


@dataclass(frozen=True, slots=True)
class OaiPage:
    """A page of a list."""

    records: tuple[Record, ...]
    days: tuple[date, ...]  # the datestamp of each record: the day of its last change
    token: str  # of the next page; "" at the end
    answered: date  # the server's own day


def oai_set(category: str) -> str:
    """Return the set of a category: cs.CL is cs:cs:CL, hep-th is physics:hep-th, cs is cs."""
    archive, _, subject = category.partition(".")
    group = ("physics",) if archive in _PHYSICS else (archive,) if subject else ()
    return ":".join((*group, archive, *((subject,) if subject else ())))


def read_list(content: bytes, position: int) -> OaiPage:
    """Read an answer to ListRecords; `position` is the number of records that came before it.

    No record that matches is an empty page. What is no paper is rejected with its place; the rest stands.

    Raises:
        ExpiredToken: the resumption token is not known any more.
        PassingFault: the answer is cut short, is something else, or is an empty page that says it goes on.
        SourceError: the service refused the request.
    """
    tree = parse_xml(content, f"{_OAI}OAI-PMH")
    answered = _response_day(tree)
    found = tree.find(f"{_OAI}ListRecords")
    if found is None:
        _refuse_error(tree)
        return OaiPage((), (), "", answered)
    elements = found.findall(f"{_OAI}record")
    token = (found.findtext(f"{_OAI}resumptionToken") or "").strip()
    if not elements and token:
        raise PassingFault("arXiv's answer is an empty page in the middle of a list")
    read = [_read(element, position + n, answered) for n, element in enumerate(elements, start=1)]
    return OaiPage(tuple(record for record, _ in read), tuple(day for _, day in read), token, answered)


def _response_day(tree: "etree._Element") -> date:
    try:
        return read_date((tree.findtext(f"{_OAI}responseDate") or "").strip(), "responseDate")
    except ValueError as error:
        raise PassingFault(f"arXiv's answer has no date ({error})") from error


def _refuse_error(tree: "etree._Element") -> None:
    """Raise the error that the answer holds; that no record matches is none."""
    error = tree.find(f"{_OAI}error")
    if error is None:
        raise PassingFault("arXiv's answer holds neither records nor an error")
    code, said = error.get("code", ""), normalise(error.text or "no reason given")[:200]
    if code == "badResumptionToken":
        raise ExpiredToken(f"arXiv does not know the resumption token any more: {said}")
    if code != "noRecordsMatch":
        raise SourceError(f"arXiv refused the list ({code}): {said}; check harvest.categories and harvest.oai_url")


def _read(element: "etree._Element", position: int, answered: date) -> tuple[Record, date]:
    """Return a record and its datestamp; a record whose day cannot be read counts as changed today."""
    parts = {part.tag: part for part in element}
    header = parts.get(f"{_OAI}header")
    if header is None:
        return reject(position, "no header", " ".join(element.itertext())), answered
    said = {part.tag: (part.text or "").strip() for part in header}
    try:
        day = read_date(said.get(f"{_OAI}datestamp", ""), "datestamp")
        arxiv_id, _ = split_arxiv_id(said.get(f"{_OAI}identifier", "").removeprefix(OAI_PREFIX))
    except ValueError as error:
        return reject(position, str(error), " ".join(element.itertext())), answered
    if header.get("status") == "deleted":
        return Deleted(arxiv_id), day
    try:
        return _paper(parts.get(f"{_OAI}metadata"), arxiv_id), day
    except ValueError as error:
        return reject(position, f"{arxiv_id}: {error}", " ".join(element.itertext())), day


def _paper(metadata: "etree._Element | None", arxiv_id: str) -> Paper:
    if metadata is None or not len(metadata):
        raise ValueError("no metadata")
    body = metadata[0]
    reader = _READERS.get(_name(body))
    if reader is None:
        raise ValueError(f"the format {_name(body)[:40]!r} is not known")
    said = {_name(child): _text(child) for child in body}
    if said.get("id") != arxiv_id and split_arxiv_id(said.get("id", ""))[0] != arxiv_id:
        raise ValueError(f"header and metadata name two papers: {arxiv_id} and {said.get('id', '')[:40]!r}")
    return reader(body, said, arxiv_id)


@lru_cache(maxsize=256)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _name(element: "etree._Element") -> str:
    return _local(element.tag)


def _text(element: "etree._Element") -> str:
    return element.text or "" if not len(element) else "".join(element.itertext())


def _raw(body: "etree._Element", said: Mapping[str, str], arxiv_id: str) -> Paper:
    """Read `arXivRaw`: every version with its day, the authors on one line."""
    versions = {number: (day, is_empty) for number, day, is_empty in map(_version, body.findall(f"{_RAW}version"))}
    latest = max(versions, default=0)
    updated, is_empty = versions.get(latest, (None, False))
    line = read_text(said, "authors", LONGEST_AUTHORS)
    return Paper(
        arxiv_id=arxiv_id,
        version=latest,
        authors=read_authors(split_author_line(line)),
        authors_line=line or None,
        submitted=versions[1][0] if 1 in versions else None,
        updated=updated,
        **_described(said, is_empty=is_empty),
    )


def _version(element: "etree._Element") -> tuple[int, date, bool]:
    """Return number, day, and whether the version has no source: arXiv's mark "I" (ignore), or no bytes."""
    written = element.get("version", "")
    number = VERSION.fullmatch(written)
    if number is None:
        raise ValueError(f"version is not a number: {written[:40]!r}")
    said = {_name(child): (child.text or "").strip() for child in element}
    is_empty = "I" in said.get("source_type", "") or said.get("size", "").lower() in {"0", "0b", "0kb"}
    return int(number[1]), read_moment(said.get("date", ""), "version's date"), is_empty


def _structured(body: "etree._Element", said: Mapping[str, str], arxiv_id: str) -> Paper:
    """Read `arXiv`: the latest version, its number unknown, the authors in parts.

    Its `created` has been seen to be the day of the latest version, so the day of submission is left unknown.
    """
    names = [
        normalise(" ".join(author.findtext(f"{{*}}{part}") or "" for part in ("forenames", "keyname", "suffix")))
        for author in body.iterfind("{*}authors/{*}author")
    ]
    days = [said.get(key, "").strip() for key in ("updated", "created")]
    latest = next((day for day in days if day), "")
    return Paper(
        arxiv_id=arxiv_id,
        authors=read_authors(names),
        updated=read_date(latest, "created") if latest else None,
        **_described(said),
    )


_READERS: Mapping[str, Callable[["etree._Element", Mapping[str, str], str], Paper]] = {
    "arXivRaw": _raw,
    "arXiv": _structured,
}


def _described(said: Mapping[str, str], *, is_empty: bool = False) -> dict[str, Any]:
    """Return what both formats say in the same way, as a paper has it."""
    comment, abstract, withdrawn = read_state(said, "comments", is_empty=is_empty)
    return {
        "title": read_title(said),
        "abstract": abstract,
        "categories": read_categories(read_text(said, "categories").split()),
        "comment": comment or None,
        "journal_ref": read_text(said, "journal-ref") or None,
        "doi": read_text(said, "doi") or None,
        "licence": read_text(said, "license") or None,
        "withdrawn": withdrawn,
    }
