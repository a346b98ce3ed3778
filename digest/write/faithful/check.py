"""An English text and its translation into Traditional Chinese → passed, or the check that failed (pure).

A check that cannot tell refuses: what is refused stays in English. How often it is right: docs/quality.md.
"""

import re
from collections.abc import Callable
from itertools import pairwise

from digest.text import plain_text, split_sentences
from digest.write.faithful.names import lost_names, names_of, strange_names
from digest.write.faithful.quantities import Quantity, implied, in_digits, in_numerals, in_words
from digest.write.faithful.taiwan import simplified_in
from digest.write.faithful.terms import lost_terms

# Part of every translation's identity: change it with any rule of this folder or of what it calls.
RULES = "2026-11-26.6"

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9.+-]*")
_MARKUP = ("<", ">", "[", "]", "{", "}", "`", "*", "#", "|", "\\", "http", "www.", "://")
_LABEL = re.compile(r"(?:翻譯|譯文|中文|繁體中文|摘要|答案|translation)\s*[:：]", re.IGNORECASE)
_LEFT_IN_ENGLISH = re.compile(r"(?:\b[a-z][a-z-]+\b[\s,]+(?:\d+\s+)?){2,}\b[a-z][a-z-]+\b")
_PLAIN_WORD = re.compile(r"(?<![A-Za-z0-9-])(?<!\d )[a-z]{4,}(?:-[a-z]+)*(?![A-Za-z0-9-])")
# Words that Taiwan's engineers say in English; another may stand in brackets behind the Chinese one.
_LOANS = frozenset(
    "token tokens tokenizer prompt prompts transformer transformers embedding embeddings benchmark benchmarks batch "
    "epoch passkey logit logits logprobs softmax dropout bits python github".split()
)
_SHORTEST, _LONGEST = 0.85, 2.7  # Chinese characters and Latin words for each English word

_DENIES = re.compile(
    r"\b(?:not(?! only| just| merely)|no|without|never)\b|"
    r"\b(?:cannot|neither|none|nothing|unable|fail(?:s|ed|ing|ure)?|lack(?:s|ed|ing)?)\b|n't\b"
    r"|-free\b|\bnon-?[a-z]+|\bun(?:supervised|labell?ed|seen|known|trained|paired|aligned|biased)\b"
)
_MAY_DENY = re.compile(
    r"\bun(?!i|der|til)[a-z]{3,}|\bunder[a-z]{5,}|\b[a-z]+less\b|"
    r"\b(?:dis(?!play|cuss|tribut|till|cover|course|creet|crete|crimin|ease)|anti|mis)[a-z]{4,}|"
    r"\bin(?:depend|effic|accura|consist|complet|correct|valid|varia|suffic|stab|finit|direct|adequa|capab|visib|feasib)[a-z]*|"
    r"\bi(?:mposs|mperf|mbalan|mplaus|mprecis|rrelev|rregul|rrevers|llegal)[a-z]*|"
    r"\b(?:avoid|prevent|difficult|hard|limit|few|little|rather|"
    r"instead|zero-|only|miss|ignor|exclud|remov|absen|nor|train|stop|unless|hardly|barely|independent|free)[a-z]*"
)
# Words with a negation in them that deny nothing.
_NO_DENIAL = re.compile(
    r"不到|不足|不少於|不超過|不低於|不僅|不只|不但|不同|不斷|無論|不論|非常|未來|無疑|除非|免費|非洲|是否|能否|不如|不及|不妨|不只是"
)
_DENIES_IN_CHINESE = re.compile(r"不|無|沒|未|非|免|缺乏|缺少|失敗|難以|毫")

