"""A sentence of an abstract → the shorter ways to say it that stay true by themselves (pure).

Words are only deleted, and the person changed ("we propose our" → "proposes the"). What may go follows from the verb.
Authors who propose or study a thing claim that it exists: leaving out what qualifies it ("a loom [for silk]") weakens
the claim and keeps it true. What they show, find or prove may hold only under its conditions: those stay, and only an
afterthought goes (", which ...", ", allowing ...").
"""

import re
from collections.abc import Iterator

from digest.write.extract.alone import impersonal
from digest.write.words.verbs import CLAIMS, MAKES, VERBS, bare_gerund, bare_verb, third_person

FIRST_PERSON = re.compile(r"(?i:\b(?:we|our|ours|my)\b)|\b[Uu]s\b|(?<![-\w])I(?= [a-z])")
_KIND = (
    r"(?:(?:technical|survey|review|position|vision|short|case|pilot|present) )?"
    r"(?:paper|work|article|study|report|letter|survey|research|project|manuscript|review|primer|thesis|chapter|tutorial"
    r"|overview|investigation|exploration)"
)
_LY = r"(?!(?:apply|supply|rely|imply|comply|multiply)\b)[a-z]{3,}ly"  # how, and not what, is done
ADVERB = (
    r"(?:(?:also|first|further|then|hence|thus|therefore|here|now|instead|can|systematically|empirically|formally"
    rf"|carefully|thoroughly|{_LY})\s+)?"
)

# --- the opening ---------------------------------------------------------------------------------------------

_HERE = (
    rf"(?:(?:in|with) (?:this|the present|our) {_KIND}|here|to this end|therefore|thus|hence|specifically|in particular"
    r"|first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|besides|moreover|furthermore|additionally|in addition"
    r"|in response|as such|next|then|subsequently|and|based (?:up)?on this|in this (?:case|setting|context)"
    r"|methodology:"
    r"|within this scenario|accordingly|consequently|more specifically|concretely|as a result"
    r"|to (?:address|tackle|overcome|solve|mitigate|bridge|fill) the[^,]{0,60}"
    r"|(?:to [a-z]+|for|motivated by|inspired by|in light of|in response to|leveraging|addressing|recogni[sz]ing"
    r"|following|building on|drawing on|based (?:up)?on|using|with|via|through|given|considering)"
    r" (?:this|these|such)[^,]{0,60}),?\s+"
)
# What was wanted, built upon or set against says why the work was done, not what holds.
_WHY = (
    r"(?:(?:in order )?to [a-z]|(?:motivated|inspired) by |building (?:up)?on |unlike |in contrast to |in light of "
    r"|given that "
    r"|while |although |despite |towards? )[^,;:]{3,160}(?:, [^,;:]{3,90}){0,2}, "
)
# By what means, where and from what: what is made that way exists all the same; what is found may hold nowhere else.
_HOW = (
    r"(?:(?:using|by|with|through|via|based (?:up)?on|leveraging|utili[sz]ing|employing|combining|drawing (?:up)?on|for"
    r"|on|extending|from|considering|different(?:ly)? from|beyond|as|since|because|recogni[sz]ing|observing|focusing on"
    r"|following|given|rather than|instead of|compared (?:to|with)|across|after|within|alongside) [^,;:]{3,160}"
    r"(?:, [^,;:]{3,90}){0,2}, |[a-z]{3,}ly, )"
)
_SUBJECT = (
    rf"(?:we|I|(?:our|this|the (?:present|current)) {_KIND}|the (?:paper|study|survey|article|thesis|chapter)"
    r"|the authors(?: of (?:this|the) paper)?)"
)
_OPENING = re.compile(
    rf"(?:{_HERE}){{0,2}}(?:(?P<why>{_WHY})|(?P<how>{_HOW}))?(?:{_HERE})?{_SUBJECT}(?: here)?\s+"
    r"(?:(?:also|first|then|thus|therefore|hence|further|here|instead|initially|innovatively|profoundly)\s+)?"
    rf"(?P<have>have\s+)?(?P<adverb>{_LY}\s+)?(?P<verb>[a-z]+(?:-[a-z]+)?)\s+(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CLOSES_A_GAP = re.compile(
    r"(?:(?:aim|seek|attempt|strive) to )?"
    r"(?:address|bridge|fill|tackle|solve|overcome|mitigate|close|alleviate|meet|resolve|target at) "
    r"(?:this|these|such|those|the above)(?: [\w-]+){0,3}?"
    r"(?: by (?:[a-z]+ly )?(?P<gerund>[a-z]+ing)|,? and (?P<verb>[a-z-]+)) (?P<rest>.+)"
)
_LEANS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|this|these|those|such|so|both|former|latter|same|resulting)\b", re.IGNORECASE
)
_EARLIER = frozenset({"recently", "previously", "originally", "formerly", "initially"})
_DETERMINER = r"(?:an?|the|its|their|these)"
_GOES_ON_IN_THE_PAST = re.compile(rf"\band (?:[a-z]+ly )?[a-z]+ed {_DETERMINER}\b")
_NAMED = re.compile(
    r"\b(?:that|which) we (?:(?P<verb>call|term|name|dub|denote)|(?P<refer>refer to)(?P<it> as))\b", re.IGNORECASE
)
_PARTICIPLES = {"call": "called", "term": "termed", "name": "named", "dub": "dubbed", "denote": "denoted"}
_OUR = re.compile(r"Our (?:(?:extensive|experimental|empirical|theoretical|main|key|initial|numerical) )*"
                  r"(?:results|experiments|findings|evaluations|analyses|simulations)\b")  # fmt: skip
