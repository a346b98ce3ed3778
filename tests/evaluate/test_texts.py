"""How good the texts are, measured on labelled examples."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.cli import app
from digest.errors import UsageError
from digest.evaluate.texts import Example, read_examples, score_gate, score_tldrs
from digest.paper import Evidence, Summary, Verdict

SAMPLE = Path(__file__).parent / "scitldr" / "sample.jsonl"
EXAMPLE = Example(
    "Looms", "Cloth is dear. We propose a loom that weaves long cloths.", ("A loom that weaves long cloths.", "Cloth.")
)


def written(text: str, verdict: Verdict) -> Summary:
    return Summary(kind="tldr", text=text, evidence=(Evidence(0, 0, 1),), verdict=verdict)


def test_a_text_that_is_a_reference_has_a_rouge_of_one() -> None:
    scores = score_tldrs([EXAMPLE], lambda _papers: [written(EXAMPLE.summaries[0], Verdict.PASSED)])
    by_tier = {score.tier: score for score in scores}
    assert list(by_tier) == ["title", "lead", "first cue", "extracted", "written"]
    assert by_tier["written"].rouge1 == by_tier["written"].rouge2 == by_tier["written"].rouge_l == 1
    assert by_tier["written"].verdicts == {"passed": 1}
    assert by_tier["title"].with_title == 1
    assert by_tier["lead"].rouge1 == pytest.approx(0.5)  # "Cloth is dear." and "Cloth.": 1 of 3 and 1 of 1 words


def test_the_extracted_sentence_beats_the_lead_and_the_title_on_real_abstracts() -> None:
    by_tier = {score.tier: score.rouge1 for score in score_tldrs(read_examples(SAMPLE))}
    assert by_tier["extracted"] > max(by_tier["lead"], by_tier["title"])


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "holds no examples"),
        ("{", "line 1: want SciTLDR's shape"),
        ('{"source": ["a"], "target": []}', "line 1: want SciTLDR's shape"),
        ('{"source": [1], "target": ["a"]}', "line 1: want SciTLDR's shape"),
    ],
)
def test_examples_of_another_shape_are_named(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=complaint):
        read_examples(file)


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    file = tmp_path / "examples.jsonl"
    file.write_text('{"source": ["a\u2028b"], "target": ["c"]}\n' * 2, encoding="utf-8")
    assert [example.summaries for example in read_examples(file, limit=1)] == [("c",)]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_examples(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="cannot read"):
        score_gate(tmp_path / "none.jsonl")


def test_without_rouge_score_the_mend_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)  # what Python makes of a missing module
    with pytest.raises(UsageError, match=r"pip install 'digest-arxiv\[eval\]'"):
        score_tldrs([EXAMPLE])


def test_the_commands_print_tables_and_json() -> None:
    table = CliRunner().invoke(app, ["eval", "tldr", "--data", str(SAMPLE), "--limit", "3"])
    assert table.exit_code == 0, table.output
    asked = CliRunner().invoke(app, ["eval", "gate", "--json"])
    tallies = json.loads(asked.output)
    sets = {f"{half}{which}" for half in ("calibration", "held-out") for which in ("", ", second set", ", third set")}
    assert sets | {"held-out, fourth set", "held-out, all"} == {tally["half"] for tally in tallies}
    assert all(0 <= tally["recall"] <= 1 for tally in tallies)
