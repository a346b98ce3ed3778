"""A month is counted in its latest versions, without what was withdrawn."""

from dataclasses import replace

from digest.paper import Month, Paper, Tag
from digest.store.counting import count_month
from digest.store.database import Store
from digest.store.papers import papers_by_id, save_papers
from digest.store.writings import save_tags

PAPER = Paper(arxiv_id="2404.00001", version=1, title="One", abstract="A.")


def test_titles_and_topics_are_counted_by_month_and_scheme(store: Store) -> None:
    save_papers(
        store,
        [
            PAPER,
            replace(PAPER, arxiv_id="2404.00002", title="Two"),
            replace(PAPER, arxiv_id="2404.00003", title="Gone", withdrawn=True),
            replace(PAPER, arxiv_id="2403.00001", title="Before"),
        ],
    )
    save_papers(store, [replace(PAPER, version=2, title="One, again")])
    ids = {arxiv_id: held.version_id for arxiv_id, held in papers_by_id(store, ["2404.00001", "2404.00002"]).items()}
    one, two = ids["2404.00001"], ids["2404.00002"]
    save_tags(store, "s", {one: [Tag("agents", 0.9), Tag("code", 0.5)], two: [Tag("code", 0.8)]})
    save_tags(store, "other", {two: [Tag("vision", 0.8)]})
    count = count_month(store, "s", Month(2024, 4))
    assert count.titles == {one: "One, again", two: "Two"}
    assert count.topics == {"agents": 1, "code": 2}
    assert count.first_topics == {one: "agents", two: "code"}
    assert count_month(store, "s", Month(2024, 3)).titles
    assert count_month(store, "s", Month(2023, 3)).titles == {}