_UP = re.compile(
    r"(?i:\b(?:outperform|surpass|exceed|superior|better|best\b|higher|highest|more\b|most\b|greater|greatest|larger|largest|"
    r"faster|fastest|stronger|longer|improv|increas|boost|enhanc|gain|raise|strengthen|beat|accelerat|speed|above\b|"
    r"over \d|maximi|advanc|amplif|extend|expand|doubl|tripl|augment|state-of-the-art|up to\b|at least))|\bover [A-Z]"
)
_DOWN = re.compile(
    r"\b(?:worse|worst|lower|less\b|least\b|fewer|smaller|smallest|slower|weaker|shorter|reduc|decreas|drop|declin|"
    r"diminish|inferior|underperform|shorten|minimi|cut\b|cuts\b|halv|mitigat|alleviat|below\b|degrad|cheaper|weaken|"
    r"shrink|lag|compress|overcom|prun|sav(?:e|es|ing)\b)",
    re.IGNORECASE,
)
_UP_IN_CHINESE = re.compile(
    r"優於|優越|超越|勝過|超過|超出|更[好佳高多強大快長優]|較[高大多快好強佳長優]|最|提[升高]|增[加強進大長]|改[善進良]|"
    r"加[速快強]|[高大強多快]於|以上|擴[大展充增]|延長|快|倍|強化|升|逾|促進|領先|至少|多達|高達"
)
_DOWN_IN_CHINESE = re.compile(
    r"劣於|不如|不及|遜|更[差低少小慢弱短]|較[差低少小慢弱短]|最[低少小差慢]|降|減|縮|[低少小慢弱]於|不到|不足|下滑|落後|緩解|惡化|慢|"
    r"壓縮|克服|剪|節省|省"
)
_MUST_STAY = (  # what an English text says, and how Chinese says it
    (r"\bup to\b", r"最多|高達|多達|可達|至多|最高|上限|達", "up to"),
    (r"\bat least\b", r"至少|最少|不少於|以上|起碼", "at least"),
    (r"\b(?:may|might|could|possibly|perhaps)\b", r"可能|或許|也許|或會|可以|能夠|有望", "may"),
    (r"\b(?:only|merely|solely)\b", r"僅|只|唯|單憑|單靠", "only"),
    (r"\b(?:nearly|almost)\b", r"近|幾乎|將近|接近", "nearly"),
    (r"\bfirst (?!two|three|few|on\b|then\b)[a-z]", r"首|第一|最早|率先|最先|先|初", "first"),
    (r"\balways\b", r"總|始終|一直|永遠|必", "always"),
    (r"\bless than \d", r"不到|不足|低於|少於|小於|以下|未滿", "less than"),
    (r"\bmore than \d", r"超過|逾|多於|以上|高於|大於|多", "more than"),
)
_MUST_BE_SAID = (  # what a Chinese text claims, and what English must stand behind it
    (r"首[個次創例度]|第一個", r"first|pioneer|initial", "the first"),
    (r"最先進|頂尖|領先", r"state-of-the-art|sota|best|lead|advanced|outperform|surpass|superior", "the best"),
    (
        r"顯著|大幅",
        r"signific|substantial|considerabl|dramatic|notabl|marked|large|great|far |much|salien|strong|sharp",
        "by much",
    ),
    (
        r"完美|革命|突破性|驚人|卓越|徹底",
        r"perfect|revolution|breakthrough|remarkabl|excellen|thorough|impressive|complete",
        "praise",
    ),
    (r"所有|一切|全部", r"\ball\b|every|any|each|entire|whole|across|full|throughout", "all"),
    (r"開源", r"open|releas|public", "open source"),
    (r"部署", r"deploy", "deployed"),
    (r"實驗", r"experiment|trial|empiric|test|evaluat", "experiments"),
)
_RISES_OVER = re.compile(
    r"\b(?:outperforms?|surpass(?:es)?|exceeds?|beats?|(?:superior|better|faster|higher|stronger) (?:to|than))\b"
)
_RISES_OVER_IN_CHINESE = re.compile(r"優於|超越|勝過|超過|[高快強]於")


def unfaithful(translation: str, source: str) -> str:
    """Return the name of the first check that a translation fails, or "" where it passes all.

    The source is the English as stored; the translation is plain text on one line.
    """
    source = plain_text(source)
    checks: tuple[Callable[[], str], ...] = (
        lambda: _bad_form(translation, source),
        lambda: _other_script(translation),
        lambda: _bad_length(translation, source),
        lambda: _numbers(translation, source),
        lambda: lost_names(translation, source),
        lambda: strange_names(translation, source),
        lambda: _denials(translation, source.lower()),
        lambda: _comparisons(translation, source),
        lambda: _turned(translation, source),
        lambda: _claims(translation, source.lower()),
        lambda: lost_terms(translation, source),
    )
    return next((failed for check in checks if (failed := check())), "")


