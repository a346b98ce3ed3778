"""BibTeX, written by us and read by another program."""

from dataclasses import replace

import pytest
from bibtexparser.entrypoint import parse_string

from digest.paper import Paper
from digest.publish.exports import bibtex

PAPER = Paper(
    arxiv_id="2404.07143",
    title="Leave No Context Behind",
    abstract="a",
    authors=("Tsendsuren Munkhdalai", "Jürgen O'Neil"),
    categories=("cs.CL", "cs.AI"),
)


def _read(text: str) -> dict[str, str]:
    library = parse_string(text)
    assert not library.failed_blocks
    assert len(library.blocks) == 1
    (entry,) = library.entries
    return {"key": entry.key, "type": entry.entry_type, **{field.key: field.value for field in entry.fields}}


def test_another_program_reads_what_we_wrote() -> None:
    assert _read(bibtex(PAPER, PAPER.title)) == {
        "key": "arxiv-2404.07143",
        "type": "misc",
        "title": "{Leave No Context Behind}",
        "author": "Tsendsuren Munkhdalai and Jürgen O'Neil",
        "year": "2024",
        "eprint": "2404.07143",
        "archivePrefix": "arXiv",
        "primaryClass": "cs.CL",
        "url": "https://arxiv.org/abs/2404.07143",
    }


def test_what_is_not_known_is_left_out() -> None:
    fields = _read(bibtex(Paper(arxiv_id="hep-th/9901001", title="Old", abstract="a"), "Old"))
    assert fields["key"] == "arxiv-hep-th-9901001"
    assert fields["year"] == "1999"
    assert not {"author", "primaryClass", "doi"} & fields.keys()


@pytest.mark.parametrize(
    "title", ["{", "}", '"', "} @misc{evil, title={x", "100% & $5_#^~", "\\input{/etc/passwd}", "a\nb\x00", '"}', "\\"]
)
def test_hostile_characters_stay_inside_their_field(title: str) -> None:
    paper = replace(PAPER, authors=(title,))
    fields = _read(bibtex(paper, title))
    assert fields["eprint"] == "2404.07143"
    assert "\\input{" not in fields["title"]


def test_a_name_with_a_comma_or_an_and_stays_one_name() -> None:
    fields = _read(bibtex(replace(PAPER, authors=("Gemma Team, Google", "Ann and Bob")), "t"))
    assert fields["author"] == "{Gemma Team, Google} and {Ann and Bob}"
