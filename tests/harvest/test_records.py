"""Values as sources give them become parts of a paper, or a reason why they cannot."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.harvest.records import read_authors, read_categories, read_moment, split_author_line
from digest.paper import Month, month_of_id, split_arxiv_id

NAMES = st.from_regex(r"[A-Z][a-zé]{1,8}(-[A-Z][a-z]{1,5})? [A-Z][a-zü]{1,9}", fullmatch=True)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("C. Bal\\'azs, E. L. Berger, P. M. Nadolsky", ["C. Bal\\'azs", "E. L. Berger", "P. M. Nadolsky"]),
        ('Ada Lovelace and Kurt G\\"odel', ["Ada Lovelace", 'Kurt G\\"odel']),
        ("A. Bo (1,2), C. Do ((1) MIT, USA, (2) CERN (Geneva))", ["A. Bo", "C. Do"]),
        ("Martin L. King, Jr., Ken Griffey III", ["Martin L. King Jr.", "Ken Griffey III"]),
        ("A. Bo, III, and C. Do", ["A. Bo III", "C. Do"]),
        ("A. Bo; C. Do", ["A. Bo", "C. Do"]),
        ("Alessandro Sandoval", ["Alessandro Sandoval"]),
        ("unbalanced) A. Bo, C. (Do", ["unbalanced A. Bo", "C."]),
        ("", []),
        ("  ,  ,", []),
    ],
)
def test_a_line_of_authors_becomes_names(line: str, names: list[str]) -> None:
    assert split_author_line(line) == names


@given(st.lists(NAMES, max_size=30), st.sampled_from([", ", ",", " and ", "; "]))
def test_names_that_are_joined_come_apart_again(names: list[str], joint: str) -> None:
    assert split_author_line(joint.join(names)) == names


@given(st.text(max_size=200))
def test_any_line_gives_clean_names(line: str) -> None:
    assert all(name == " ".join(name.split()) and name for name in split_author_line(line))


@pytest.mark.parametrize(
    ("tex", "name"),
    [
        ('Erwin Schr\\"odinger', "Erwin Schrödinger"),
        ('Erwin Schr{\\"o}dinger', "Erwin Schrödinger"),
        ("Paul Erd\\H{o}s", "Paul Erdős"),
        ("\\v{S}imon \\O rsted", "Šimon Ørsted"),
        ("\\L{}ukasz Kaiser", "Łukasz Kaiser"),
        ("Zo\u0065\u0308 Ng", "Zoë Ng"),
    ],
)
def test_accents_are_read_in_any_spelling(tex: str, name: str) -> None:
    assert read_authors([tex]) == (name,)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("Mon, 2 Apr 2007 19:18:42 GMT", date(2007, 4, 2)),
        ("Tue, 30 Apr 2024 23:50:00 -0400", date(2024, 5, 1)),
        ("Wed, 01 May 2024 08:00:00 +1400", date(2024, 4, 30)),
        ("Thu, 29 Feb 2024 00:00:00 GMT", date(2024, 2, 29)),
    ],
)
def test_a_moment_falls_on_its_day_in_utc(moment: str, day: date) -> None:
    assert read_moment(moment, "created") == day


@pytest.mark.parametrize(
    "moment", ["", "soon", "Mon, 32 Apr 2007 19:18:42 GMT", "2007-04-02", "Mon, 2 Apr 1807 19:18:42 GMT"]
)
def test_what_is_no_moment_is_refused_by_name(moment: str) -> None:
    with pytest.raises(ValueError, match="created is not"):
        read_moment(moment, "created")


@given(st.text(max_size=60))
def test_any_moment_is_a_plausible_day_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert 1986 <= read_moment(text, "created").year <= 2999


def test_a_category_of_white_space_is_none() -> None:
    assert read_categories(["cs.CL", " cs.LG ", "cs.CL", "cs.ZZ"]) == ("cs.CL", "cs.LG", "cs.ZZ")
    with pytest.raises(ValueError, match="category"):
        read_categories(["cs.CL", " "])


@given(st.integers(1991, 2090), st.integers(1, 12), st.integers(0, 999), st.integers(0, 30))
def test_old_ids_come_back_whole_with_their_month(year: int, month: int, number: int, version: int) -> None:
    bare = f"hep-th/{year % 100:02}{month:02}{number:03}"
    written = f"https://arxiv.org/abs/{bare}" + (f"v{version}" if version else "")
    assert split_arxiv_id(written) == (bare, version)
    assert month_of_id(bare) == Month(year, month)
