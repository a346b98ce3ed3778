"""Papers get topics of the closed taxonomy, by closeness and by name."""

import numpy as np
import pytest

from digest.errors import UsageError
from digest.paper import Topic
from digest.places import BUNDLED
from digest.write.tags import candidates, nearest_topics, parse_taxonomy, tag_papers, topic_texts

TOPICS = (
    Topic("agents", "Agents", "Agents that act.", ("agent", "agents")),
    Topic("moe", "Mixture of experts", "Sparse experts.", ("mixture of experts", "moe")),
    Topic("surveys", "Surveys", "Overviews."),
)
EYE = np.eye(3, dtype=np.float32)


def test_the_bundled_taxonomy_is_whole() -> None:
    topics = parse_taxonomy((BUNDLED / "taxonomy.toml").read_text(encoding="utf-8"), "taxonomy")
    assert 20 <= len(topics) <= 40
    assert all(topic.description.endswith(".") and topic.synonyms for topic in topics)
    assert 4 <= len({topic.parent for topic in topics}) <= 8
    assert all(topic.parent for topic in topics)
    assert len(set(topic_texts(topics))) == len(topics)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[topics]", "is not TOML"),
        ("", "holds no"),
        ('[[topics]]\nslug = "a"\nname = "A"', "lacks 'description'"),
        ('[[topics]]\nslug = "../a"\nname = "A"\ndescription = "d"', "lower-case words"),
    ],
)
def test_a_broken_taxonomy_is_named(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_taxonomy(text, "taxonomy.toml")


def test_the_nearest_description_wins() -> None:
    given = tag_papers(EYE[[1, 2]], EYE, [("A title", "Words."), ("Another", "Words.")], TOPICS)
    assert [tags[0].topic for tags in given] == ["moe", "surveys"]


def test_a_topic_named_in_the_title_outweighs_a_slight_closeness() -> None:
    vector = np.array([[0.3, 0.35, 0.3]], np.float32)
    assert tag_papers(vector, EYE, [("Agents that plan", "")], TOPICS)[0][0].topic == "agents"
    assert tag_papers(vector, EYE, [("Reagents", "")], TOPICS)[0][0].topic == "moe"


def test_each_paper_has_one_to_three_topics_with_falling_scores() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    for tags in tag_papers(vectors, EYE, [("agents", "moe moe moe moe")] * 40, TOPICS):
        assert 1 <= len(tags) <= 3
        assert [tag.score for tag in tags] == sorted((tag.score for tag in tags), reverse=True)
        assert all(0 <= tag.score <= 1 for tag in tags)


def test_no_papers_get_no_tags() -> None:
    assert tag_papers(np.empty((0, 3), np.float32), EYE, [], TOPICS) == []


def test_the_candidates_are_the_likeliest_topics_best_first() -> None:
    vector = np.array([[0.1, 0.5, 0.3]], np.float32)
    ((best, second),) = candidates(vector, EYE, [("A title", "Words.")], TOPICS, 2)
    assert (best.topic, second.topic) == ("moe", "surveys")
    assert best.score > second.score
    assert tag_papers(vector, EYE, [("A title", "Words.")], TOPICS)[0][0] == best


def test_similarity_alone_gives_the_nearest_topic_whatever_the_words() -> None:
    given = nearest_topics(EYE[[2]], EYE, TOPICS)
    assert [[tag.topic for tag in tags] for tags in given] == [["surveys"]]
