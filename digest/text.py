"""Text as sources give it → text fit to store, to print, to compare and to cut into sentences."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from pylatexenc.latex2text import get_default_latex_context_db

_LONGEST_TEX = 20_000  # characters; an abstract has at most 1,920 (info.arxiv.org/help/prep.html)
_NESTING = 4  # macros inside macros that are undone

# --- clean: what is stored ---------------------------------------------------------------------------------


_CLEAN = re.compile(r"[ -~]*")  # printable ASCII: three times as fast to see as what isprintable looks at


def normalise(text: str) -> str:
    """Return the text in NFC, on one line, without characters that do not show.

    Gone are controls, lone surrogates, non-characters and Unicode's format characters: zero-width ones, byte
    order marks, bidirectional controls, invisible tags. White space of any kind becomes single spaces.
    """
    if _CLEAN.fullmatch(text) and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text
    if not text.isprintable() or "  " in text or text[:1] == " " or text[-1:] == " ":
        text = " ".join(text.split())
        if not text.isprintable():  # looking at each character takes a hundred times as long
            text = " ".join("".join(char for char in text if char.isspace() or not _is_invisible(char)).split())
    if text.isascii() or unicodedata.is_normalized("NFC", text):
        return text
    return " ".join(unicodedata.normalize("NFC", text).split())


def _is_invisible(char: str) -> bool:
    is_noncharacter = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF  # noqa: PLR2004
    return unicodedata.category(char) in {"Cc", "Cf", "Cs"} or is_noncharacter


def fold_title(title: str) -> str:
    """Return the title's letters and digits, lower-case and without accents, to compare titles by."""
    decomposed = unicodedata.normalize("NFKD", plain_text(title)).casefold()
    return "".join(char for char in decomposed if char.isalnum())


_WORD = re.compile(r"[a-z0-9]{2,}")
# Words that say nothing of a paper by themselves. site/static/search.js reads queries by the same rule and list.
STOP_WORDS = frozenset(
    (
        "an the of for in on to and or with by from at as is are be this that we our it its can which using use via "
        "not than more has have been their these such into also how"
    ).split()
)


def plain_words(text: str) -> list[str]:
    """Return the words of a text: lower-case ASCII letters and digits, accents dropped, stop words left out."""
    if not text.isascii():
        text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]


def short_authors(authors: Sequence[str], n: int = 3) -> str:
    """Write "A, B, C et al.": the first n names, and et al. where there are more; "" where none is known."""
    names = ", ".join(plain_text(author) for author in authors[:n])
    return f"{names} et al." if len(authors) > n else names


# --- plain: TeX to print -----------------------------------------------------------------------------------

_TEX = re.compile(r"[\\$~{}]|--|``")
_KEPT = re.compile(
    r"(?<!\\)\$\$(?P<display>[^$]{1,300}?)\$\$|\\\[(?P<brackets>.{1,300}?)\\\]"
    r"|(?<!\\)\$(?P<macro>\\[^$]{1,300}?)(?<=\S)\$"
    r"|(?<!\\)\$(?=\S)(?P<dollars>[^$]{1,300}?)(?<=\S)\$(?!\d)"  # pandoc's rule, so that $5 is a price
    r"|\\\((?P<parens>.{1,300}?)\\\)"
    r"|(?P<url>https?://[^\s{}\\]{1,2000})"
)
_FIRST_MARK, _LAST_MARK = 0xE000, 0xF8FF  # private characters stand in for formulas and addresses
_MARK = re.compile("[\ue000-\uf8ff]")

