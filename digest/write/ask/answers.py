"""The form of an answer: as a JSON schema, as a grammar, and read again from what a model gave (pure)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from digest.text import normalise
from digest.write.ask.writer import CHOICES, LISTS

LONGEST = 400  # characters of a field
_LONGEST_OF = {"reason": 300, "answer": 900}  # of one that must leave room for the next, and of up to three sentences
# What a field may not hold, as a GBNF character class. Without these there is no markup, no escape and no chat token;
# nor is the JSON broken by a bare line break, which was a common cause of answers that could not be read.
_BARRED = r"\"\\<>{}\[\]`|*#\x00-\x1F\x7F"
# Nor, where English is wanted, the letters into which a model of many languages slips in the middle of a sentence.
_FOREIGN = r"\u0400-\u1DFF\u2E80-\uD7FF\uE000-\uFFFF"
# Fields of one sentence: after a full stop stands neither a blank nor a word with a capital ("done.Overall, ..."), so
# that no second one begins, and the first one has its own.
_ONE_SENTENCE = frozenset({"problem", "method", "result", "limits", "tldr", "reason"})
# Fields whose text is held against the abstract as a whole. They begin as people tell of a paper: left free, a model of
# 1.5 billion parameters copied the titles of five in twelve, and held to verbs it took wrong ones ("Releases retrieval
# heads"). What is printed leaves these words away.
_OF_THE_PAPER = frozenset({"tldr", "summary"})
OPENING = "This paper"
FORM = "5"  # part of a text's identity: raise it with any change of the grammar

UNSAID = "not stated"  # what the prompts ask for where the paper does not say it
_UNSAID = re.compile(
    r"(?:[\w ]{0,40}\b(?:is|are) )?not (?:\w+ly )?(?:stated|mentioned|specified|given|provided|discussed|applicable)\b"
    r"|(?:n/?a|none|unknown)\W*$|no (?:\w+ )?(?:information|details?|mention)\b"
    r"|(?:none|no [\w ]{3,40}) (?:is |are |was |were )?(?:\w+ly )?(?:stated|mentioned|specified|given)\b"
    r"|(?:the|this|these) (?:abstract|paper|study|work|text|passages?|authors?|research|framework) (?:does|do|did) not "
    r"(?:\w+ly )?(?:mention|state|specify|provide|discuss|give|say|report|describe|answer|address)\b",
    re.IGNORECASE,
)


def schema(fields: Sequence[str], offered: Sequence[str] = ()) -> dict[str, Any]:
    """Return the JSON schema of an object with these fields, for a server that holds its model to one.

    `offered`: the words that a list may hold.
    """
    return {
        "type": "object",
        "properties": {name: _property(name, offered) for name in fields},
        "required": list(fields),
        "additionalProperties": False,
    }


def _property(name: str, offered: Sequence[str]) -> dict[str, Any]:
    if name in LISTS:
        word = {"type": "string", "enum": list(offered)}
        return {"type": "array", "items": word, "minItems": 1, "maxItems": LISTS[name]}
    text = {"type": "string", "maxLength": _LONGEST_OF.get(name, LONGEST)}
    return {"type": "string", "enum": list(CHOICES[name])} if name in CHOICES else text


def grammar(fields: Sequence[str], offered: Sequence[str] = ()) -> str:
    """Return the same as a GBNF grammar, narrower: no markup in a field (github.com/ggml-org/llama.cpp, grammars)."""
    members = ' ", " '.join(rf'"\"{name}\": " {_rule(name, offered)}' for name in fields)
    root = f'root ::= "{{" {members} "}}"'
    english = f"char ::= [^{_BARRED}{_FOREIGN}]\nany ::= [^{_BARRED}]"
    within = f'[^.{_BARRED}{_FOREIGN}] | "." [^ .A-Z{_BARRED}{_FOREIGN}] | "." [A-Z] [A-Z0-9.,()-]'  # 1.6B, e.g., U.S.
    return f"{root}\n{english}\nwithin ::= {within}\n"


def _rule(name: str, offered: Sequence[str]) -> str:
    if name in CHOICES or name in LISTS:
        words = " | ".join(rf'"\"{word}\""' for word in CHOICES.get(name, offered))
        return rf'"[" ({words}) (", " ({words})){{0,{LISTS[name] - 1}}} "]"' if name in LISTS else f"({words})"
    most, begun = _LONGEST_OF.get(name, LONGEST), f'"\\"{_opening_of(name)}"'
    if name in _ONE_SENTENCE:
        # One character more than is read: a full stop that ends what had no room left is not taken for its own.
        return rf'{begun} within{{1,{most + 1}}} ".\""'
    return rf'{begun} {"any" if name == "translation" else "char"}{{1,{most}}} "\""'


def opening(fields: Sequence[str]) -> str:
    """Return what every answer begins with, up to the first word that is the model's own."""
    return "" if fields[0] in LISTS else f'{{"{fields[0]}": "{_opening_of(fields[0])}'