_BEGINS_A_CLAUSE = (
    "show demonstrate find prove propose introduce provide discover identify reveal argue observe summarize perform "
    "conduct analyze analyse evaluate describe develop investigate examine explore compare present apply derive "
    "highlight establish rethink define combine incorporate utilize employ collect curate implement validate verify "
    "achieve obtain"
).split()  # verbs that are no nouns: after "and" they go on from "we"
_JOINED = re.compile(
    rf"\band\s+(?P<we>we\s+)?(?P<adverb>{ADVERB})(?P<verb>[a-z]+(?:-[a-z]+)?)\b(?P<object> {_DETERMINER}\b)?"
)
_LISTED = re.compile(rf", (?P<verb>[a-z]+)(?= {_DETERMINER}\b)")
_NO_VERB = frozenset(  # though a determiner may follow
    (
        "of in on to for with from by at as all both even then thus not that how whether under across between over be "
        "have do can may will when where why while which into onto through via within without against whose what about "
        "if only also often than during toward towards more most after before beyond among around despite like unlike "
        "per"
    ).split()
)
_OTHER_SUBJECT = re.compile(r"\b(?:to|can|may|might|could|will|would|that|which|who|how|whether)\b", re.IGNORECASE)


def trim_opening(sentence: str) -> str:
    """Turn "In this paper, we propose X" into "Proposes X"; a sentence with no safe trim stays whole."""
    opened = _opened(sentence)
    if opened is None:
        return impersonal(sentence[4].upper() + sentence[5:] if _OUR.match(sentence) else sentence)
    adverb, verb, rest = opened
    turned = _continued(impersonal(rest))
    # "Proposes X, which we test ..." would mix persons: such a sentence stays as its authors wrote it.
    if turned is None or FIRST_PERSON.search(turned):
        return impersonal(sentence)
    said = f"{adverb}{third_person(verb)} {turned}"
    return said[0].upper() + said[1:]


def _opened(sentence: str) -> tuple[str, str, str] | None:
    """Return the adverb ("" or "jointly "), bare verb and rest of "we VERB ..."; None where it opens otherwise."""
    match = _OPENING.fullmatch(sentence)
    if match is None:
        return None
    verb = bare_verb(match["verb"].lower(), VERBS)
    rest = _NAMED.sub(lambda named: _PARTICIPLES[named["verb"].lower()] if named["verb"] else "referred to as",
                      match["rest"])  # fmt: skip
    unsaid = (match["why"] or match["how"]) and _LEANS_BACK.search(rest)
    if verb is None or unsaid or (match["how"] and verb not in MAKES) or _tells_of_the_past(match):
        return None
    if match["have"] and (verb not in MAKES or not match["verb"].endswith("ed")):
        return None
    return (match["adverb"] or "").lower(), *_by_what(verb, rest)


def _by_what(verb: str, rest: str) -> tuple[str, str]:
    """Turn "aims to close this gap by weaving X", or "and weaves X", into "weave" and "X"; the gap was told before."""
    by = _CLOSES_A_GAP.fullmatch(f"{verb} {rest}")
    if by is None:
        return verb, rest
    bare = bare_gerund(by["gerund"]) if by["gerund"] else bare_verb(by["verb"], VERBS)
    return (bare, by["rest"]) if bare else (verb, rest)


def _tells_of_the_past(match: re.Match[str]) -> bool:
    """Tell whether "we developed X" speaks of earlier work, or goes on in the past: then its verb stays as it is."""
    if not match["verb"].lower().endswith("ed"):
        return False
    return (match["adverb"] or "").strip().lower() in _EARLIER or bool(_GOES_ON_IN_THE_PAST.search(match["rest"]))