def _bad_form(translation: str, source: str) -> str:
    marks = [mark for mark in _MARKUP if mark in translation and mark not in source]
    if marks or "\n" in translation or not translation.isprintable():
        return "markup or a link"
    if _LABEL.match(translation):
        return "begins with a label"
    if not translation.rstrip("」』”）)").endswith(("。", "！", "？")):
        return "no whole sentence"
    if len(re.findall(r"[。！？]", translation)) > max(1, len(split_sentences(source))):
        return "more sentences than the text"
    return ""


def _other_script(translation: str) -> str:
    letters = [char for char in translation if char.isalpha()]
    han = sum(bool(_HAN.match(char)) for char in letters)
    strange = [char for char in letters if not (_HAN.match(char) or char < "\u0250" or "\u0370" <= char <= "\u03ff")]
    if strange or han < 4 or han < 0.25 * len(letters):  # noqa: PLR2004
        return "not in Chinese"
    plain_words = set(_PLAIN_WORD.findall(re.sub(r"（[^（）]*）", "", translation)))
    if _LEFT_IN_ENGLISH.search(translation) or plain_words - _LOANS:
        return "words left in English"
    return "in Simplified characters" if simplified_in(translation) else ""


def _bad_length(translation: str, source: str) -> str:
    said = len(_HAN.findall(translation)) + len(_LATIN_WORD.findall(translation))
    ratio = said / max(1, len(source.split()))
    return "too short" if ratio < _SHORTEST else "too long" if ratio > _LONGEST else ""


def _numbers(translation: str, source: str) -> str:
    wanted, written = in_digits(source), in_digits(translation)
    numerals = in_numerals(translation, counting=False)
    there = written + numerals
    for one in [*wanted, *in_words(source)]:
        found = next((other for other in there if one.equals(other)), None)
        if found is None:
            return "a number or unit is gone"
        there.remove(found)
    known = [*wanted, *in_words(source), *implied(source)]
    for one in [*written, *in_numerals(translation, counting=True)]:
        if not any(_is_known(one, other) for other in known):
            return "a number or unit that the text does not have"
    return "numbers in another order" if _is_reversed(wanted, there=written, source=source) else ""


def _is_known(one: Quantity, other: Quantity) -> bool:
    return one.equals(other) or (
        other.unit == "" and one.equals(Quantity(other.value, one.unit, 0)) and one.unit == "times"
    )


def _is_reversed(wanted: list[Quantity], *, there: list[Quantity], source: str) -> bool:
    """Tell whether what goes from one number to another goes the other way."""
    for first, second in pairwise(wanted):
        between = source[first.place : second.place]
        if re.search(r"\bfrom\s+$", source[: first.place]) and re.search(r"\bto\s+$", between):
            places = [next((q.place for q in there if one.equals(q)), -1) for one in (first, second)]
            if places[0] > places[1]:
                return True
    return False


def _denials(translation: str, source: str) -> str:
    denied, may = len(_DENIES.findall(source)), len(_MAY_DENY.findall(_DENIES.sub(" ", source)))
    said = len(_DENIES_IN_CHINESE.findall(_NO_DENIAL.sub(" ", translation)))
    if said < denied:
        return "a negation is gone"
    return "denies what the text does not" if said > denied + may else ""


def _comparisons(translation: str, source: str) -> str:
    ups, downs = bool(_UP.search(source)), bool(_DOWN.search(source))
    rises, falls = bool(_UP_IN_CHINESE.search(translation)), bool(_DOWN_IN_CHINESE.search(translation))
    if (ups and not rises) or (downs and not falls):
        return "a comparison is gone or turned around"
    if (rises and downs and not ups) or (falls and ups and not downs):
        return "a comparison is turned around"
    return ""


def _turned(translation: str, source: str) -> str:
    """Tell of two names that changed places around what says that one is better."""
    verb, said = _RISES_OVER.search(source), _RISES_OVER_IN_CHINESE.search(translation)
    if not verb or not said:
        return ""
    better, worse = names_of(source[: verb.start()]), names_of(source[verb.end() :])
    before, after = names_of(translation[: said.start()]), names_of(translation[said.end() :])
    is_turned = worse & before and better & after and not better & before
    return "a comparison is turned around" if is_turned else ""


def _claims(translation: str, source: str) -> str:
    for english, chinese, name in _MUST_STAY:
        if re.search(english, source) and not re.search(chinese, translation):
            return f"“{name}” is gone"
    for chinese, english, name in _MUST_BE_SAID:
        if re.search(chinese, translation) and not re.search(english, source):
            return f"claims what the text does not: {name}"
    return ""