_COMBINING = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328",
    "r": "\u030a",
}  # fmt: skip
_ACCENT = re.compile(
    r"\\(?P<sign>[\"'`^~=.])\s?(?:\{\s?\\?(?P<braced>[A-Za-z])\s?\}|(?P<bare>\\[ij](?![A-Za-z])|[A-Za-z]))"
    r"|\\(?P<letter>[uvHcdbkr])(?:\s?\{\s?\\?(?P<braced2>[A-Za-z])\s?\}|\s(?P<bare2>[A-Za-z])\b)"
)
_ELISION = re.compile(r"(?<=[^\W\d_])\\'(?=(?:s|t|re|ve|ll|d|m)\b)")  # model\'s: an escaped apostrophe
_TWO_ARGUMENTS = re.compile(r"\\(?:href|textcolor|colorbox)\s?\{[^{}]*\}\s?\{([^{}]*)\}")
_DROPPED = re.compile(r"\s?~?\\(?:cite[a-z]{0,9}|label|vspace|hspace)\*?\s?(?:\[[^][{}]{0,99}\])?\{[^{}]*\}")
_NOTE = re.compile(r"\s?\\footnote\s?\{([^{}]*)\}")
_UNWRAPPED = re.compile(
    r"\\(?:emph|text[a-z]{0,9}|underline|uline|mbox|url|path|ensuremath|math[a-z]{1,9}|boldsymbol|bm|operatorname)"
    r"\s?\\?\{([^{}]*?)\\?\}"
)
_SWITCH = re.compile(r"\{\s?\\(?:em|bf|it|tt|sc|sf|rm|sl|bfseries|itshape|scshape)\b\s?([^{}]*)\}")
_SYMBOL = re.compile(r"\\([A-Za-z]{1,40})(\s?)(?:\{\})?")
_OWN_SYMBOLS = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "etc": "etc.", "wrt": "w.r.t.", "xspace": ""}
_BRACED_WORD = re.compile(r"(?<!\\)\{([^\W\d_][\w-]{0,60}|)(?<!\\)\}")  # {BERT}, {ö}, {}
_DASHES = re.compile(r"(?<=\s)---?(?=\s)|(?<=[^\s\-!<])---?(?=[^\s\->])")
_TIE = re.compile(r"(?<=[^\W\d_])~(?=\S)|(?<=[\d.,;:)\]])~(?=[^\W\d_]|[(\[\\])")


@lru_cache(maxsize=16_384)  # the same names and abstracts are printed on many pages
def plain_text(text: str) -> str:
    r"""Return the text as a reader should see it, with simple TeX turned into Unicode.

    Accents, \emph and its kin, ties, dashes, escapes and short formulas are turned; a formula or macro that
    is not understood stays as it is written. Nothing raises, and the time is bounded.
    """
    if len(text) > _LONGEST_TEX or not _TEX.search(text):
        return text
    prose, kept = _set_aside(text)

    def plain(mark: re.Match[str]) -> str:
        match = kept[ord(mark[0]) - _FIRST_MARK]
        formula = _formula_of(match)
        return match[0] if formula is None else _plain_formula(formula) or match[0]

    return " ".join(_MARK.sub(plain, _plain_prose(prose)).split())


def _set_aside(text: str) -> tuple[str, list[re.Match[str]]]:
    """Put a mark in the place of each formula and address, and return them in order beside the rest."""
    kept: list[re.Match[str]] = []

    def put_aside(match: re.Match[str]) -> str:
        if len(kept) > _LAST_MARK - _FIRST_MARK:
            return match[0]
        kept.append(match)
        return chr(_FIRST_MARK + len(kept) - 1)

    text = re.sub(r"\\\\(?=[()])", r"\\", _MARK.sub("", text))  # doubled by some sources
    return _KEPT.sub(put_aside, text), kept


def _formula_of(match: re.Match[str]) -> str | None:
    """Return the TeX of a formula without what encloses it; None for an address."""
    return match["macro"] or match["dollars"] or match["parens"] or match["display"] or match["brackets"]


def plain_pieces(text: str) -> list[tuple[str, str]]:
    """Cut a text at its formulas: (prose as `plain_text` prints it, "") and (a formula in Unicode or "", its TeX).

    White space at the ends of prose is kept as one space, so that the pieces can be put together again.
    """
    if len(text) > _LONGEST_TEX or not _TEX.search(text):
        return [(text, "")]
    prose, kept = _set_aside(text)
    pieces: list[tuple[str, str]] = []
    for piece in re.split(f"({_MARK.pattern})", _plain_prose(prose)):
        match = kept[ord(piece) - _FIRST_MARK] if _MARK.fullmatch(piece) else None
        formula = _formula_of(match) if match else None
        if formula is not None:
            pieces.append((_plain_formula(formula), formula))
        elif piece:
            pieces.append((match[0] if match else re.sub(r"\s+", " ", piece), ""))
    return pieces


def formula_spans(text: str) -> list[tuple[int, int]]:
    """Return where the formulas of a text stand: (first character, one past the last), what encloses them included."""
    if len(text) > _LONGEST_TEX or not _TEX.search(text):
        return []
    return [match.span() for match in _KEPT.finditer(text) if _formula_of(match) is not None]


