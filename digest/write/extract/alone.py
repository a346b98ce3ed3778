"""A sentence taken out of its abstract → whether it can be understood alone, and without its authors' person (pure)."""

import re

from digest.write.words.stems import stem
from digest.write.words.wording import STOP_WORDS

_OPENS_ON = re.compile(
    r"(?:and|but|yet|so|thus|hence|besides"
    r"|nevertheless|afterwards?|in contrast|the rest|the others?|first|second|third|fourth|also|it|they"
    r"|these|those|such|its)\b"
    r"|(?:this|that) (?:is|can|may|will|also|[a-z]+(?:bles|ows|ds|kes|lts|res|des|ps|sts|ans|ves))\b|on the other hand"
    r"|[a-z]+ (?:to [a-z]+ )?(?:their|its|them|they)\b(?! own)"
    r"|[^,]*\b(?:assess|measur|evaluat|improv|understand|examin)(?:e|es|ing) their\b"
    r"|.*\bthe (?:above|aforementioned|latter|former)\b|.*\b(?:that|whether) (?:it|they|this|these)\b"
    r"|.*\bthat the reported\b|.*\b(?:RQ|O|H|Q)\d\b|attempts to [a-z]+ their\b",
    re.IGNORECASE,
)
_POINTS = re.compile(r"\b(?P<what>these|those|this|such)\b(?P<after>(?: [\w’'-]+){0,4})", re.IGNORECASE)
_NOT_BACK = re.compile(  # "such as", "those of", "this paper": they lean on nothing
    r"(?:such (?:as|that|an? [\w-]+ (?:as|that)|[\w-]+(?: [\w-]+)? as)"
    r"|those (?:of|that|who|which|with|in|from|on|by|for|used|found|obtained|trained|without|[a-z]+ed)"
    r"|this (?:\w+[ -])?(?:paper|work|article|study|report|survey|review|letter|primer|thesis|research|chapter|tutorial"
    r"|project|release|overview|manuscript|investigation|exploration))\b",
    re.IGNORECASE,
)
# What a sentence that follows the one on the work may call it.
_THE_WORK = re.compile(
    r"(?:this|the) (?:\w+ )?"
    r"(?:approach|method|model|framework|system|technique|algorithm|scheme|strategy|architecture)\b",
    re.IGNORECASE,
)


def leans(text: str, before: str = "") -> bool:
    """Tell whether a text speaks of something that neither it nor the text printed before it names.

    "These attacks" is such a thing where no attack was spoken of before.
    """
    return bool(_OPENS_ON.match(text)) or any(_points_back(match, text, before) for match in _POINTS.finditer(text))


def _points_back(match: re.Match[str], text: str, before: str) -> bool:
    if _NOT_BACK.match(text, match.start()):
        return False
    if before and match.start() == 0 and _THE_WORK.match(text):
        return False
    return _things(f"{before} {text[: match.start()]}").isdisjoint(_things(match["after"]))


def _things(text: str) -> set[str]:
    """Return the stems of words that may name a thing: no stop words, participles or adjectives."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    return {stem(word) for word in words if word not in STOP_WORDS and not word.endswith(("ed", "ing", "al", "ive"))}


_OUR = re.compile(
    r"\b(?P<our>[Oo])ur\b(?! (?:own|understanding|knowledge|world|li(?:fe|ves)|daily|everyday|society|planet|brain"
    r"|ability|common|minds?|species)\b)(?=[ -]\w)"
)
_INSTEAD = re.compile(r"(?<=[a-z]) instead(?= [a-z]+ )(?! of\b)")
_TO_THAT_END = re.compile(  # what for was told before; after "designed" or "ways" the words are needed
    r"(?<!ed)(?<!aims)(?<!how)(?<!able)(?<!way)(?<!ways)(?<!ability)(?<!potential)(?<!attempt)(?<!attempts)(?<!efforts)"
    r",? (?:in order )?to (?:address|tackle|overcome|solve|achieve|fill|bridge|mitigate|meet|close)"
    r" (?:this|these|such|those)(?: (?:[a-z]+ )?(?:gaps?|goals?|aims?|challenges?|problems?|issues?|limitations?"
    r"|concerns?|needs?|difficulties|obstacles|tasks?|questions?))?(?=[.,])"
)
_OF_NO_WORD = re.compile(r" \(\\+(?:\(\\+)?[A-Za-z]+(?:\\+\))?\)")  # a macro that only its authors have


def impersonal(text: str) -> str:
    """Return a text with "the" for the authors' "our", and without "instead" and "to solve this problem".

    What that points at was said in a sentence before.
    """
    text = _TO_THAT_END.sub("", _OF_NO_WORD.sub("", _INSTEAD.sub("", text)))
    return _OUR.sub(lambda match: "The" if match["our"] == "O" else "the", text)
