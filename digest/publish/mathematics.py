"""Text with TeX → HTML: prose in Unicode, formulas in MathML, what cannot be read as its source (pure)."""

import re
from functools import lru_cache

import nh3
from markupsafe import Markup, escape
from math_core import LatexError, LatexToMathML

from digest.publish.wording import printable
from digest.text import plain_pieces

_DEEPEST = 24  # braces within braces; the converter recurses natively, and thousands would break the process
_LONGEST = 300  # characters, as many as a formula has when `digest.text` finds it
_EXPANSIONS = 50
# Spellings of authors that the converter does not know, in words that it does.
_MACROS = {"widetilde": r"\tilde{#1}", "Tilde": r"\tilde{#1}", "textsf": r"\mathsf{#1}", "textsc": r"\text{#1}"}
_SPELLED = re.compile(r"\\unicode\{x([0-9A-Fa-f]{2,5})\}")
# MathML Core (w3.org/TR/mathml-core) without what links, acts or loads.
_TAGS = {
    "math", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow",
    "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder",
    "munderover",
}  # fmt: skip
_ATTRIBUTES = {
    "math": {"display"},
    "mi": {"mathvariant"},
    "mo": {
        "accent", "fence", "form", "largeop", "lspace", "maxsize", "minsize", "movablelimits", "rspace", "separator",
        "stretchy", "symmetric",
    },
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "mspace": {"width"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtd": {"columnspan", "rowspan"},
}  # fmt: skip
# Words that stand in a formula for their type alone ("$\textbf{ReFT}$"): in the reading type they break into lines.
_WORDS = re.compile(r"\\(?:text(?:bf|it|tt|sf|sc|rm|sl)?|emph|mbox)\s*\{(?:[^A-Za-z{}\\$^_]*[A-Za-z]){2}[^{}\\$^_]*\}")
# 3.5×, ≈10%, 77.8: figures look better in the reading type than in the formula's.
_FIGURES = re.compile(r"[\d.,:%×±~≈<>≤≥∼+/°\s-]+")
_CONVERTER = LatexToMathML(macros=_MACROS, max_expansions=_EXPANSIONS)


@lru_cache(maxsize=16_384)
def typeset(text: str) -> Markup:
    """Return a text as HTML, its formulas in MathML; a formula that cannot be read is printed as its source.

    White space at the ends is kept, as one space.
    """
    if "$" not in text and "\\" not in text:  # the rule; nothing here can be a formula
        text = " ".join(plain_pieces(text)[0][0].split(" "))
        return escape(printable(text))
    return Markup("").join(_piece(plain, tex) for plain, tex in plain_pieces(text))


def _piece(plain: str, tex: str) -> Markup:
    if not tex or (plain and (_FIGURES.fullmatch(plain) or _WORDS.fullmatch(tex))):
        return escape(printable(plain))
    return formula(tex)


@lru_cache(maxsize=16_384)
def formula(tex: str) -> Markup:
    """Return a formula as MathML, or its source where it is too deep, too long or not understood."""
    tex = printable(tex)
    if len(tex) > _LONGEST or _depth(tex) > _DEEPEST:
        return _source(tex)
    spelled = _SPELLED.sub(lambda match: chr(int(match[1], 16)) if int(match[1], 16) < 0xD800 else "", tex)  # noqa: PLR2004
    try:
        mathml = _CONVERTER.convert_with_local_state(spelled, displaystyle=False)
    except LatexError:
        return _source(tex)
    return clean_mathml(mathml)


def _depth(tex: str) -> int:
    depth = deepest = 0
    for char in tex:
        depth += (char == "{") - (char == "}")
        deepest = max(deepest, depth)
    return deepest


def _source(tex: str) -> Markup:
    return Markup('<code class="tex">{}</code>').format(tex)


def clean_mathml(mathml: str) -> Markup:
    """Return MathML without what links, acts or loads, whoever made it."""
    return Markup(nh3.clean(mathml, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, url_schemes=set()))  # noqa: S704