def plain_title(title: str) -> str:
    """Return a title as `plain_text` does, without the full stop that some end in."""
    plain = plain_text(title)
    return plain.removesuffix(".") if not plain.endswith("..") else plain


def _plain_prose(prose: str) -> str:
    for quote in "\"'":  # where one stands before no letter, sources escaped their quotes: no accents then
        if re.search(rf"\\{quote}(?![A-Za-z{{\\])", prose):
            prose = prose.replace(f"\\{quote}", quote)
    prose = _SYMBOL.sub(_symbol, _ACCENT.sub(_accented, _ELISION.sub("'", prose)))
    for _ in range(_NESTING):
        prose = _NOTE.sub(r" (\1)", _DROPPED.sub("", _TWO_ARGUMENTS.sub(r"\1", prose)))
        before, prose = prose, _BRACED_WORD.sub(r"\1", _SWITCH.sub(r"\1", _UNWRAPPED.sub(r"\1", prose)))
        if prose == before:
            break
    prose = re.sub(r"\\\\|\\(?=\s)", " ", prose)
    prose = _DASHES.sub(lambda dash: "—" if len(dash[0]) > 2 else "–", _TIE.sub(" ", prose))  # noqa: PLR2004
    if "``" in prose:
        prose = prose.replace("``", "“").replace("''", "”")
    return re.sub(r"\\([%&_#${}])", r"\1", prose)


def _accented(match: re.Match[str]) -> str:
    letter = match["braced"] or match["bare"] or match["braced2"] or match["bare2"]
    return unicodedata.normalize("NFC", letter[-1] + _COMBINING[match["sign"] or match["letter"]])


@cache
def _symbols() -> dict[str, str]:
    """Map the names of pylatexenc's macros to the symbol they print, where it is one whatever follows."""
    categories = get_default_latex_context_db().iter_macro_specs()
    fixed = {spec.macroname: spec.simplify_repl for spec in categories if isinstance(spec.simplify_repl, str)}
    return {name: sign for name, sign in fixed.items() if len(sign) == 1 or sign.isalpha()} | _OWN_SYMBOLS


def _symbol(match: re.Match[str]) -> str:
    sign = _symbols().get(match[1])
    if sign is None:
        return match[0]
    return sign + (match[2] if len(sign) != 1 else "")  # as TeX does: "Stra\ss e" is one word


_SPACING = re.compile(r"\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])|\\[!,;:]|(?<!\\)\{\}")
_FRACTION = re.compile(r"\\[dt]?frac\s?\{([^{}]*)\}\s?\{([^{}]*)\}")
_ROOT = re.compile(r"\\sqrt\s?\{([^{}]*)\}")
_SCRIPT = re.compile(r"([\^_])(?:\{([^{}]*)\}|([^\s{}\\]))")
_RAISED = str.maketrans("0123456789+-−=()ni∘", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ°")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")


def _plain_formula(tex: str) -> str:
    """Return a short formula in Unicode, or "" where it is not simple enough."""
    tex = _SYMBOL.sub(_symbol, _SPACING.sub("", tex.replace("\\ ", " ")))
    for _ in range(_NESTING):
        tex = _ROOT.sub(lambda m: "√" + _grouped(m[1]), _UNWRAPPED.sub(r"\1", tex))
        tex = _FRACTION.sub(lambda m: f"{_grouped(m[1])}/{_grouped(m[2])}", tex)
    tex = _SCRIPT.sub(_script, tex.replace("~", " ").replace("{,}", ","))
    tex = _BRACED_WORD.sub(r"\1", tex)
    tex = re.sub(r"\\([%&_#$])", r"\1", tex)
    return "" if re.search(r"[\\{}]", tex) else tex


def _grouped(tex: str) -> str:
    return tex if len(tex) == 1 or tex.isdigit() else f"({tex})"


def _script(match: re.Match[str]) -> str:
    inner = match[2] if match[2] is not None else match[3]
    small = inner.translate(_RAISED if match[1] == "^" else _LOWERED)
    if not set(small) & set(inner):
        return small
    return inner if inner in {"*", "′", "⋆"} else match[1] + _grouped(inner)


# --- sentences ---------------------------------------------------------------------------------------------

