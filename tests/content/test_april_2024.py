"""The April 2024 issue's own words hold together: ids, titles, numbers, links and the guide's examples."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from digest.errors import UsageError
from digest.figure import Shape
from digest.harvest.snapshot import read_snapshot
from digest.issue.editor import EditorFile, check_titles, load_editor_file, parse_editor_file
from digest.issue.releases import Releases, parse_releases
from digest.paper import Month, Paper, month_of_id, split_arxiv_id
from digest.places import BUNDLED, CONTENT

APRIL = CONTENT / "2024-04"
GUIDE = Path(__file__).parents[2] / "docs" / "editor.md"
# Papers, the makers' own pages, and where weights lie: nothing else is a source here.
HOSTS = {
    "arxiv.org",
    "ai.meta.com",
    "github.com",
    "huggingface.co",
    "mistral.ai",
    "www.snowflake.com",
}
# Pairs that were once printed like this: the id belongs to another paper.
WRONG_PAIRS = {
    "2404.14662": "A Survey on Self-Evolution of Large Language Models",
    "2404.02151": "Direct Nash Optimization: Teaching Language Models to Self-Improve with General Preferences",
}


@pytest.fixture(scope="module")
def editor() -> EditorFile:
    return load_editor_file(APRIL)


@pytest.fixture(scope="module")
def title_by_id() -> dict[str, str]:
    papers = read_snapshot(BUNDLED / "april-2024.jsonl.gz")
    return {paper.arxiv_id: paper.title for paper in papers if isinstance(paper, Paper)}


@pytest.fixture(scope="module")
def models() -> Releases:
    return parse_releases((APRIL / "models.toml").read_text(encoding="utf-8"), "models.toml")


def _articles() -> list[Path]:
    return sorted(APRIL.glob("*.md"))


def test_every_title_belongs_to_its_id_and_every_paper_is_held(editor: EditorFile, title_by_id: dict[str, str]) -> None:
    check_titles(editor, title_by_id)
    assert {one.arxiv_id for one in editor.named} <= set(title_by_id)


def test_the_whole_reference_list_is_in_with_its_right_ids(editor: EditorFile) -> None:
    pinned = {pin.arxiv_id for pin in editor.pins}
    assert len(editor.pins) == 59
    assert {"2404.19756", "2404.02258", "2404.07143", "2404.14219", "2404.14619", "2404.10719"} <= pinned
    assert {"2404.14387", "2404.14662", "2404.03715", "2404.02151"} <= pinned


@pytest.mark.parametrize("arxiv_id", WRONG_PAIRS)
def test_a_pair_as_wrongly_printed_would_be_caught(
    editor: EditorFile, title_by_id: dict[str, str], arxiv_id: str
) -> None:
    text = (APRIL / "issue.toml").read_text(encoding="utf-8")
    mended = text.replace(title_by_id[arxiv_id], WRONG_PAIRS[arxiv_id])
    assert mended != text
    wrong = parse_editor_file(mended, "issue.toml", {article.name: "x" for article in _articles()})
    line = next(pin.line for pin in editor.pins if pin.arxiv_id == arxiv_id)
    with pytest.raises(UsageError, match=rf"line {line}: {arxiv_id} is .* that is the title of 2404\.(14387|03715)"):
        check_titles(wrong, title_by_id)


def test_the_issue_has_what_an_issue_needs(editor: EditorFile) -> None:
    assert editor.title.endswith("?")
    assert len(editor.opening.split("\n\n")) == 2
    assert [feature.slug for feature in editor.features] == ["model-releases", "openelm", "dpo-or-ppo"]
    assert 5 <= sum(pin.starred for pin in editor.pins) <= 10
    assert len(editor.hidden) == 3
    assert any(pin.note for pin in editor.pins)
    assert {month_of_id(pin.arxiv_id) for pin in editor.pins} == {Month(2024, 4), Month(2024, 5)}


def test_every_number_of_an_editors_summary_stands_in_the_abstract(editor: EditorFile) -> None:
    papers = read_snapshot(BUNDLED / "april-2024.jsonl.gz")
    abstract_by_id = {paper.arxiv_id: paper.abstract for paper in papers if isinstance(paper, Paper)}
    own = {pin.arxiv_id: pin.summary for pin in editor.pins if pin.summary}
    assert own
    for arxiv_id, summary in own.items():
        abstract = set(re.findall(r"\d+(?:\.\d+)?", abstract_by_id[arxiv_id]))
        assert set(re.findall(r"\d+(?:\.\d+)?", summary)) <= abstract, arxiv_id


def test_a_retitle_differs_from_the_stored_title_in_letters_case_and_signs_only(editor: EditorFile) -> None:
    retitled = [pin for pin in editor.pins if pin.retitle]
    assert retitled
    for pin in retitled:
        assert pin.retitle != pin.title
        assert re.sub(r"\W", "", pin.retitle).casefold() == re.sub(r"\W", "", pin.title).casefold()


def test_every_article_is_used(editor: EditorFile) -> None:
    printed = {editor.opening, *(feature.markdown for feature in editor.features)}
    assert {article.read_text(encoding="utf-8").strip() for article in _articles()} == printed


def test_sections_are_numbered_by_their_features_place(editor: EditorFile) -> None:
    for place, feature in enumerate(editor.features, start=1):
        numbers = re.findall(r"^## (\d+\.\d+) \S", feature.markdown, re.MULTILINE)
        assert numbers == [f"{place}.{part}" for part in range(1, len(numbers) + 1)]
        assert len(numbers) >= 3
        assert len(re.findall(r"^#", feature.markdown, re.MULTILINE)) == len(numbers)


def test_every_feature_has_a_box_that_says_what_to_do_and_that_it_is_an_opinion(editor: EditorFile) -> None:
    for feature in editor.features:
        box = re.search(r"^> \*\*In practice\.\*\* (.*)$", feature.markdown, re.MULTILINE)
        assert box, feature.slug
        assert "opinion" in box[1].lower()


@pytest.mark.parametrize(
    ("article", "arxiv_id", "said", "in_abstract"),
    [
        ("openelm.md", "2404.14619", "2.36%", "2.36%"),
        ("openelm.md", "2404.14619", "half the pre-training tokens", "fewer pre-training tokens"),
        ("dpo-or-ppo.md", "2404.10719", "“in all cases”", "in all cases"),
        ("dpo-or-ppo.md", "2404.10719", "may have fundamental limitations", "may have fundamental limitations"),
        ("dpo-or-ppo.md", "2404.10719", "from dialogue to code generation", "from dialogue to code generation"),
    ],
)
def test_what_a_feature_takes_from_an_abstract_stands_there(
    article: str, arxiv_id: str, said: str, in_abstract: str
) -> None:
    papers = (paper for paper in read_snapshot(BUNDLED / "april-2024.jsonl.gz") if isinstance(paper, Paper))
    abstract = next(paper.abstract for paper in papers if paper.arxiv_id == arxiv_id)
    assert said in (APRIL / article).read_text(encoding="utf-8")
    assert in_abstract in abstract


def test_a_dive_defines_before_it_finds_and_says_what_it_does_not_show(editor: EditorFile) -> None:
    dive = next(feature.markdown for feature in editor.features if feature.slug == "dpo-or-ppo")
    parts = ["Background", "What was done", "What was found", "Best practices", "What it does not show", "In practice"]
    places = [dive.index(part) for part in parts]
    assert places == sorted(places)
    for name in ("Supervised fine-tuning", "reward model", "RLHF", "PPO", "DPO"):
        assert name in dive[places[0] : places[1]], name


def test_features_are_neither_notes_nor_books(editor: EditorFile) -> None:
    for feature in editor.features:
        assert 500 <= len(feature.markdown.split()) <= 1_400, feature.slug


@pytest.mark.parametrize("article", _articles(), ids=lambda article: article.name)
def test_links_lead_to_sources_only_and_nothing_is_html(article: Path) -> None:
    text = article.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert links
    for link in links:
        address = urlsplit(link)
        assert address.scheme == "https"
        assert address.netloc in HOSTS, link
        if address.netloc == "arxiv.org":
            split_arxiv_id(link)
    assert len(links) == len(re.findall(r"https?:", text)), "an address outside a link"
    assert not re.search(r"<[a-zA-Z/!]|!\[", text)


def test_links_of_notes_lead_to_papers_of_the_issue(editor: EditorFile) -> None:
    pinned = {pin.arxiv_id for pin in editor.pins}
    linked = [link for pin in editor.pins for link in re.findall(r"\]\(([^)]*)\)", pin.note)]
    assert linked
    assert {split_arxiv_id(link)[0] for link in linked} <= pinned


def test_every_table_has_as_many_cells_in_each_row() -> None:
    for article in _articles():
        for table in re.findall(r"(?:^\|.*\|\n)+", article.read_text(encoding="utf-8"), re.MULTILINE):
            assert len({row.count("|") for row in table.splitlines()}) == 1, article.name


def test_the_models_of_the_month_are_all_there(models: Releases) -> None:
    names = {model.name for model in models.models}
    assert {"Mixtral 8x22B", "Llama 3 8B", "Llama 3 70B", "Phi-3-mini", "Phi-3-small", "Phi-3-medium"} <= names
    assert {f"OpenELM {size}" for size in ("270M", "450M", "1.1B", "3B")} <= names
    assert {"Llama 2 7B", "Llama 2 70B"} <= names


def test_every_number_has_a_page_of_its_maker_and_a_sentence_or_a_reason(models: Releases) -> None:
    facts = [fact for model in models.models for fact in model.facts.values()]
    assert len(facts) > 100
    for fact in facts:
        assert urlsplit(fact.source.url).netloc in HOSTS
        assert bool(fact.source.sentence) != bool(fact.source.missing)
    unquoted = {(fact.kind.key, fact.source.where) for fact in facts if fact.source.missing}
    assert {key for key, _ in unquoted} == {"released", "layers", "width", "heads", "kv_heads", "mmlu"}


def test_sentences_of_abstracts_stand_in_the_bundled_abstracts(models: Releases) -> None:
    papers = read_snapshot(BUNDLED / "april-2024.jsonl.gz")
    abstracts = {paper.url: " ".join(paper.abstract.split()) for paper in papers if isinstance(paper, Paper)}
    quoted = {fact.source for model in models.models for fact in model.facts.values()}
    compared = [one for one in quoted if one.where == "abstract" and one.url in abstracts]
    assert len(compared) == 6
    assert all(one.sentence in abstracts[one.url] for one in compared)


def test_every_number_of_every_figure_leads_to_its_page(editor: EditorFile) -> None:
    figures = [figure for feature in editor.features for figure in feature.figures]
    assert len(figures) >= 9
    fields = [cell for figure in figures for row in figure.grid.rows for cell in row[1:] if cell.text]
    assert len(fields) > 150
    assert all(cell.source and urlsplit(cell.source.url).netloc in HOSTS for cell in fields)


def test_no_model_uses_more_parameters_than_it_has(models: Releases) -> None:
    for model in models.models:
        parameters, active = model.facts["parameters"].number, model.facts["active"].number
        assert parameters
        assert active
        assert active <= parameters


def test_the_running_chart_grows_by_a_series_a_section_on_the_same_axes(editor: EditorFile) -> None:
    charts = [one.chart for one in editor.features[0].figures if one.chart and one.chart.shape is Shape.POINTS]
    *steps, apart = [{series.name for series in chart.series} for chart in charts]
    assert steps == [
        {"Llama 2", "Mixtral"},
        {"Llama 2", "Mixtral", "Llama 3"},
        {"Llama 2", "Mixtral", "Llama 3", "Phi-3"},
    ]
    assert "OpenELM" in apart
    assert len({(chart.x_range, chart.y_range) for chart in charts[:3]}) == 1


def test_the_article_shows_what_the_month_was_about(editor: EditorFile) -> None:
    titles = {figure.title: figure for figure in editor.features[0].figures}
    tokens = {
        row[0].text: row[1].text for row in titles["Training tokens: 15 trillion, 3.3 trillion, 2 trillion"].grid.rows
    }
    assert tokens["Llama 3 8B"] == "over 15T"
    assert (tokens["Llama 2 7B"], tokens["Phi-3-mini"], tokens["Mixtral 8x22B"]) == ("2T", "3.3T", "")
    grid = titles["The architecture of Llama 2 and Llama 3"].grid
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in grid.rows}
    assert rows["Vocabulary"] == ["32K", "128,256", "32K", "128,256"]
    assert rows["Attention"] == ["multi-head", "grouped-query", "grouped-query", "grouped-query"]


def test_the_guides_examples_are_read_as_the_guide_says(title_by_id: dict[str, str]) -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    files = {"opening.md": "Hello.", "new-models.md": "Long."}
    assert parse_releases(examples.pop(), "models.toml").models[0].facts["tokens"].cell.text == "3.3T"
    whole, long_form = (parse_editor_file(example, "issue.toml", files) for example in examples)
    for example in (whole, long_form):
        check_titles(example, title_by_id)
    assert (whole.opening, whole.features[0].markdown) == ("Hello.", "Long.")
    assert [(pin.starred, bool(pin.retitle), bool(pin.note)) for pin in whole.pins] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]
    assert whole.hides == ("2404.16692",)
    assert long_form.pins[0].note.startswith("The abstract's evidence")


def test_the_guides_error_is_the_one_that_is_given(title_by_id: dict[str, str]) -> None:
    line = next(
        line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("site/content/2024-04")
    )
    pair = f'{{ id = "2404.14662", title = "{WRONG_PAIRS["2404.14662"]}" }},'
    wrong = "\n".join(["papers = [", *["  # another paper"] * 22, pair, "]"])
    with pytest.raises(UsageError, match=re.escape(line)):
        check_titles(parse_editor_file(wrong, "site/content/2024-04/issue.toml", {}), title_by_id)