def _continued(rest: str) -> str | None:
    """Turn the further verbs of "we propose X and show Y" too; None where it is not sure whose verb one is."""
    turned, end = "", 0
    for match in _JOINED.finditer(rest):
        is_certain = bool(match["we"]) or match.start() == 0  # "and we show", "we analyze and summarize"
        is_others = not is_certain and _OTHER_SUBJECT.search(rest, 0, match.start())
        if match["verb"] not in (VERBS if is_certain else _BEGINS_A_CLAUSE):
            if is_others or not _is_bare_with_an_object(match):
                continue
        elif is_others:
            return None
        between = rest[end : match.start()] if is_others else _LISTED.sub(_listed, rest[end : match.start()])
        turned += f"{between}and {match['adverb']}{third_person(match['verb'])}"
        end = match.end("verb")
    return turned + rest[end:]


def _listed(match: re.Match[str]) -> str:
    """Turn the verb between two others of "we": "we present A, review the B, and discuss C"."""
    return f", {third_person(match['verb'])}" if match["verb"] in VERBS else match[0]


def _is_bare_with_an_object(joined: re.Match[str]) -> bool:
    """Tell whether a word between "and" and a determiner is a verb of "we": "we propose X and train a Y"."""
    verb: str = joined["verb"]
    return bool(joined["object"]) and verb not in _NO_VERB and not verb.endswith(("s", "ing", "ed"))


# --- what follows --------------------------------------------------------------------------------------------

_ASIDE = re.compile(
    r"\s\((?!(?:if|under|up|assuming|when|for|only|on|in|at|with|without|not|except|if)\b)[^()]*\)(?=[\s.,;:])"
)
# An afterthought: by itself it says more, and without it the rest still holds.
_AFTERTHOUGHT = re.compile(
    r"(?:,| [-–—]) (?:which|where|whose|thereby|thus|hence|enabling|allowing|leading to|resulting in|making|yielding"
    r"|suggesting|indicating|demonstrating|showing|highlighting|so that|and (?:thus|therefore|hence))\b",
    re.IGNORECASE,
)
# The further verbs of "we": what the first one says is whole without them.
_NEXT_VERB = re.compile(
    r",? and (?:we\b|(?:also |further |then )?(?:show|demonstrate|prove|propose|introduce|discuss|evaluate|provide"
    r"|apply|derive|develop|investigate|examine|explore|describe|perform|conduct|analy[sz]e|argue)s?\b)"
    r"|,? as well as\b",
    re.IGNORECASE,
)
# What qualifies a thing that exists.
_QUALIFIES = re.compile(
    r",? (?:that|which|by [a-z]+ing|using|via|through|based on|for|in order to|to|with|from|on|in|when|where|while|as"
    r"|such that|so that|under|across|over|within|towards?|called|termed|named|dubbed)\b(?!-)(?! (?:as|to|of|end)\b)",
    re.IGNORECASE,
)
_NEEDS_AS = re.compile(  # "framing A [as B]" leaves half
    r"\b(?:fram|treat|view|cast|regard|formulat|model|consider|defin|interpret|describ|pos|serv|know|recogni[sz]|see|tak"
    r"|express|represent|propos|present|introduc)(?:ing|ed|es?|s)?\b[^,;]*$",
    re.IGNORECASE,
)
_NEEDS_AS_VERBS = frozenset(("propose", "present", "introduce", "consider", "define", "describe", "frame", "model"))
_LISTS = re.compile(r":(?: \S|\()")  # what follows a colon counts up what stands before it: it stays whole or goes
_NEEDS_WITH = frozenset({"compare", "provide"})  # "compares A [with B]" leaves nothing
_METHOD = re.compile(r",? (?:by [a-z]+ing|using|via|through the use of|in order to)\b", re.IGNORECASE)
_LEADS_IN = re.compile(  # what is said before the subject: its commas are no afterthought's
    r"(?:for|in|on|when|while|given|using|by|with|to|as|if|although|though|since|because|despite|unlike|from|under|through"
    r"|based|at|after|before|even|compared|during|among|beyond|without|via|due|leveraging|inspired|motivated|building)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"\b(?:that|which|who|whose|how|whether|what|why|where|when)\b", re.IGNORECASE)
# Under one of these, leaving words out makes a claim stronger instead of weaker.
_TURNS = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|fail\w*|lack\w*|only|all|every|each|any|most|few|fewer|less"
    r"|least|instead|rather|unless|except|if|or|either|between|than|n't|avoid\w*|prevent\w*|reduc\w*|remov\w*"
    r"|eliminat\w*|enabl\w*|allow\w*|encourag\w*|requir\w*|forc\w*|teach\w*|caus\w*|help\w*|optimal|first|best|always|equivalen\w*)\b|n't\b",
    re.IGNORECASE,
)
_HOLLOW = re.compile(  # a cut here leaves an end that asks for more
    r"(?:\b(?:a|an|the|of|to|for|in|on|with|by|and|or|from|as|at|is|are|be|its|their|this|these|that|which|both|such|between"
    r"|how|whether|while|when|where|since|because|as well|such as"
    r"|based|due|able|aims?|ability|need|not|more|less|first|new|novel|various|different|several|through|via"
    r"|using|into|than|can|may|will|we|our|show|prove|demonstrate|find|argue|ensure|,)"
    r"|(?:,| [-–—]) (?:an? (?:[a-z]+ )?[a-z]+|[a-z-]+ing(?: [a-z]+)?|complete))$",
    re.IGNORECASE,
)
_FEWEST, _FEW = 5, 6  # words that stay; words that may be the whole object of a verb


