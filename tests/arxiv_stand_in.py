"""A stand-in for arXiv on the loopback: its Atom API, its OAI-PMH service and its announcement feeds.

It serves papers that it is given, as the real services have been seen to (info.arxiv.org/help/api/user-manual.html,
help/oa/index.html, help/rss_specifications.html), and shows the faults that it is told to, one for each request.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape

from digest.harvest.oai_page import oai_set
from digest.paper import Paper

Fault = Callable[[BaseHTTPRequestHandler, bytes], object]  # answers instead of the body it is given

_MOST_OF_A_PAGE, _MOST_OF_A_QUERY = 2_000, 30_000
_SEARCH = re.compile(r"\((?P<cats>[^)]*)\) AND submittedDate:\[(?P<first>\d{8})0000 TO (?P<last>\d{8})2359\]")
_CATEGORIES = (("cs.CL", "cs.LG"), ("cs.LG",), ("cs.CV", "cs.LG"), ("cs.CL",), ("stat.ML", "cs.LG"), ("hep-th",))
_NAMES = (("Ada Lovelace", "Kurt Gödel"), ("Erwin Schrödinger",), ("Ğ. Yılmaz", "B. de la Cruz", "C.-P. Yuan Jr."))
_TEX = {"ö": '\\"o', "Ğ": "\\u{G}", "ı": "{\\i}", "é": "\\'e"}  # as OAI-PMH writes what the API gives in Unicode


@dataclass(frozen=True)
class Stored:
    """A paper as arXiv has it."""

    paper: Paper
    changed: date  # OAI's datestamp: the day of the last change, whatever it was
    announced: date
    kind: str = "new"
    is_deleted: bool = False


def stored(paper: Paper, place: int) -> Stored:
    """Give a paper what the bundled ones lack, the same at each call: days, categories, authors, versions."""
    submitted = paper.submitted or date(2024, 4, 1 + place % 30)
    version = 1 + place % 2
    updated = submitted + timedelta(days=place % 2)
    whole = replace(
        paper,
        version=version,
        authors=paper.authors or _NAMES[place % len(_NAMES)],
        categories=paper.categories or _CATEGORIES[place % len(_CATEGORIES)],
        submitted=submitted,
        updated=updated,
        comment=paper.comment or (f"{place} pages" if place % 3 else None),
        journal_ref="J. Tests 1 (2024) 1-9" if place % 5 == 0 else None,
        doi=f"10.1000/{place}" if place % 4 == 0 else None,
        abstract_truncated=False,
    )
    return Stored(whole, changed=updated + timedelta(days=1), announced=submitted + timedelta(days=1))


@dataclass
class ArxivStandIn:
    """Answers like arXiv, except where a fault is in the queue."""

    papers: list[Stored]
    today: date = date(2024, 5, 2)
    oai_page: int = 10  # records of an OAI page; 2,500 at the real one
    faults: list[Fault | None] = field(default_factory=list)  # one for each request, in order
    requests: list[str] = field(default_factory=list)  # paths with their queries
    user_agents: list[str] = field(default_factory=list)
    moments: list[tuple[float, float]] = field(default_factory=list)  # begin and end of each answer, monotonic
    released: threading.Event = field(default_factory=threading.Event)  # lets hanging answers go
    pages: dict[str, bytes] = field(default_factory=dict)  # papers as HTML, by path
    is_sorted: bool = True
    spoil: Callable[[str], str] = str  # changes the text of an entry or a record
    url: str = ""

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/query"

    @property
    def oai_url(self) -> str:
        return f"{self.url}/oai"

    @property
    def feed_url(self) -> str:
        return f"{self.url}/atom"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        begin = time.monotonic()
        self.requests.append(request.path)
        self.user_agents.append(request.headers["User-Agent"])
        parts = urlsplit(request.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/html/"):
            page = self.pages.get(parts.path)
            send(request, page or b"<p>not here</p>", 200 if page else 404, "text/html; charset=utf-8")
            return
        if parts.path == "/api/query":
            status, body = self.api(query)
        elif parts.path == "/oai":
            status, body = 200, self.oai(query)
        else:
            status, body = 200, self.feed(parts.path.removeprefix("/atom/").split("+"))
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            fault(request, body)
        else:
            send(request, body, status)
        self.moments.append((begin, time.monotonic()))

    # --- the Atom API ---------------------------------------------------------------------------------------

    def api(self, query: dict[str, str]) -> tuple[int, bytes]:
        start, size = int(query.get("start", 0)), int(query.get("max_results", 10))
        if start + size > _MOST_OF_A_QUERY + _MOST_OF_A_PAGE or size > _MOST_OF_A_PAGE:
            return 400, self._atom([_api_error(f"max_results must not exceed {_MOST_OF_A_PAGE}")], 1, 0, 1)
        found = self._matching(query)
        return 200, self._atom([self._entry(one) for one in found[start : start + size]], len(found), start, size)

    def _matching(self, query: dict[str, str]) -> list[Stored]:
        alive = [one for one in self.papers if not one.is_deleted]
        if "id_list" in query:
            ids = query["id_list"].split(",")
            return [one for one in alive if one.paper.arxiv_id in ids]
        match = _SEARCH.fullmatch(query["search_query"])
        assert match, query["search_query"]
        wanted = {part.strip().removeprefix("cat:") for part in match["cats"].split(" OR ")}
        first, last = (
            datetime.strptime(match[name], "%Y%m%d").replace(tzinfo=UTC).date() for name in ("first", "last")
        )
        found = [
            one
            for one in alive
            if wanted & set(one.paper.categories) and one.paper.submitted and first <= one.paper.submitted <= last
        ]
        return (
            sorted(found, key=lambda one: (str(one.paper.submitted), one.paper.arxiv_id)) if self.is_sorted else found
        )

    def _atom(self, entries: Sequence[str], total: int, start: int, size: int) -> bytes:
        return (
            "<?xml version='1.0' encoding='UTF-8'?>\n"
            '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/stand-in</id><title>arXiv Query</title>'
            f"<updated>{self.today}T00:00:00Z</updated>"
            '<link href="https://arxiv.org/api/query" type="application/atom+xml"/>'
            f"<opensearch:itemsPerPage>{size}</opensearch:itemsPerPage>"
            f"<opensearch:totalResults>{total}</opensearch:totalResults>"
            f"<opensearch:startIndex>{start}</opensearch:startIndex>{''.join(entries)}</feed>"
        ).encode()

    def _entry(self, one: Stored) -> str:
        paper = one.paper
        optional = "".join(
            f"<arxiv:{tag}>{escape(text)}</arxiv:{tag}>"
            for tag, text in (("comment", paper.comment), ("journal_ref", paper.journal_ref), ("doi", paper.doi))
            if text
        )
        link = f"http://arxiv.org/abs/{paper.arxiv_id}v{paper.version}"
        return self.spoil(
            f"<entry><id>{link}</id><title>{escape(paper.title)}</title><updated>{paper.updated}T07:00:00Z</updated>"
            f'<link href="{link}" rel="alternate" type="text/html"/>'
            f'<link href="{link}" rel="related" type="application/pdf" title="pdf"/>'
            f"<summary>{escape(paper.abstract)}</summary>"
            + "".join(f'<category term="{name}" scheme="http://arxiv.org/schemas/atom"/>' for name in paper.categories)
            + f"<published>{paper.submitted}T17:00:00Z</published>{optional}"
            f'<arxiv:primary_category term="{paper.categories[0]}"/>'
            + "".join(f"<author><name>{escape(name)}</name></author>" for name in paper.authors)
            + "</entry>"
        )

    # --- OAI-PMH --------------------------------------------------------------------------------------------

    def oai(self, query: dict[str, str]) -> bytes:
        verb = query.get("verb", "")
        if verb == "Identify":
            return self._oai(
                verb,
                f"<Identify><repositoryName>arXiv</repositoryName><baseURL>{self.oai_url}</baseURL><protocolVersion>2.0"
                "</protocolVersion><earliestDatestamp>2005-09-16</earliestDatestamp><deletedRecord>persistent"
                "</deletedRecord><granularity>YYYY-MM-DD</granularity></Identify>",
            )
        if verb == "ListMetadataFormats":
            formats = "".join(
                f"<metadataFormat><metadataPrefix>{n}</metadataPrefix></metadataFormat>" for n in ("arXiv", "arXivRaw")
            )
            return self._oai(verb, f"<ListMetadataFormats>{formats}</ListMetadataFormats>")
        if verb == "ListSets":
            names = sorted({oai_set(name) for one in self.papers for name in one.paper.categories})
            sets = "".join(f"<set><setSpec>{name}</setSpec></set>" for name in names)
            return self._oai(verb, f"<ListSets>{sets}</ListSets>")
        if verb == "GetRecord":
            return self._get_record(query)
        return self._list(verb, query) if verb in {"ListRecords", "ListIdentifiers"} else self._error("badVerb", "?")

    def _get_record(self, query: dict[str, str]) -> bytes:
        wanted = query.get("identifier", "").removeprefix("oai:arXiv.org:")
        one = next((one for one in self.papers if one.paper.arxiv_id == wanted), None)
        if one is None:
            return self._error("idDoesNotExist", f"{wanted} does not exist")
        return self._oai("GetRecord", f"<GetRecord>{self._record(one, query['metadataPrefix'])}</GetRecord>")

    def _list(self, verb: str, query: dict[str, str]) -> bytes:
        token = query.get("resumptionToken")
        if token:  # a query and an offset within the days from the last one on, as the real service writes it
            query = {"verb": verb, **{key: values[0] for key, values in parse_qs(token).items()}}
        skip, prefix = int(query.get("skip", 0)), query.get("metadataPrefix", "")
        if prefix not in {"arXiv", "arXivRaw"}:
            return self._error("cannotDisseminateFormat", prefix)
        since = date.fromisoformat(query.get("from", "2005-09-16"))
        found = [one for one in self.papers if one.changed >= since and self._in_set(one, query.get("set", ""))]
        found.sort(key=lambda one: (one.changed, one.paper.arxiv_id))
        if not found[skip:]:
            return self._error("noRecordsMatch", "nothing matches")
        page, rest = found[skip : skip + self.oai_page], found[skip + self.oai_page :]
        last_day = page[-1].changed
        done = sum(one.changed == last_day for one in found[: skip + len(page)])
        following = {"from": last_day.isoformat(), "set": query.get("set", ""), "metadataPrefix": prefix, "skip": done}
        token = f"<resumptionToken>{escape(urlencode(following)) if rest else ''}</resumptionToken>"
        records = "".join(self._record(one, prefix, bare=verb == "ListIdentifiers") for one in page)
        return self._oai(verb, f"<{verb}>{records}{token}</{verb}>")

    def _in_set(self, one: Stored, name: str) -> bool:
        return not name or any(f"{oai_set(category)}:".startswith(f"{name}:") for category in one.paper.categories)

    def _record(self, one: Stored, prefix: str, *, bare: bool = False) -> str:
        paper = one.paper
        sets = "".join(f"<setSpec>{oai_set(name)}</setSpec>" for name in paper.categories)
        status = ' status="deleted"' if one.is_deleted else ""
        header = (
            f"<header{status}><identifier>oai:arXiv.org:{paper.arxiv_id}</identifier>"
            f"<datestamp>{one.changed}</datestamp>{sets}</header>"
        )
        if bare:
            return header
        body = "" if one.is_deleted else f"<metadata>{_FORMATS[prefix](one)}</metadata>"
        return self.spoil(f"<record>{header}{body}</record>")

    def _oai(self, verb: str, body: str) -> bytes:
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<responseDate>{self.today}T02:00:00Z</responseDate>"
            f'<request verb="{verb}">{escape(self.oai_url)}</request>{body}</OAI-PMH>'
        ).encode()

    def _error(self, code: str, said: str) -> bytes:
        return self._oai("", f'<error code="{code}">{escape(said)}</error>')

    # --- the announcement feeds -----------------------------------------------------------------------------

    def feed(self, categories: Sequence[str]) -> bytes:
        entries = [
            f"<entry><id>oai:arXiv.org:{one.paper.arxiv_id}v{one.paper.version}</id>"
            f"<title>{escape(one.paper.title)}</title><updated>{self.today}T04:00:00+00:00</updated>"
            f"<summary>arXiv:{one.paper.arxiv_id} Announce Type: {kind}\n"
            f"Abstract: {escape(one.paper.abstract)}</summary>"
            f"<published>{one.announced}T00:00:00-04:00</published><arxiv:announce_type>{kind}</arxiv:announce_type>"
            f"<dc:creator>{escape(', '.join(one.paper.authors))}</dc:creator></entry>"
            for one in self.papers
            if one.announced == self.today and set(categories) & set(one.paper.categories)
            for kind in [one.kind if one.paper.categories[0] in categories or one.kind != "new" else "cross"]
        ]
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:arxiv="http://arxiv.org/schemas/atom" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">'
            f"<id>http://rss.arxiv.org/atom/{'+'.join(categories)}</id>"
            f"<title>{'+'.join(categories)} updates on arXiv.org</title><updated>{self.today}T04:00:00+00:00</updated>"
            f"{''.join(entries)}</feed>"
        ).encode()


def _api_error(said: str) -> str:
    return (
        "<entry><id>https://arxiv.org/api/errors#refused</id><title>Error</title><updated>2024-04-01T00:00:00Z</updated>"
        '<link href="https://arxiv.org/api/errors#refused" rel="alternate" type="text/html"/>'
        f"<summary>{said}</summary><author><name>arXiv api core</name></author></entry>"
    )


def _fields(paper: Paper) -> str:
    pairs = (
        ("title", paper.title),
        ("categories", " ".join(paper.categories)),
        ("comments", paper.comment),
        ("journal-ref", paper.journal_ref),
        ("doi", paper.doi),
        ("license", "http://creativecommons.org/licenses/by/4.0/"),
        ("abstract", paper.abstract),
    )
    return "".join(f"<{tag}>{escape(text)}</{tag}>" for tag, text in pairs if text)


def _raw(one: Stored) -> str:
    paper = one.paper
    days = [paper.submitted, *[paper.updated] * (paper.version - 1)]
    versions = "".join(
        f'<version version="v{n}"><date>{_moment(day)}</date><size>12kb</size><source_type>D</source_type></version>'
        for n, day in enumerate(days, start=1)
    )
    line = ", ".join(paper.authors)
    for char, tex in _TEX.items():
        line = line.replace(char, tex)
    return (
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{paper.arxiv_id}</id><submitter>A Person</submitter>'
        f"{versions}<authors>{escape(line)}</authors>{_fields(paper)}</arXivRaw>"
    )


def _moment(day: date | None) -> str:
    assert day
    return format_datetime(datetime(day.year, day.month, day.day, 17, tzinfo=UTC), usegmt=True)


def _structured(one: Stored) -> str:
    paper = one.paper
    authors = "".join(
        f"<author><keyname>{escape(last)}</keyname><forenames>{escape(first)}</forenames></author>"
        for first, _, last in (name.rpartition(" ") for name in paper.authors)
    )
    updated = f"<updated>{paper.updated}</updated>" if paper.version > 1 else ""
    return (
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{paper.arxiv_id}</id><created>{paper.submitted}</created>'
        f"{updated}<authors>{authors}</authors>{_fields(paper)}</arXiv>"
    )


_FORMATS = {"arXivRaw": _raw, "arXiv": _structured}


def send(
    request: BaseHTTPRequestHandler, body: bytes, status: int = 200, kind: str = "text/xml", **headers: str
) -> None:
    """Answer a request."""
    request.send_response(status)
    request.send_header("Content-Type", kind)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    if not {"Content_Length", "Location"} & set(headers):
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


@contextmanager
def serve(stand_in: ArxivStandIn) -> Iterator[ArxivStandIn]:
    """Serve the stand-in on a free port of the loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stand_in.answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield stand_in
    finally:
        stand_in.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
