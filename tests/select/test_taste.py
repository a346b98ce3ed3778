"""Picks, interests and authors move scores, each by what it says and no more."""

from dataclasses import replace

import numpy as np
import pytest

from digest.select.corpus import Corpus
from digest.select.taste import Picks, Ranking, novelty, weigh
from tests.select.conftest import papers, together

NOTHING = Corpus((), (), (), (), np.empty((0, 6), np.float32))
PAST = together(*(papers(theme, 20, theme, month="2403") for theme in range(4)))
MONTH = together(*(papers(theme, 12, 20 + theme) for theme in range(4)))


def _weigh(picks: Corpus, ages: list[float], month: Corpus = MONTH, past: Corpus = PAST) -> Ranking:
    return weigh(Picks(picks, ages), past, month, (), month.vectors[:0])


def test_what_reads_and_means_like_picks_comes_first() -> None:
    ranking = _weigh(papers(0, 20, 9, month="2402"), [0.0] * 20)
    assert ranking.scores[:12].min() > ranking.scores[12:].max()
    assert ranking.phrases.scores[:12].min() > ranking.phrases.scores[12:].max()
    assert ranking.meaning.scores[:12].mean() > ranking.meaning.scores[12:].mean() + 0.2
    assert any("experts" in name or "routing" in name for name in ranking.phrases.names[0])


def test_the_parts_add_up_to_the_score() -> None:
    ranking = weigh(Picks(papers(0, 20, 9), [0.0] * 20), PAST, MONTH, ["folding"], papers(1, 1, 3).vectors)
    parts = (ranking.phrases, ranking.meaning, ranking.closeness, ranking.interests, ranking.authors)
    assert np.allclose(ranking.scores, sum(part.scores for part in parts))


def test_recent_picks_weigh_more() -> None:
    picks = together(papers(0, 10, 7, month="2402"), papers(1, 10, 8, month="2402"))
    scores = _weigh(picks, [0.0] * 10 + [4000.0] * 10).scores
    assert scores[:12].mean() > scores[12:24].mean()


def test_a_word_that_the_months_abstracts_are_full_of_is_no_reason() -> None:
    def called(title: str, text: str, corpus: Corpus) -> Corpus:
        return replace(corpus, titles=(title,) * len(corpus), abstracts=(text,) * len(corpus))

    routing = ("Training the routing", "We see routing and training anew.")
    picks = called(*routing, papers(0, 20, 9, month="2402"))
    month = together(
        called(*routing, papers(0, 12, 20)), called("On folds", "Folds need training too.", papers(1, 40, 21))
    )
    named = {name for names in _weigh(picks, [0.0] * 20, month).phrases.names for name in names}
    assert "routing" in named
    assert "training" not in named


def test_a_reason_names_no_pair_that_says_how_much_and_not_of_what() -> None:
    title = ("Aligning large model training by routing",) * 20
    picks = replace(papers(0, 20, 9, month="2402"), titles=title, abstracts=title)
    near = replace(papers(0, 12, 20), titles=title[:12], abstracts=title[:12])
    names = _weigh(picks, [0.0] * 20, together(near, papers(1, 40, 21))).phrases.names[:12]
    found = {name for several in names for name in several}
    assert found
    assert not found & {"large model", "model training", "aligning large", "large", "model", "training"}


def test_a_pick_of_weight_eight_counts_as_if_it_were_there_eight_times() -> None:
    once, other = papers(0, 5, 7, month="2402"), papers(1, 5, 8, month="2402")
    weighted = Picks(together(once, other), [90.0] * 10, [8.0] * 5 + [1.0] * 5)
    repeated = Picks(together(*[once] * 8, other), [90.0] * 45)
    assert weighted.worth().sum() == pytest.approx(repeated.worth().sum())
    scores = weigh(weighted, PAST, MONTH, (), MONTH.vectors[:0]).scores
    alike = weigh(replace(weighted, weights=()), PAST, MONTH, (), MONTH.vectors[:0]).scores
    assert (scores - alike)[:12].min() > (scores - alike)[12:24].max()


