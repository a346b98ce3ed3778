"""The measurement of the search finds what is known to be there."""

import json
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.evaluate.search import score_corpus, score_titles
from digest.pipeline.workshop import Workshop


@pytest.mark.model
def test_a_corpus_is_searched_by_word_by_meaning_and_by_both(workshop: Workshop, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    (folder / "qrels").mkdir(parents=True)
    texts = {"cat": "A cat sleeps on the warm sofa.", "car": "The engine of this car needs oil.", "sea": "Waves break."}
    lines = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in texts.items()]
    (folder / "corpus.jsonl").write_text("\n".join(lines), "utf-8")
    questions = {"1": "engine oil", "2": "a pet that rests on furniture"}
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": key, "text": text}) for key, text in questions.items()), "utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\tcar\t1\n2\tcat\t1\n", "utf-8")
    scores = {score.ranking: score for score in score_corpus(workshop, folder, "test", tmp_path / "kept")}
    assert scores["words"].reciprocal_rank == 0.5  # no word of the second question stands in its answer
    assert scores["vectors"].reciprocal_rank == scores["both"].reciprocal_rank == 1
    assert scores["both"].ndcg_at_10 == scores["both"].recall_at_100 == 1
    assert score_corpus(workshop, folder, "test", tmp_path / "kept") == list(scores.values())


@pytest.mark.model
def test_titles_find_their_own_abstracts(workshop: Workshop, publication: Path) -> None:
    words, vectors, both = score_titles(workshop, publication / "papers.jsonl", 24, None)
    assert words.questions == 24
    assert min(words.recall_at_100, vectors.recall_at_100) > 0.9
    assert both.reciprocal_rank >= 0.9


def test_nothing_to_measure_is_refused(workshop: Workshop, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"corpus\.jsonl cannot be read"):
        score_corpus(workshop, tmp_path, "test", None)
