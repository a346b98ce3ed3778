"""An English text and its translation → whether names, acronyms and models kept their Latin letters (pure)."""

import re
from collections.abc import Iterator

from digest.write.extract.weights import WORD_ODDS
from digest.write.faithful.quantities import is_quantity
from digest.write.words.stems import stem

_TOKEN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.+/&_’'-]*[A-Za-z0-9+])?")
_FIRST_WORD = re.compile(r"(?:^|[.!?:]\s+)[\"“(]*([A-Za-z0-9][\w.+-]*)")
_ACRONYM = re.compile(r"(?P<words>(?:[A-Za-z][\w-]*\s+){1,9})\((?P<acronym>[A-Z][A-Za-z-]*[A-Z][a-z]*)\)")
# Proper words that Chinese writes in its own letters; either form will do.
_CHINESE = {
    "english": "英", "chinese": "[中漢華]", "japanese": "日", "french": "法", "german": "德", "spanish": "西班牙",
    "arabic": "阿拉伯", "hindi": "印地", "korean": "韓", "russian": "俄", "african": "非洲", "european": "歐",
    "american": "美", "indian": "印度", "asian": "亞", "bayesian": "貝", "gaussian": "高斯", "markov": "馬",
    "monte": "蒙", "carlo": "卡", "fourier": "傅", "euclidean": "歐", "nash": "納", "turing": "圖靈", "boolean": "布",
    "newton": "牛頓", "pareto": "帕", "hessian": "[黑海]", "lagrangian": "拉", "hamiltonian": "哈", "riemannian": "黎",
    "internet": "網", "web": "網", "earth": "地球",
}  # fmt: skip


def names_of(text: str) -> set[str]:
    """Return the names of a text, as keys: in small letters, without hyphens and plurals."""
    first = {match[1] for match in _FIRST_WORD.finditer(text)}
    return {_key(part) for token in _TOKEN.findall(text) for part in _name_in(token, is_first=token in first)}


def _name_in(token: str, *, is_first: bool) -> Iterator[str]:
    """Yield the name that a word is, or that it holds: GPT-4 in GPT-4-outperforming."""
    if is_quantity(token) or token.isdigit():
        return
    parts = token.split("-")
    while len(parts) > 1 and parts[-1].islower():
        parts.pop()
    held = "-".join(parts)
    letters = [char for char in held if char.isalpha()]
    odd = any(char.isupper() for char in held[1:]) or (any(char.isdigit() for char in held) and letters)
    # A word that opens a sentence is none, nor one that abstracts use in small letters: Unified Framework.
    is_common = all(stem(part.lower()) in WORD_ODDS for part in parts)
    is_capital = held[:1].isupper() and len(letters) > 1 and not is_first and not is_common
    if letters and (odd or is_capital):
        yield held


def _key(word: str) -> str:
    bare = re.sub(r"[-_’']", "", word)
    return (bare[:-1] if len(bare) > 2 and bare.endswith("s") and not bare.endswith("ss") else bare).lower()  # noqa: PLR2004


def lost_names(translation: str, source: str) -> str:
    """Return the check that fails where a name of the source is not in its translation, or "".

    What an acronym stands for may be translated where the acronym itself stays: Mixture-of-Experts (MoE).
    """
    kept = _words(translation)
    for name in sorted(names_of(source) - _spelt_out(source)):
        chinese = _CHINESE.get(name)
        if name not in kept and not (chinese and re.search(chinese, translation)):
            return "a name is gone"
    return ""


def _spelt_out(source: str) -> set[str]:
    """Return the names that are plain words in capitals before their acronym in brackets."""
    found: set[str] = set()
    for match in _ACRONYM.finditer(source):
        capitals = [char for char in match["acronym"] if char.isupper()]
        words = match["words"].split()[-len(capitals) - 2 :]
        begin = next((n for n, word in enumerate(words) if word[0].upper() == capitals[0]), len(words))
        plain = [word for word in words[begin:] if all(part[1:].islower() for part in word.split("-") if part[1:])]
        found.update(_key(name) for word in plain for name in _name_in(word, is_first=False))
    return found


def strange_names(translation: str, source: str) -> str:
    """Return the check that fails where a translation has a Latin word that its source does not have, or ""."""
    known = _words(source)
    strange = [
        token
        for token in _TOKEN.findall(translation)
        if sum(char.isalpha() for char in token) > 1 and not is_quantity(token) and _key(token) not in known
    ]
    return "a name that the text does not have" if strange else ""


def _words(text: str) -> set[str]:
    """Return all Latin words as keys, compounds whole and in their parts."""
    tokens = _TOKEN.findall(text)
    held = [part for token in tokens for part in _name_in(token, is_first=False)]
    return {_key(word) for token in tokens for word in (token, *re.split(r"[-/]", token))} | set(map(_key, held))
