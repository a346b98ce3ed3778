"""A written and an extracted text of one paper → whether the written one serves the reader at least as well (pure).

The judge never asks whether a text is true (the gate does) but whether it tells what matters. It is a linear model of
a text's ROUGE-1 with the authors' own summary, on nine features that any text has (`telling.text_features`): the
overlap to expect from its words, its length, what it shares with the title, first person, digits. Learned on
candidates cut from SciTLDR-A's abstracts; how often it is right is in docs/quality.md.
"""

from dataclasses import dataclass

from digest.text import plain_text, plain_title, split_sentences
from digest.write.extract.telling import read, text_worth


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of two texts, each in ROUGE-1 (0..1) above the mean sentence of the abstract."""

    written: float
    extracted: float

    @property
    def takes_written(self) -> bool:
        """Whether the written text serves at least as well."""
        return self.written >= self.extracted


def judge(title: str, abstract: str, written: str, extracted: str) -> Judgement:
    """Weigh two texts about a paper; the caller prints the extracted one unless the written one serves as well."""
    sentences = [plain_text(abstract[start:end]) for start, end in split_sentences(abstract)]
    reading = read(plain_title(title), sentences)
    return Judgement(text_worth(reading, written), text_worth(reading, extracted))
