"""The text of a models.toml → the month's model releases, each fact with its source; errors name the line (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from digest.figure import Cell, Source
from digest.toml_lines import Table, read_toml

FILE_NAME = "models.toml"
Value = float | str | date


class Unit(StrEnum):
    """What the value of a fact is counted in; the text says so to one who got it wrong."""

    BILLIONS = "a number above 0, in billions"
    TRILLIONS = "a number above 0, in trillions"
    ONES = "a number above 0"
    SCORE = "a score from 0 to 100, without quotes"
    TEXT = "text in quotes"
    DAY = "a day without quotes, such as 2024-04-18"


@dataclass(frozen=True, slots=True)
class Kind:
    """A fact that a model may have."""

    key: str
    name: str  # as printed
    unit: Unit


_KINDS = (
    Kind("released", "Released", Unit.DAY),
    Kind("parameters", "Parameters", Unit.BILLIONS),
    Kind("active", "Active parameters", Unit.BILLIONS),
    Kind("tokens", "Training tokens", Unit.TRILLIONS),
    Kind("data", "Training data", Unit.TEXT),
    Kind("vocabulary", "Vocabulary", Unit.ONES),
    Kind("context", "Context, in tokens", Unit.ONES),
    Kind("layers", "Layers", Unit.ONES),
    Kind("width", "Width of a layer", Unit.ONES),
    Kind("heads", "Attention heads", Unit.ONES),
    Kind("kv_heads", "Key-value heads", Unit.ONES),
    Kind("attention", "Attention", Unit.TEXT),
    Kind("shape", "Shape of the layers", Unit.TEXT),
    Kind("licence", "Licence", Unit.TEXT),
)
_MODEL_KEYS = ("name", "maker", "series", "facts")
_FACT_KEYS = ("id", "value", "source", "about", "shown")
_SOURCE_KEYS = ("id", "url", "where", "sentence", "missing")
_BENCHMARK_KEYS = ("id", "name")
_ABOUT = ("", "over", "about")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a page states of a model."""

    kind: Kind
    value: Value
    source: Source
    about: str = ""  # "over" or "about", where the page says no more
    shown: str = ""  # what is printed instead of the value: "64K"

    @property
    def cell(self) -> Cell:
        """The fact as a field of a table."""
        written = self.shown or _written(self.value, self.kind.unit)
        return Cell(f"{self.about} {written}".strip(), self.source)

    @property
    def number(self) -> float | None:
        """The value to draw; None for a text or a day."""
        return float(self.value) if isinstance(self.value, int | float) else None


@dataclass(frozen=True, slots=True)
class Release:
    """A model; a fact that nobody states is not among its facts."""

    name: str
    maker: str
    series: str  # what it is drawn as part of
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Releases:
    """The models of a month's file, and the kinds of facts it may use."""

    name: str  # of the file, for messages
    models: tuple[Release, ...]
    kinds: Mapping[str, Kind]


def parse_releases(text: str, name: str) -> Releases:
    """Read the text of a models.toml.

    Raises:
        UsageError: it is not as docs/editor.md says; the message names the file and the line.
    """
    whole = read_toml(text, name)
    whole.refuse_unknown(("benchmarks", "sources", "models"))
    kinds = {kind.key: kind for kind in (*_KINDS, *_benchmarks(whole))}
    sources = _sources(whole)
    models: dict[str, Release] = {}
    for table in whole.tables("models"):
        model = _model(table, kinds, sources)
        if model.name in models:
            raise table.error("name", f"the model {model.name!r} stands in the file already: keep one")
        models[model.name] = model
    return Releases(name, tuple(models.values()), kinds)


def _benchmarks(whole: Table) -> Iterator[Kind]:
    taken = {kind.key for kind in _KINDS}
    for table in whole.tables("benchmarks"):
        table.refuse_unknown(_BENCHMARK_KEYS)
        key = table.needed_text("id", "models name the benchmark by it")
        if key in taken:
            raise table.error("id", f"the id {key!r} is taken: choose another")
        taken.add(key)
        yield Kind(key, table.needed_text("name", "it is printed on the axis"), Unit.SCORE)


