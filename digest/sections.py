"""The sections of digest.toml: what each key may hold, and what it is where nobody sets it."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

ARXIVS_PAUSE = 3.0  # info.arxiv.org/help/api/tou.html
_PAGES_LIMIT = 1_000_000_000  # bytes of a site (docs.github.com/pages, "GitHub Pages limits")
_HELPER = re.compile(r"[A-Za-z0-9+.-]*::")  # git runs a program of that name (gitremote-helpers(7))
_MANY = 1_000_000_000  # more than there ever are of anything: a slip of the pen
_LANGUAGES = ("en", "zh-Hant", "zh-Hans")
_CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.[A-Za-z]{2,})?", re.ASCII)


def seconds_in(text: str) -> float:
    """Read a length of time such as 2h, 90m or 1h30m.

    Raises:
        ValueError: it is none, or is no time at all.
    """
    found = re.fullmatch(r"(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?", text.strip().lower(), re.ASCII)
    seconds = (
        sum(int(part or 0) * size for part, size in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0
    )
    if not seconds:
        raise ValueError(f"{text!r} is no length of time: write it like 2h, 90m or 1h30m")
    return float(seconds)


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError:  # a bracket that is not closed, a port that is no number
        return False


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Site(_Section):
    """[site]: the publication."""

    title: str = "digest"
    description: str = "A monthly magazine of arXiv papers"
    editor: str = ""  # printed as the editor's name
    base_url: str = "http://localhost:8000/"  # where the site will be read: links in feeds are absolute
    content: Path = Path("site/content")  # the editor's files, a folder a month
    output: Path = Path("site/public")  # the built site
    templates: Path | None = None  # a folder of templates that replace ours, by name
    report_url: str = ""  # where a reader reports an error: a page, or mailto:…
    support: str = ""  # a note at the foot of each issue, in Markdown: how to subscribe, or to support the work
    domain: str = ""  # the site's own domain, for GitHub Pages
    languages: tuple[str, ...] = ("en",)  # of the pages' frame; the first one's stand at the root of the site
    cards: bool = True  # draw the pictures that other sites show beside a link
    max_bytes: int = Field(
        default=_PAGES_LIMIT, ge=0, le=1_000 * _PAGES_LIMIT
    )  # what is spare is left out beyond it; 0: no bound
    author_papers: int = Field(default=1, ge=1, le=_MANY)  # an author with at least so many listed papers has a page

    @field_validator("report_url")
    @classmethod
    def _leads_somewhere(cls, url: str) -> str:
        if url and not re.match(r"https?://[^/\s]+|mailto:\S+@\S+$", url):
            raise ValueError("must be a whole address, such as https://example.org/errors or mailto:me@example.org")
        return url

    @field_validator("domain")
    @classmethod
    def _is_a_domain(cls, domain: str) -> str:
        if domain and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
            raise ValueError("must be a bare domain in small letters, such as magazine.example.org")
        return domain

    @field_validator("languages")
    @classmethod
    def _are_languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [tag for tag in languages if tag not in _LANGUAGES]
        if unknown or not languages or len(set(languages)) < len(languages):
            raise ValueError(f"must be some of {', '.join(_LANGUAGES)}, each once")
        return languages

    @field_validator("base_url")
    @classmethod
    def _is_absolute(cls, url: str) -> str:
        # Pages' places are put behind it, so nothing may stand there.
        if not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", url) or not _has_host(url):
            raise ValueError("must be a whole address, such as https://you.github.io/digest/")
        return url.rstrip("/") + "/"


class Harvest(_Section):
    """[harvest]: which papers to fetch."""

    categories: tuple[str, ...] = ("cs.CL", "cs.LG", "cs.AI", "cs.CV")
    contact: str = ""  # a mail address for arXiv's operators, sent with each request
    api_url: str = "https://export.arxiv.org/api/query"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    feed_url: str = "https://rss.arxiv.org/atom"
    html_url: str = "https://arxiv.org/html"
    pause: float = Field(default=3.0, ge=0, le=3600)  # seconds between requests, of all programs together

    @field_validator("categories")
    @classmethod
    def _are_categories(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        for category in categories:
            if not _CATEGORY.fullmatch(category):
                raise ValueError(f"{category!r} is not an arXiv category: write it like cs.CL")
        return categories

    @model_validator(mode="after")
    def _keeps_arxivs_terms(self) -> Self:
        asks_arxiv = any("arxiv.org" in url for url in (self.api_url, self.oai_url, self.feed_url))
        if asks_arxiv and self.pause < ARXIVS_PAUSE:
            raise ValueError(f"pause must be {ARXIVS_PAUSE:g} seconds or more: arXiv's terms ask for it")
        return self


# A user's name alone may stand in an address; a token may be written as one.
_PASSWORD = re.compile(r"[a-z+]+://([^/@]*:[^/@]*|(gh[a-z]_|github_pat_|glpat-)[^/@]*)@")


def _without_password(model: str) -> str:
    if _PASSWORD.match(model):
        raise ValueError("holds a password: take it out, and put the key into the variable that its _key setting names")
    return model


def is_address(model: str) -> bool:
    """Tell whether a model is named by a server's address."""
    return model.startswith(("http://", "https://"))


