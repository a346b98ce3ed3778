"""A text and the title and abstract it claims to rest on → passed, or the check that failed (pure)."""

from dataclasses import dataclass

from digest.paper import Evidence
from digest.text import plain_text, split_sentences
from digest.write.claims import contradicted, strays, support_of, unsupported
from digest.write.form import bad_form

# Part of every summary's identity: change it with any rule of the gate, of extract.py or of what they call.
RULES = "2026-11-25.2"

# Share of content stems found in the best single sentence (docs/quality.md says how it was set).
_SUPPORT_OF_ONE = 0.88
# Cosine similarity (-1..1) of a text and its paper below which it speaks of something else. Of the labelled true
# sentences 1 of 92 lies below; false ones lie as near as true ones, so it catches only what is far off.
_NEAREST = 0.15
_TRIED = 3  # sentences, those that hold most of a claim first


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate says of a text."""

    failed: str = ""  # the name of the first check that failed; "" where all passed
    evidence: tuple[Evidence, ...] = ()  # the supporting sentence of each sentence

    @property
    def ok(self) -> bool:
        """Whether the text may be printed."""
        return not self.failed


def check(text: str, title: str, abstract: str, similarity: float | None = None) -> Finding:
    """Hold a text against a paper's title and abstract; every check must pass.

    `similarity` is the cosine similarity of the text's and the paper's embeddings, where the caller has them.
    """
    failed = bad_form(text, title)
    if not failed and similarity is not None and similarity < _NEAREST:
        failed = "far from the paper in meaning"
    if failed:
        return Finding(failed=failed)
    spans = split_sentences(abstract)
    sentences = [plain_text(abstract[start:end]) for start, end in spans]
    source = " ".join([plain_text(title), *sentences])
    evidence = []
    for start, end in split_sentences(text):
        failed, best = _rests_on(text[start:end], plain_text(title), sentences, source)
        if failed:
            return Finding(failed=failed)
        evidence.append(Evidence(best, *spans[best]))
    return Finding(evidence=tuple(evidence))


def _rests_on(claim: str, title: str, sentences: list[str], source: str) -> tuple[str, int]:
    """Return the check that a sentence fails, or "", and the number of its supporting sentence."""
    failed = unsupported(claim, source)
    support = [support_of(claim, sentence) for sentence in sentences]
    likeliest = sorted(range(len(sentences)), key=lambda n: (-support[n], n))
    if failed or not likeliest:
        return failed or "no abstract", -1
    verdicts = [(_departs(claim, sentences[n], title, support[n]), n) for n in likeliest[:_TRIED]]
    return next((verdict for verdict in verdicts if not verdict[0]), verdicts[0])


def _departs(claim: str, sentence: str, title: str, support: float) -> str:
    """Return the first way in which a sentence departs from one that should support it, or ""."""
    if support < _SUPPORT_OF_ONE or strays(claim, sentence, title):
        return "no single supporting sentence"
    return contradicted(claim, sentence, title)


def refused_so_far(begun: str, title: str, abstract: str) -> str:
    """Return the check that a sentence fails already, however it goes on, or ""; its last word may be cut."""
    whole_words = begun[: begun.rfind(" ") + 1]
    return unsupported(whole_words, f"{plain_text(title)} {plain_text(abstract)}")