def test_interests_alone_rank_a_month_and_are_named() -> None:
    interests, wanted = ["soil", "proteins"], np.vstack([papers(3, 1, 3).vectors, papers(1, 1, 4).vectors])
    ranking = weigh(Picks(NOTHING, []), NOTHING, MONTH, interests, wanted)
    middle = np.r_[ranking.scores[:12], ranking.scores[24:36]]
    assert min(ranking.scores[12:24].min(), ranking.scores[36:].min()) > middle.max()
    assert ranking.interests.names[12] == ("proteins",)
    assert ranking.interests.names[-1] == ("soil",)


def test_interests_move_what_picks_leave_open() -> None:
    picks = Picks(papers(0, 20, 9, month="2402"), [0.0] * 20)
    without = weigh(picks, PAST, MONTH, (), MONTH.vectors[:0]).scores
    with_them = weigh(picks, PAST, MONTH, ["proteins"], papers(1, 1, 4).vectors).scores
    assert (with_them - without)[12:24].min() > (with_them - without)[24:].max()


def test_an_author_picked_before_lifts_a_paper_and_an_unknown_author_does_not_sink_one() -> None:
    month = together(
        papers(2, 6, 31, author="Lovelace, Ada"), papers(2, 6, 32, author="Someone Else"), papers(2, 6, 33)
    )
    picks = together(papers(0, 5, 9, author="Ada Lovelace"), papers(1, 5, 10, author="Another One"))
    part = _weigh(picks, [0.0] * 10, month).authors
    picked, passed, unknown = part.scores[:6], part.scores[6:12], part.scores[12:]
    assert picked.min() > unknown.max() > passed.max()
    assert unknown == pytest.approx(np.zeros(6))
    assert part.names[0] == ("Lovelace, Ada",)
    assert part.names[6] == part.names[12] == ()


def test_an_author_of_many_papers_passed_over_is_no_recommendation() -> None:
    prolific = papers(2, 40, 40, author="Wei Wang", month="2403")
    month = together(papers(2, 6, 31, author="Wei Wang"), papers(2, 6, 32, author="Someone Else"))
    part = _weigh(papers(0, 5, 9, author="Wei Wang"), [0.0] * 5, month, prolific).authors
    assert part.scores == pytest.approx(np.zeros(12))


def test_a_month_is_ranked_alike_whatever_the_order() -> None:
    picks, turned = papers(0, 20, 9), np.random.default_rng(1).permutation(len(MONTH))
    straight = _weigh(picks, [0.0] * 20).scores
    assert _weigh(picks, [0.0] * 20, MONTH.take(turned)).scores == pytest.approx(straight[turned], abs=1e-3)


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("picked", [0, 1, 3])
def test_the_smallest_months_are_ranked(count: int, picked: int) -> None:
    ranking = _weigh(papers(0, picked, 9), [0.0] * picked, papers(1, count, 8), NOTHING)
    assert ranking.scores.shape == (count,)
    assert np.isfinite(ranking.scores).all()


def test_without_picks_or_interests_the_middle_of_the_month_comes_first() -> None:
    month = together(papers(0, 12, 1), papers(3, 1, 2))
    assert _weigh(NOTHING, [], month).scores.argmin() == 12


def test_novelty_is_the_distance_to_the_nearest_of_the_archive() -> None:
    month, archive = papers(0, 5, 1).vectors, together(papers(0, 5, 1), papers(1, 5, 2)).vectors
    assert novelty(month, archive) == pytest.approx(np.zeros(5), abs=1e-6)
    far = novelty(papers(3, 4, 3).vectors, archive)
    assert far == pytest.approx(np.clip(1 - (papers(3, 4, 3).vectors @ archive.T).max(axis=1), 0, 1), abs=1e-6)
    assert novelty(month[:0], archive).shape == (0,)
    assert novelty(month, archive[:0]) == pytest.approx(np.ones(5))