def shortened(sentence: str) -> list[str]:
    """Return the sentence, its opening trimmed, and each shorter way to say it that stays true; the longest first."""
    whole = trim_opening(sentence)
    found = dict.fromkeys([whole, *(_said(sentence, end) for end in _ends(sentence))])
    texts = [text for text in found if text and len(text.split()) >= _FEWEST] or [whole]
    bare = [text for text in map(_without_asides, texts) if text not in found]
    return [*texts, *bare]


def _without_asides(text: str) -> str:
    return _ASIDE.sub("", text)


_PARTICIPLE = re.compile(r"(?:[a-z]+ed|[a-z]+ing|known|found|built|made|given|drawn|shown|taken|seen|written)$")
_NOUNS_IN_ING = frozenset(
    (
        "learning training tuning prompting reasoning pruning modeling modelling planning processing understanding "
        "embedding encoding decoding sampling sharing routing scaling editing setting mining clustering ranking "
        "driving finetuning pretraining computing programming testing rendering matching captioning labeling "
        "forecasting meaning building answering feed speed need seed embed"
    ).split()
)


def _said(sentence: str, end: int) -> str:
    """Return what a sentence says up to a place, or "" where that would not be a sentence of its own."""
    kept = sentence[:end].rstrip(" ,;:—–-")
    last = re.split(r"[\s-]", kept)[-1].lower()
    asks_for_more = _HOLLOW.search(kept) or (_PARTICIPLE.match(last) and last not in _NOUNS_IN_ING)
    if asks_for_more or kept.count("(") != kept.count(")"):
        return ""
    text = trim_opening(f"{kept}.")
    return "" if FIRST_PERSON.search(text) else text


def _ends(sentence: str) -> Iterator[int]:
    """Yield the places where a sentence may stop and still be true."""
    opened = _opened(sentence)
    if opened is None or opened[1] in CLAIMS:
        yield from _ends_of_a_claim(sentence, is_ours=opened is not None)
        return
    _adverb, verb, rest = opened
    start = len(sentence) - len(rest)
    clause, colon = _CLAUSE.search(sentence, start), _LISTS.search(sentence, start)
    whole = colon.start() if colon else len(sentence)
    free = min(clause.end() if clause else whole, whole)
    for pattern, end in ((_AFTERTHOUGHT, whole), (_NEXT_VERB, whole), (_QUALIFIES, free), (_LISTS, len(sentence))):
        for match in pattern.finditer(sentence, start, end):
            if match.start() > start and not _is_half(sentence, start, match, verb):
                yield match.start()
    for match in _METHOD.finditer(sentence, free, whole):
        if not _TURNS.search(sentence, start, match.start()):
            yield match.start()


def _is_half(sentence: str, start: int, cut: re.Match[str], verb: str) -> bool:
    """Tell whether what would be left says half of what was meant, or more than it."""
    word = cut[0].strip(", ").lower()
    if verb in _NEEDS_WITH and word in {"with", "to"}:
        return True
    kept = sentence[start : cut.start()]
    if word == "as" and (_NEEDS_AS.search(kept) or (verb in _NEEDS_AS_VERBS and len(kept.split()) <= _FEW)):
        return True
    return bool(_TURNS.search(kept))


def _ends_of_a_claim(sentence: str, *, is_ours: bool) -> Iterator[int]:
    """Yield where an afterthought begins that runs to the end; one between commas may have the verb behind it."""
    if not is_ours and _LEADS_IN.match(sentence):
        return
    for match in _AFTERTHOUGHT.finditer(sentence):
        if "," not in sentence[match.start() + 1 :]:
            yield match.start()
    if is_ours:
        yield from (match.start() for match in _NEXT_VERB.finditer(sentence) if "we" in match[0].split())
