"""An English or a Chinese text → the numbers it tells, each with its unit; pure, and the same for both languages."""

import re
from dataclasses import dataclass

_SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "b": 1e9, "trillion": 1e12, "t": 1e12,
    "十": 10.0, "百": 100.0, "千": 1e3, "萬": 1e4, "億": 1e8, "兆": 1e12,
}  # fmt: skip
_UNITS = (
    (r"個?百分點|percentage points?|points?|點", "points"),
    (r"%|％|percent|per cent", "%"),
    (r"[x×](?![A-Za-z])|times|-?fold|倍", "times"),
    (r"[KMGT]B(?![A-Za-z])", "bytes"),
    (r"ms(?![A-Za-z])|milliseconds?|毫秒", "ms"),
    (r"s(?![A-Za-z])|seconds?|秒", "s"),
    (r"minutes?|分鐘", "min"),
    (r"hours?|小時", "h"),
    (r"days?|天", "days"),
    (r"weeks?|週|周|星期", "weeks"),
)
_SCALE = r"(?:thousand|million|billion|trillion|[十百千]?[萬億兆]|[百千]|[kKMBT](?![A-Za-z]))"
# Not within a name such as GPT-4 or 4D: nothing of a word before it, and no letter after it but a unit's.
_NUMBER = re.compile(
    rf"(?<![A-Za-z0-9._-])(?P<of>百分之\s*)?(?P<digits>\d[\d,]*(?:\.\d+)?)\s*-?(?P<scale>{_SCALE})?\s*(?P<unit>"
    + "|".join(units for units, _ in _UNITS)
    + r")?(?![A-Za-z])"
)
_WORDS = dict(zip("two three four five six seven eight nine ten eleven twelve".split(), range(2, 13), strict=True)) | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "hundred": 100,
}  # fmt: skip
_IMPLIED = (  # words that a translator may turn into a number, and the number
    (r"both|pair|dual|twice|doubl\w*|bi\w+|second|couple|two-\w+", 2.0),
    (r"one|single|first|once|uni\w+", 1.0),
    (r"triple\w*|thrice|third|tri\w+", 3.0),
    (r"hal(?:f|ves|ved|ving)", 0.5),
    (r"fourth|quad\w*|quarters?", 4.0),
    (r"tens|dozens?", 10.0),
    (r"hundreds?", 100.0),
    (r"thousands?", 1e3),
    (r"millions?", 1e6),
    (r"billions?", 1e9),
)
_NUMERALS = dict(zip("零一二三四五六七八九", range(10), strict=True)) | {"兩": 2}
_RUN = re.compile(r"[零一二兩三四五六七八九十百千萬億兆]+")
# What a numeral counts; without one it is a part of a word, as in 一般 or 三角.
_COUNTED = re.compile(r"\s?[個種項類倍層張位篇組套步天年月週次件份部條則名座款代輪階大小維者]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as a text tells it."""

    value: float
    unit: str  # "%", "times", "points", a size or a time; "" where it is another or none
    place: int  # of its first character

    def equals(self, other: "Quantity") -> bool:
        """Tell whether both tell the same."""
        near = abs(self.value - other.value) <= 1e-6 * max(abs(self.value), abs(other.value))
        return near and (self.unit == other.unit or {self.unit, other.unit} == {"points", ""})


def in_digits(text: str) -> list[Quantity]:
    """Return the numbers that are written in digits, in their order."""
    return [_quantity(match) for match in _NUMBER.finditer(text)]


def _quantity(match: re.Match[str]) -> Quantity:
    value = float(match["digits"].replace(",", ""))
    for sign in _scale_signs(match["scale"] or ""):
        value *= _SCALES[sign]
    return Quantity(value, "%" if match["of"] else _unit(match["unit"] or ""), match.start())


def _scale_signs(scale: str) -> list[str]:
    return [scale.lower()] if scale.isascii() and scale else list(scale)


def _unit(written: str) -> str:
    found = next((name for form, name in _UNITS if written and re.fullmatch(form, written)), "")
    return written if found == "bytes" else found


def is_quantity(token: str) -> bool:
    """Tell whether a word is a number with a scale or unit and nothing else, such as 7B."""
    return _NUMBER.fullmatch(token) is not None


def in_words(text: str) -> list[Quantity]:
    """Return the numbers of an English text that are written out and that a translation must keep."""
    words = re.finditer(
        rf"\b(?P<word>{'|'.join(_WORDS)})\b\s*(?P<unit>times|days?|hours?|weeks?|minutes?|seconds?)?", text.lower()
    )
    return [Quantity(float(_WORDS[match["word"]]), _unit(match["unit"] or ""), match.start()) for match in words]


def implied(text: str) -> list[Quantity]:
    """Return the numbers that words of an English text imply: a translation may write them, and need not."""
    return [
        Quantity(value, "", match.start())
        for form, value in _IMPLIED
        for match in re.finditer(rf"\b(?:{form})\b", text.lower())
    ]


def in_numerals(text: str, *, counting: bool) -> list[Quantity]:
    """Return the numbers that a Chinese text writes in numerals; `counting`: only those that surely count something."""
    found = []
    for match in _RUN.finditer(re.sub(r"[一三兩幾]分之[一二三四五六七八九]", "", text)):
        after = text[match.end() : match.end() + 2]
        value = value_of_numerals(match[0])
        before = text[: match.start()].rstrip()[-1:]
        if value is None or before.isdigit() or (counting and (not _COUNTED.match(after) or value < 2)):  # noqa: PLR2004
            continue  # digits before it: it is their scale
        unit = next((name for form, name in _UNITS if re.match(form, after.strip())), "")
        found.append(Quantity(value, unit, match.start()))
    return found


def value_of_numerals(numerals: str) -> float | None:
    """Read Chinese numerals such as 十二, 三百 or 兩萬; None where they are no number."""
    total, section, digit = 0.0, 0.0, None
    for sign in numerals:
        if sign in _NUMERALS:
            if digit:
                return None  # 二三: two words beside each other
            digit = _NUMERALS[sign]
        elif sign in "十百千":
            section += (1 if digit is None else digit) * _SCALES[sign]
            digit = None
        else:
            total += (section + (digit or 0) or 1) * _SCALES[sign]
            section, digit = 0.0, None
    return total + section + (digit or 0)