_STOP = re.compile(
    r"(?:https?://|www\.)\S{0,2000}[^\s.,;:!?)\]}\"'”’]|\\url\s?\{[^{}\s]{0,2000}\}"  # no stops inside these
    r"|(?<!\\)\$[^$]{1,300}(?<!\\)\$"
    r"|(?P<stop>[.!?…。！？]+)(?P<closers>[\"'”’»)\]}*]*)"
)
_WORD_BEFORE = re.compile(r"[^\s~(\[{\"“'‘/]*$")
# fmt: off
_NEVER_LAST = frozenset({
    "e.g", "eg", "i.e", "ie", "cf", "fig", "figs", "eq", "eqs", "eqn", "secs", "sect", "alg", "thm", "def",
    "prop", "lem", "refs", "vs", "viz", "resp", "approx", "ca", "w.r.t", "s.t", "dr", "prof", "mr", "mrs",
    "ms", "nos", "pp",
})
_SELDOM_LAST = frozenset({  # only where one of the openings follows
    "al", "etc", "i.i.d", "a.k.a", "u.s", "u.k", "e.u", "ph.d", "m.s", "b.s", "inc", "ltd", "co", "corp",
    "jr", "sr", "a.m", "p.m", "dept", "univ", "no", "sec", "tab", "ref", "vol", "st", "ed", "eds",
})
_OPENINGS = frozenset({
    "We", "The", "This", "These", "Our", "In", "However", "It", "To", "They", "Moreover", "Furthermore",
    "Additionally", "Here", "While", "Although", "For", "From", "With", "Recent", "Specifically", "Finally",
    "Experiments", "Extensive", "Using", "By", "As", "On", "Such", "Despite", "Yet", "Thus", "Hence",
    "Therefore", "Results",
})
# fmt: on
_NEXT_WORD = re.compile(r"[\"'“‘(\[{*]*([A-Za-z]*)([\w-]*)")
_GLUED = re.compile(r"[A-Z][a-z]*(?=[\s,:])")  # "margin distribution.We also": the space was lost
_LOOK_BACK = 60


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences as spans (first character, one past the last), in order.

    Together the spans hold every character that is not white space, and never overlap. A sentence whose space
    after the full stop was lost ("distribution.We also") is a sentence all the same.
    """
    edges = [0, *_edges(text), len(text)]
    pieces = ((start, text[start:end]) for start, end in pairwise(edges))
    return [
        (start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
        for start, piece in pieces
        if piece.strip()
    ]


def _edges(text: str) -> Iterator[int]:
    """Yield the places where one sentence ends and another begins."""
    start = 0
    for match in _STOP.finditer(text):
        if match["stop"] is None:
            continue
        end = match.end()
        before = text[max(start, match.start() - _LOOK_BACK) : match.start()]
        if sum(char.isalpha() for char in before) < 2 and match.start() - start < _LOOK_BACK:  # noqa: PLR2004
            continue  # "1." numbers what follows
        if _is_end(before, match["stop"], text[end : end + _LOOK_BACK], has_closers=bool(match["closers"])):
            yield end
            start = end


def _is_end(before: str, stop: str, after: str, *, has_closers: bool) -> bool:
    if stop[-1] in "。！？" or not after.strip():
        return True
    found = _WORD_BEFORE.search(before)
    word = found[0] if found else ""
    if not after[0].isspace():
        return stop == "." and not has_closers and _is_glued(word, after)
    following = _NEXT_WORD.match(after.lstrip())
    letters, rest = (following[1], following[2]) if following else ("", "")
    # xLSTM, mPLUG and gpt-4 may open a sentence; other small letters do not.
    if letters[:1].islower() and letters.islower() and not any(char.isdigit() for char in rest):
        return False
    if stop != ".":
        return True
    if word.lower() in _NEVER_LAST:
        return False
    is_initial = len(word) == 1 and word.isalpha() and word.isupper()
    return letters + rest in _OPENINGS if is_initial or word.lower() in _SELDOM_LAST else True


def _is_glued(word: str, after: str) -> bool:
    """Tell whether a full stop between two words ends a sentence: not in Node.js, StatBot.Swiss or Dr.V."""
    following = _GLUED.match(after)
    if following is None or len(word) == 1 or "." in word or word.lower() in _NEVER_LAST:
        return False
    return word.islower() or following[0] in _OPENINGS