def _read_sha256(pin: str) -> str:
    if pin and not re.fullmatch(r"[0-9a-f]{64}", pin.lower(), re.ASCII):
        raise ValueError("must be a SHA-256, 64 hexadecimal digits: `digest doctor` and `sha256sum` print it")
    return pin.lower()


# "embedded", "none", "writer" (that of [models]), the path of a GGUF file, or an OpenAI-compatible server's address
_ModelName = Annotated[str, AfterValidator(_without_password)]
_Sha256 = Annotated[str, AfterValidator(_read_sha256)]  # what a model's file must have; "": whatever lies there


def _check_pin(pin: str, key: str, model: str, *no_files: str) -> None:
    """Refuse a pin of what is no file of its own."""
    if pin and (model in no_files or is_address(model)):
        raise ValueError(f"{key}_sha256 pins a file, and {key} is {model!r}: take one of them out")


class Models(_Section):
    """[models]: the encoder and the writer."""

    encoder: str = "embedded"  # "embedded" (all-MiniLM-L6-v2) or a folder with a sentence-transformers model
    encoder_sha256: _Sha256 = ""  # of its model.safetensors
    writer: _ModelName = "embedded"  # SmolLM2-135M-Instruct
    writer_sha256: _Sha256 = ""
    writer_model: str = ""  # what the server calls its model
    writer_key: str = "DIGEST_WRITER_KEY"  # the environment variable that holds the server's key, where it wants one
    translator: _ModelName = ""  # for the summaries on Chinese pages; "": they stay in English
    translator_sha256: _Sha256 = ""
    translator_model: str = ""  # what the server calls its model
    translator_key: str = "DIGEST_TRANSLATOR_KEY"  # the environment variable with the server's key
    kinds: tuple[Literal["summary", "tldr", "structured"], ...] = ()  # (): what the model is good for
    threads: int = Field(default=0, ge=0, le=256)  # 0: as many as there are cores
    context: int = Field(default=2048, ge=512, le=131072)  # tokens the writer may hold
    at_once: int = Field(default=8, ge=1, le=256)  # requests to a server at a time
    deadline: float = Field(default=600, gt=0, le=86_400)  # seconds without a sign of a model, or of a server's answer
    cache: Path | None = None  # for model files in a faster format; the user's cache folder where not set

    @model_validator(mode="after")
    def _names_files(self) -> Self:
        if self.writer == "writer":
            raise ValueError('writer is "writer", which is itself: name a GGUF file or a server, "embedded" or "none"')
        _check_pin(self.writer_sha256, "writer", self.writer)
        _check_pin(self.translator_sha256, "translator", self.translator)
        return self

    @field_validator("translator")
    @classmethod
    def _can_translate(cls, translator: str) -> str:
        if translator in {"embedded", "none"}:
            raise ValueError('"embedded" cannot translate: name a GGUF file or a server, or leave it empty for English')
        return translator


class Select(_Section):
    """[select]: how many papers an issue lists, and whose taste decides."""

    entries: int = Field(default=60, ge=1, le=500)
    per_topic: int = Field(default=8, ge=1, le=_MANY)  # so that one theme does not fill the list
    caps: dict[str, Annotated[int, Field(ge=0, le=_MANY)]] = {}  # how many papers of a topic at most, by its slug
    picks: Path | None = None  # papers a person chose: JSONL, BibTeX or CSL-JSON; the bundled picks where not set
    interests: tuple[str, ...] | None = None  # in plain words
    diversity: float = Field(default=2.0, ge=0, le=10)  # what likeness to a paper chosen already takes from a score
    rater: _ModelName = "none"  # who rates the papers in doubt
    rater_sha256: _Sha256 = ""
    rater_model: str = ""  # what the server calls its model
    band: int = Field(default=120, ge=2, le=5000)  # papers in doubt: from the middle of the list to beyond its end

    @model_validator(mode="after")
    def _pins_a_file(self) -> Self:
        _check_pin(self.rater_sha256, "rater", self.rater, "none", "writer")
        return self