def _opening_of(name: str) -> str:
    return OPENING if name in _OF_THE_PAPER else ""


def is_closed(begun: str, fields: Sequence[str]) -> bool:
    """Tell whether an answer lacks nothing but its last brace: by the grammar, no field holds a quotation mark."""
    return begun.endswith("]") if fields[-1] in LISTS else begun.count('"') == 4 * len(fields)


def may_be_given_up(fields: Sequence[str]) -> bool:
    """Tell whether an answer is one text that is held against the abstract as a whole: then a wrong word ends it."""
    return len(fields) == 1 and fields[0] in _OF_THE_PAPER


def value_begun(begun: str) -> str:
    """Return the text of an answer's last field, as far as it has come."""
    _, opened, text = begun.rpartition('": "')
    return text if opened else ""


def whole(begun: str, fields: Sequence[str]) -> str:
    """Return an answer with its last brace; the field of one that was given up in its midst ends there."""
    if begun.endswith("}"):
        return begun
    if is_closed(begun, fields):
        return f"{begun}}}"
    return f'{begun}"}}' if may_be_given_up(fields) else begun


def read(answer: str, fields: Sequence[str]) -> dict[str, str]:
    """Return the fields that an answer fills, on one line each; {} where it holds none of them.

    An answer that was cut, or is wrapped in other words, is read as far as it goes.
    """
    found = _whole(answer) or _in_pieces(answer, fields)
    texts = {name: normalise(text) for name in fields if isinstance(text := found.get(name), str)}
    return {name: text[: _LONGEST_OF.get(name, LONGEST)] for name, text in texts.items() if text}


def finished(text: str, name: str = "") -> str:
    """Return a field's text with the full stop that its model left out; one that was cut short stays without."""
    is_cut = len(text) >= _LONGEST_OF.get(name, LONGEST) or text.endswith((",", ";", ":", "-"))
    return text if not text or is_cut or text.endswith((".", "!", "?")) else f"{text}."


def is_unsaid(text: str) -> bool:
    """Tell whether an answer says, in the prompts' words or a model's own, that the paper says nothing of it."""
    return bool(_UNSAID.match(text))


def read_list(answer: str, name: str, offered: Sequence[str]) -> tuple[str, ...]:
    """Return the words of an answer's list, each once; () where it is no list, or holds more or other ones."""
    found = _whole(answer).get(name)
    words = tuple(dict.fromkeys(found)) if isinstance(found, list) and all(one in offered for one in found) else ()
    return words if len(words) <= LISTS[name] else ()


def _whole(answer: str) -> Mapping[str, object]:
    begin, end = answer.find("{"), answer.rfind("}")
    try:
        value = json.loads(answer[begin : end + 1], strict=False) if 0 <= begin < end else None
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _in_pieces(answer: str, fields: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in fields:
        match = re.search(rf'"{name}"\s*:\s*"((?:[^"\\]|\\.)*)"', answer, re.DOTALL)
        if match:
            found[name] = re.sub(r"\\[nrt]", " ", match[1]).replace('\\"', '"')
    return found
