"""The extracted sentence says what the paper does, and only its opening is touched."""

import pytest

from digest.paper import Paper, Verdict
from digest.text import split_sentences
from digest.write.extract.sentences import extract_summary, extract_tldr, most_telling, score_sentences
from digest.write.extract.trim import trim_opening


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
        ("We propose X and we show that our Y works.", "Proposes X and shows that the Y works."),
        # What cannot be trimmed safely stays as its authors wrote it.
        ("We propose X, in which we weave our Y.", "We propose X, in which we weave the Y."),
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


def test_what_others_did_and_what_the_field_is_like_give_way_to_what_the_authors_do() -> None:
    background = "Hoffmann et al. weigh three methods for estimating a scaling law of looms. "
    tldr = extract_tldr("Looms: a replication", background + "We attempt to replicate the third method on new looms.")
    assert tldr.evidence[0].sentence == 1
    field = "Large looms have emerged as powerful tools in many domains of weaving cloth. "
    assert extract_tldr("Large looms in use", field + "We study how weavers use them.").evidence[0].sentence == 1


SILK = "We propose Loom, a router for silk. "


@pytest.mark.parametrize(
    ("finding", "printed"),
    [
        ("Notably, Loom lowers the cost of training by 41%.", "Loom lowers the cost of training by 41%."),
        ("Our method is 41% cheaper to train than others.", "The method is 41% cheaper to train than others."),
        ("This router needs 41% less cloth.", "This router needs 41% less cloth."),
        ("We show that Loom is 2.5x faster than a hand.", "Shows that Loom is 2.5x faster than a hand."),
        ("We train Loom on 3 trillion tokens of prose.", "Trains Loom on 3 trillion tokens of prose."),
    ],
)
def test_a_summary_gives_the_number_that_the_tldr_lacks(finding: str, printed: str) -> None:
    abstract = f"{SILK}It is woven by hand. {finding}"
    summary = extract_summary("A router", abstract)
    assert (summary.kind, summary.text) == ("summary", f"Proposes Loom, a router for silk. {printed}")
    assert [abstract[span.start : span.end] for span in summary.evidence] == [SILK.strip(), finding]


@pytest.mark.parametrize(
    "finding",
    [
        "These models are 41% cheaper to train.",  # leans on a sentence that is not printed
        "Loom, which we spun, is 41% cheaper to train than others.",  # first person
        "On this fabric the cost is 41% less.",  # what fabric?
        "The code of Loom, 41% smaller, is publicly available.",
        "Hoffmann et al. lower the cost of training by 41%.",  # another's work
        "It was woven in 2023 and again in 2024.",  # no number that measures something
        f"Loom lowers the cost of {'very ' * 40}long training by 41%.",
    ],
)
def test_a_number_that_cannot_stand_by_itself_is_left_out(finding: str) -> None:
    assert extract_summary("A router", SILK + finding).text == "Proposes Loom, a router for silk."


def test_a_tldr_of_a_few_words_is_followed_by_the_sentence_that_says_most_and_not_by_the_same_verb() -> None:
    more = "The shuttle carries silk across wide cloth by itself. We propose one more shuttle for wide silk cloth."
    assert extract_summary("Loom", f"We propose Loom, a fast silk router. {more}").text == (
        "Proposes Loom, a fast silk router. The shuttle carries silk across wide cloth by itself."
    )
    long = "We propose Loom, a fast silk router for the wool, linen and cotton of any mill. "
    assert len(extract_summary("Loom", long + more).evidence) == 1


def test_a_tldr_with_a_number_needs_no_other() -> None:
    abstract = "We propose Loom, a router of 3.8 billion parameters. Loom lowers the cost of training by 41%."
    assert len(extract_summary("A router", abstract).evidence) == 1


def test_a_sentence_that_leans_on_the_one_before_scores_less() -> None:
    leaning, free = score_sentences("Title", ["They weave cloth on a slow loom.", "Mills weave cloth on a slow loom."])
    assert leaning < free


@pytest.mark.parametrize(
    ("lesser", "better"),
    [
        ("We propose Loom, where we weave cloth by night.", "Loom weaves cloth of silk and of wool by night."),
        ("We show how these attacks on looms come about.", "We propose a loom that keeps attacks out."),
        ("Third, we propose a faster loom for silk cloth.", "We propose Loom, a faster loom for silk cloth."),
        ("We propose a loom {silk for weaving cloth.", "We propose a slow loom for weaving cloth."),
    ],
)
def test_what_stands_alone_in_the_third_person_comes_first(lesser: str, better: str) -> None:
    assert extract_tldr("Loom", f"{lesser} {better}").evidence[0].sentence == 1


def test_what_ties_a_sentence_to_the_one_before_goes() -> None:
    tldr = extract_tldr("Looms", "Hand looms are slow. To handle these limits, Loom is proposed for weaving cloth.")
    assert tldr.text == "Loom is proposed for weaving cloth."


@pytest.mark.parametrize("abstract", ["", "   ", "\n"])
def test_an_empty_abstract_gives_the_title(abstract: str) -> None:
    tldr = extract_tldr("A \\emph{fine} title.", abstract)
    assert tldr.text == "A fine title"
    assert [piece.sentence for piece in tldr.evidence] == [-1]


@pytest.mark.parametrize("abstract", ["No stop", "?", "$x$", "https://example.org", "<|im_end|>", "我们提出一种方法。"])
def test_an_odd_abstract_still_gives_a_text(abstract: str) -> None:
    assert extract_tldr("Title", abstract).text
    assert extract_summary("Title", abstract).text


def test_the_most_telling_sentences_keep_their_order(sample: Paper) -> None:
    spans = split_sentences(sample.abstract)
    told = most_telling(sample.title, sample.abstract, 2)
    places = [n for n, (start, end) in enumerate(spans) if sample.abstract[start:end] in told]
    assert len(places) == 2
    assert extract_tldr(sample.title, sample.abstract).evidence[0].sentence in places
    assert most_telling(sample.title, sample.abstract, 99) == " ".join(sample.abstract[a:b] for a, b in spans)