def _sources(whole: Table) -> dict[str, Source]:
    sources: dict[str, Source] = {}
    for table in whole.tables("sources"):
        table.refuse_unknown(_SOURCE_KEYS)
        key = table.needed_text("id", "facts name the source by it")
        if key in sources:
            raise table.error("id", f"the source {key!r} stands in the file already: keep one")
        url = table.needed_text("url", "it is the page that states the number")
        if not _is_address(url):
            raise table.error("url", f"{url!r} is no address: write it with https://")
        sentence, missing = table.text("sentence"), table.text("missing")
        if bool(sentence) == bool(missing):
            complaint = "give the page's own words as sentence, or say as missing why there are none; not both"
            raise table.error("sentence" if sentence else "id", complaint)
        where = table.needed_text("where", "say where on the page it stands")
        sources[key] = Source(url, where, " ".join(sentence.split()), missing)
    return sources


def _is_address(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).netloc)
    except ValueError:  # a bracket that is not closed
        return False


def _model(table: Table, kinds: Mapping[str, Kind], sources: Mapping[str, Source]) -> Release:
    table.refuse_unknown(_MODEL_KEYS)
    name = table.needed_text("name", "it is printed beside its point")
    facts: dict[str, Fact] = {}
    for row in table.tables("facts"):
        fact = _fact(row, kinds, sources)
        if fact.kind.key in facts:
            raise row.error("id", f"{name} has the fact {fact.kind.key!r} twice: keep one")
        facts[fact.kind.key] = fact
    return Release(name, table.needed_text("maker", "say who made it"), table.text("series") or name, facts)


def _fact(row: Table, kinds: Mapping[str, Kind], sources: Mapping[str, Source]) -> Fact:
    row.refuse_unknown(_FACT_KEYS)
    key = row.needed_text("id", f"say which fact it is: {', '.join(kinds)}")
    if key not in kinds:
        raise row.error("id", f"there is no fact {key!r}: known are {', '.join(kinds)}")
    named = row.needed_text("source", "each fact needs the page it was read from")
    if named not in sources:
        raise row.error("source", f"there is no source {named!r} in the file: add it under [[sources]]")
    source, unit = sources[named], kinds[key].unit
    value = _fitting(row.values.get("value"), unit)
    if value is None:
        raise row.error("value", f"{key} must be {unit}")
    if isinstance(value, int | float) and source.sentence and not states(source.sentence, value, unit):
        raise row.error("value", f"the sentence of the source {named!r} does not state {value}")
    about = row.text("about")
    if about not in _ABOUT:
        raise row.error("about", f"about must be {' or '.join(repr(word) for word in _ABOUT[1:])}")
    return Fact(kinds[key], value, source, about, row.text("shown"))


_HIGHEST_SCORE = 100
_LARGEST = 1e12  # of a number in its unit: nothing that is counted here comes near it


def _fitting(value: object, unit: Unit) -> Value | None:
    """Return the value if it is what its unit wants, else None."""
    if unit is Unit.TEXT:
        return value if isinstance(value, str) and value.strip() else None
    if unit is Unit.DAY:
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    fits = 0 <= value <= _HIGHEST_SCORE if unit is Unit.SCORE else 0 < value <= _LARGEST
    return value if fits else None


# --- does the sentence say so? -------------------------------------------------------------------------------

_NUMBER = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(?:[ -]?(K|k|M|B|T|thousand|million|billion|trillion)\b)?")
_SCALES = {"k": (1e3, 1024), "m": (1e6,), "b": (1e9,), "t": (1e12,)}
_WORTH = {Unit.BILLIONS: 1e9, Unit.TRILLIONS: 1e12}
_ROUNDED = 5e-3  # of the value: 128K states 128,256
_EXACT = 1e-9


def states(sentence: str, value: float, unit: Unit) -> bool:
    """Tell whether one of the sentence's numbers is the value: bare, or with its unit as K, M, B, T or in words."""
    wanted = value * _WORTH.get(unit, 1)
    for digits, suffix in _NUMBER.findall(sentence):
        bare = float(digits.replace(",", ""))
        size = "k" if suffix == "thousand" else suffix[:1].lower()
        allowed = wanted * (_ROUNDED if size == "k" else _EXACT)
        if bare == value or any(abs(scale * bare - wanted) <= allowed for scale in _SCALES.get(size, (1,))):
            return True
    return False


# --- as printed ----------------------------------------------------------------------------------------------


def _written(value: Value, unit: Unit) -> str:
    """Write a value with its unit: 0.27 billion is 270M, a day is 18 April 2024."""
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, str):
        return value
    if unit is Unit.BILLIONS and value < 1:
        return f"{value * 1000:g}M"
    return f"{value:,g}B" if unit is Unit.BILLIONS else f"{value:,g}T" if unit is Unit.TRILLIONS else _plain(value)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,}"
