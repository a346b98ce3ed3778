"""The extracted sentence says what the paper does, and only its opening is touched."""

import pytest

from digest.paper import Paper, Verdict
from digest.text import split_sentences
from digest.write.extract import extract_tldr, most_telling, score_sentences, trim_opening


def test_the_sentence_that_announces_the_work_is_chosen(sample: Paper) -> None:
    tldr = extract_tldr(sample.title, sample.abstract)
    assert tldr.text == (
        "Proposes SparseLoom, a routing scheme that sends each token to 4 of 64 experts without a learned router."
    )
    assert (tldr.kind, tldr.verdict) == ("tldr", Verdict.EXTRACTED)


def test_the_evidence_is_the_whole_sentence_in_the_raw_abstract(sample: Paper) -> None:
    (evidence,) = extract_tldr(sample.title, sample.abstract).evidence
    assert evidence.sentence == 1
    assert sample.abstract[evidence.start : evidence.end].startswith("In this paper, we propose SparseLoom")


def test_tex_is_printed_as_text_while_the_evidence_points_at_the_tex() -> None:
    abstract = 'Old methods fail. We introduce \\emph{Loom}, which saves 37\\% of the memory of na\\"ive attention.'
    tldr = extract_tldr("Loom", abstract)
    assert tldr.text == "Introduces Loom, which saves 37% of the memory of naïve attention."
    assert abstract[tldr.evidence[0].start : tldr.evidence[0].end].startswith("We introduce \\emph{Loom}")


@pytest.mark.parametrize(
    ("sentence", "printed"),
    [
        ("In this paper, we propose X for Y.", "Proposes X for Y."),
        ("We show that 3 of 4 models fail.", "Shows that 3 of 4 models fail."),
        ("This paper introduces X.", "Introduces X."),
        ("This work studies whether X holds.", "Studies whether X holds."),
        ("Therefore, in this survey, we first review the field.", "Reviews the field."),
        ("To address this gap, we present X.", "Presents X."),
        ("Third, we also analyse X.", "Analyses X."),
        ("The authors of this paper propose X.", "Proposes X."),
        ("We analyze and summarize X.", "Analyzes and summarizes X."),
        ("We conduct studies on X and show that Y fails.", "Conducts studies on X and shows that Y fails."),
        ("We introduce X, and we also analyze Y.", "Introduces X, and also analyzes Y."),
        # What cannot be trimmed safely stays as its authors wrote it.
        ("We propose X and we show that our Y works.", "We propose X and we show that our Y works."),
        ("We analyze X to test and propose Y.", "We analyze X to test and propose Y."),
        ("Building on X, we propose Y.", "Building on X, we propose Y."),
        ("We do not propose X.", "We do not propose X."),
        ("We believe in X.", "We believe in X."),
        ("Inputs are noisy.", "Inputs are noisy."),
    ],
)
def test_only_a_known_opening_is_trimmed(sentence: str, printed: str) -> None:
    assert trim_opening(sentence) == printed


def test_a_sentence_about_the_code_or_cut_short_never_wins_while_another_is_there() -> None:
    tldr = extract_tldr("Loom", "Weaving by hand is slow. We release our code for Loom at https://example.org/loom.")
    assert tldr.text == "Weaving by hand is slow."
    assert extract_tldr("Loom", "Weaving is slow at night. We propose Loom, a way that").text.startswith("Weaving")


def test_a_sentence_that_leans_on_the_one_before_scores_less() -> None:
    leaning, free = score_sentences("Title", ["They weave cloth on a slow loom.", "Mills weave cloth on a slow loom."])
    assert leaning < free


@pytest.mark.parametrize("abstract", ["", "   ", "\n"])
def test_an_empty_abstract_gives_the_title(abstract: str) -> None:
    tldr = extract_tldr("A \\emph{fine} title.", abstract)
    assert tldr.text == "A fine title"
    assert [piece.sentence for piece in tldr.evidence] == [-1]


@pytest.mark.parametrize("abstract", ["No stop", "?", "$x$", "https://example.org", "<|im_end|>", "我们提出一种方法。"])
def test_an_odd_abstract_still_gives_a_text(abstract: str) -> None:
    assert extract_tldr("Title", abstract).text


def test_the_most_telling_sentences_keep_their_order(sample: Paper) -> None:
    spans = split_sentences(sample.abstract)
    told = most_telling(sample.title, sample.abstract, 2)
    places = [n for n, (start, end) in enumerate(spans) if sample.abstract[start:end] in told]
    assert len(places) == 2
    assert extract_tldr(sample.title, sample.abstract).evidence[0].sentence in places
    assert most_telling(sample.title, sample.abstract, 99) == " ".join(sample.abstract[a:b] for a, b in spans)