class Tags(_Section):
    """[tags]: who chooses the topics of the listed papers among those that score best."""

    chooser: _ModelName = "none"  # the scores alone
    chooser_sha256: _Sha256 = ""
    chooser_model: str = ""  # what the server calls its model
    candidates: int = Field(default=6, ge=2, le=20)  # so many topics are offered to it

    @model_validator(mode="after")
    def _pins_a_file(self) -> Self:
        _check_pin(self.chooser_sha256, "chooser", self.chooser, "none", "writer")
        return self


class Gate(_Section):
    """[gate]: when an issue does not publish itself."""

    max_fallback_share: float = Field(default=1.0, ge=0, le=1)  # of the written summaries
    max_gap_share: float = Field(default=0.05, ge=0, le=1)  # of the papers that arXiv says there are


class Publish(_Section):
    """[publish]: the Git branch that the built site is pushed to."""

    remote: str = ""  # an address, a path, or the name of a remote of digest.toml's repository; "": nowhere
    branch: str = "gh-pages"
    history: Literal["kept", "squashed"] = "kept"  # a commit for each change, or one in the place of all of ours
    author: str = "digest <digest@localhost>"
    token: SecretStr = SecretStr("")  # for HTTPS; from the environment only

    @field_validator("remote")
    @classmethod
    def _holds_no_password(cls, remote: str) -> str:
        if _PASSWORD.match(remote):
            raise ValueError("holds a password: take it out, and set DIGEST_PUBLISH__TOKEN in the environment")
        if remote.startswith("-") or _HELPER.match(remote):
            raise ValueError("is no address of a repository")
        return remote

    @field_validator("branch")
    @classmethod
    def _is_a_branch(cls, branch: str) -> str:
        # git-check-ref-format(1), without the characters that nobody needs here
        if not re.fullmatch(r"(?!.*(\.\.|//|\.lock(/|$)|\.$|/$|/\.))[A-Za-z0-9_][A-Za-z0-9._/-]*", branch):
            raise ValueError(f"{branch!r} is no name of a branch, such as gh-pages")
        return branch

    @field_validator("author")
    @classmethod
    def _is_an_author(cls, author: str) -> str:
        if not re.fullmatch(r"[^<>\n]+ <[^<>\s]+>", author):
            raise ValueError('must be written like "A Name <name@example.org>"')
        return author


class Search(_Section):
    """[search]: how the archive is searched."""

    exact_up_to: int = Field(default=200_000, ge=0, le=_MANY)  # papers; above it FAISS looks at the nearest lists only


class Mail(_Section):
    """[mail]: the letter of each finished issue."""

    host: str = ""  # the SMTP server; "": no letters
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr = SecretStr("")  # from the environment only
    sender: str = ""
    to: tuple[str, ...] = ()

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            _check_address(address)
        return addresses

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.host:
            _check_address(self.sender)
        return self


class Notify(_Section):
    """[notify]: chats, webhooks and push services, by their Apprise addresses."""

    urls: tuple[SecretStr, ...] = ()  # they hold tokens: from the environment only
    failures: bool = True  # tell them too when a night failed


def _check_address(address: str) -> None:
    if not re.fullmatch(r"[^@\s<>,;]+@[^@\s<>,;]+", address, re.ASCII):
        raise ValueError(f"{address!r} is no mail address, such as you@example.org")


class Schedule(_Section):
    """[schedule]: when `digest schedule` runs the night."""

    # All of arXiv's interfaces show the new day by then (info.arxiv.org/help/availability.html).
    cron: str = "17 7 * * *"
    timezone: str = "UTC"
    budget: str = ""  # how long a night may take until it stops to write, such as "2h"; "": as long as it must

    @field_validator("budget")
    @classmethod
    def _is_a_time(cls, budget: str) -> str:
        if budget:
            seconds_in(budget)
        return budget


class Serve(_Section):
    """[serve]: where the site and the archive are served from this machine, and to whom."""

    host: str = Field(default="127.0.0.1", min_length=1)  # this machine alone
    port: int = Field(default=8000, ge=0, le=65535)
    hosts: tuple[str, ...] = ()  # names by which it is asked, besides this machine's own and the site's
    origins: tuple[str, ...] = ()  # whose pages' scripts may read the API
    proxies: tuple[str, ...] = ()  # addresses whose X-Forwarded-For is believed
    per_minute: int = Field(default=120, ge=1, le=100_000)  # questions of one client, in the long run
    burst: int = Field(default=30, ge=1, le=100_000)  # and at once

    @field_validator("hosts")
    @classmethod
    def _are_names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if not re.fullmatch(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]", host):
                raise ValueError(f"{host!r} is no bare name in small letters, such as papers.example.org")
        return hosts

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", origin):
                raise ValueError(f"{origin!r} is no origin, such as https://example.org")
        return origins
