"""A sentence and its support → whether its words stand in the support's order, and go where it goes (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.write.words.wording import LIGHT, SAYING, STOP_WORDS, content, known, normal

_ORDERED_BY_ROLE = frozenset("in on for with by through using from via under across when while during among".split())
_OF = frozenset({"for", "of"})
_NEAR = 4  # content words after a direction in the source that may say where it goes


@dataclass(frozen=True, slots=True)
class _Word:
    stem: str
    form: str  # as it is written
    role: str  # the preposition, comma or "to" that its phrase begins with, where it is the first


def keeps_the_order(claim: str, support: str) -> bool:
    """Tell whether a claim's words stand in their support's order, moves apart that leave the meaning.

    "A outperforms B" and "B outperforms A" hold the same words. Words that stand twice in the claim are passed over,
    and those that stand twice in the support where none of them comes later.
    """
    said, held = _with_roles(claim), _with_roles(support)
    places: dict[str, list[int]] = {}
    for n, word in enumerate(held):
        places.setdefault(word.stem, []).append(n)
    previous, before = -1, None
    for one in said:
        found = places.get(one.stem, ())
        if one.stem in SAYING or not found or sum(one.stem == other.stem for other in said) > 1:
            continue
        place = next((n for n in found if n > previous), found[0])
        if place < previous:
            if len(found) > 1:
                continue
            if not _may_move(_Move(one, held[place], before, held[previous], held[place + 1 : previous + 1])):
                return False
        previous, before = place, one
    return True


@dataclass(frozen=True, slots=True)
class _Move:
    """A word that a claim puts after one that stands behind it in the support."""

    one: _Word  # in the claim
    there: _Word  # in the support
    before: _Word | None  # the word before it in the claim
    last: _Word  # that word in the support
    jumped: Sequence[_Word]  # what stands between in the support, the last one too


def _may_move(move: _Move) -> bool:
    if _with_its_preposition(move):
        return True
    if any(word.stem == "@beats" for word in (move.one, *move.jumped)):
        return False  # who beats whom
    return any(leaves_the_meaning(move) for leaves_the_meaning in _MOVES)


def _with_its_preposition(move: _Move) -> bool:
    """Let "on A, B does C" be "B does C on A": a phrase with its preposition, after a whole one."""
    is_one_phrase = move.one.role in _ORDERED_BY_ROLE and move.one.role == move.there.role
    return is_one_phrase and (move.before is None or move.last.role in {"", move.before.role})


def _as_means(move: _Move) -> bool:
    """Let "uses A to do B" be "does B with A"."""
    return move.one.role in _HOW and [word.role for word in move.jumped if word.role] == ["to"]


def _as_another_form(move: _Move) -> bool:
    """Let "retrieves candidates" be "candidate retrieval"."""
    return len(move.jumped) == 1 and not move.last.role and move.one.form != move.there.form


_MOVES = (_as_means, _as_another_form)
_HOW = frozenset("with by using via through".split())


def _with_roles(text: str) -> list[_Word]:
    """Return the words that carry content, in order."""
    words, role = [], ""
    for word in re.findall(r"\d+(?:,\d+)*(?:\.\d+)?|[a-z]+(?:\d+(?:\.\d+)?)?|[,;:()]", normal(text).lower()):
        if word in _ORDERED_BY_ROLE or word in _OF or word == "to":
            role = word
        elif word in ",;:()":
            role = ","
        elif word not in STOP_WORDS:
            words.append(_Word(known(word), word, role))
            role = ""
    return words


_MODIFIES = frozenset("with by using via through from without".split())


def keeps_the_object(claim: str, support: str) -> bool:
    """Tell whether a claim takes no modifier for the thing itself: "weaves cloth with gold" is not "weaves gold".

    That is so where two words stand side by side in the claim, and in the support one that the claim does not say, and
    the preposition of the second one's phrase, stand between them.
    """
    said, held = _with_roles(claim), _with_roles(support)
    stems = [word.stem for word in held]
    spoken = {word.stem for word in said}
    before = -1  # the place of the last word of the same phrase that the support has once
    for one in said:
        if one.role:
            before = -1
        if stems.count(one.stem) != 1:
            continue
        place = stems.index(one.stem)
        between = held[before + 1 : place + 1] if before >= 0 else []
        start = next((n for n, word in enumerate(between) if word.role in _MODIFIES), 0)
        if any(word.stem not in spoken | SAYING | LIGHT for word in between[:start]):
            return False
        before = place
    return True


_DIRECTION = re.compile(r"\b(into|onto|than|from|against|before|after)\b")


def goes_the_same_way(claim: str, support: str) -> bool:
    """Tell whether what follows "into", "than", "from" or "against" in a claim follows it in the support."""
    said, held = _after_directions(claim), _after_directions(support)
    return all(any(word == other and words[0] in near for other, near in held) for word, words in said if words)


def _after_directions(text: str) -> list[tuple[str, tuple[str, ...]]]:
    text = normal(text).lower()
    return [(match[1], content(text[match.end() :])[:_NEAR]) for match in _DIRECTION.finditer(text)]
