from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.paper import Month, Paper, month_of_id, split_arxiv_id

MONTHS = st.dates(date(1991, 7, 1), date(2999, 12, 31)).map(lambda day: Month(day.year, day.month))
PAPER = Paper(arxiv_id="2404.07143", title="Leave No Context Behind", abstract="We scale.")


def new_id(month: Month, number: int) -> str:
    return f"{month.year % 100:02d}{month.month:02d}.{number:05d}"


class TestMonth:
    @given(MONTHS)
    def test_what_is_written_can_be_read(self, month: Month) -> None:
        assert Month.parse(str(month)) == month

    @given(MONTHS)
    def test_the_next_month_begins_where_this_one_ends(self, month: Month) -> None:
        assert month.next().first_day == month.last_day + timedelta(days=1)
        assert month < month.next()

    @given(MONTHS, st.dates(date(1991, 7, 1), date(2999, 12, 31)))
    def test_a_month_holds_its_days_and_no_others(self, month: Month, day: date) -> None:
        assert (day in month) == (month.first_day <= day <= month.last_day)

    @pytest.mark.parametrize(
        "text", ["2024-13", "2024-00", "2024-4", "1991-06", "24-04", "2024-04-01", "٢٠٢٤-٠٤", "", "2024-04\n"]
    )
    def test_what_is_no_month_is_refused_by_name(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a month: write it like 2024-04"):
            Month.parse(text)

    def test_its_name_is_in_words(self) -> None:
        assert Month(2024, 4).name == "April 2024"


class TestSplitArxivId:
    @given(MONTHS, st.integers(1, 99_999), st.integers(1, 99))
    def test_an_id_and_its_version_come_apart_as_they_were_joined(
        self, month: Month, number: int, version: int
    ) -> None:
        arxiv_id = new_id(month, number)
        assert split_arxiv_id(f"{arxiv_id}v{version}") == (arxiv_id, version)
        assert split_arxiv_id(arxiv_id) == (arxiv_id, 0)

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("hep-th/9901001v2", ("hep-th/9901001", 2)),
            ("math.AG/0601001", ("math.AG/0601001", 0)),
            ("arXiv:2404.07143v1", ("2404.07143", 1)),
            (" https://arxiv.org/abs/2404.07143 ", ("2404.07143", 0)),
            ("http://export.arxiv.org/pdf/2404.07143v3.pdf", ("2404.07143", 3)),
            ("0704.0001", ("0704.0001", 0)),
        ],
    )
    def test_the_forms_people_write_are_understood(self, text: str, parts: tuple[str, int]) -> None:
        assert split_arxiv_id(text) == parts

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2413.00001",
            "2404.07143v0",
            "2404",
            "../../etc/passwd",
            "http://arxiv.org/api/errors#bad",
            "２４０４.07143",
            "hep-th/99010",
        ],
    )
    def test_what_is_no_id_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not an arXiv id"):
            split_arxiv_id(text)

    @given(st.text())
    def test_any_text_is_an_id_or_refused(self, text: str) -> None:
        try:
            bare, _ = split_arxiv_id(text)
        except ValueError:
            return
        assert month_of_id(bare).first_day.year >= 1991


class TestMonthOfId:
    @given(
        st.dates(date(2007, 4, 1), date(2090, 12, 31)).map(lambda day: Month(day.year, day.month)),
        st.integers(1, 99_999),
    )
    def test_the_first_four_digits_name_the_month(self, month: Month, number: int) -> None:
        assert month_of_id(new_id(month, number)) == month

    def test_old_ids_are_of_the_last_century_too(self) -> None:
        assert month_of_id("hep-th/9901001") == Month(1999, 1)
        assert month_of_id("math.AG/0601001") == Month(2006, 1)

    def test_a_version_is_no_part_of_it(self) -> None:
        with pytest.raises(ValueError, match="is not an arXiv id"):
            month_of_id("2404.07143v1")


class TestPaper:
    def test_its_month_is_that_of_its_submission(self) -> None:
        assert replace(PAPER, arxiv_id="2405.00208", submitted=date(2024, 4, 30)).month == Month(2024, 4)

    def test_where_only_the_id_is_known_the_ids_month_stands_in(self) -> None:
        assert PAPER.month == Month(2024, 4)

    def test_its_hash_is_of_title_and_abstract_and_nothing_else(self) -> None:
        assert replace(PAPER, version=2, authors=("A",)).content_hash == PAPER.content_hash
        assert replace(PAPER, title="Other").content_hash != PAPER.content_hash
        assert (
            replace(PAPER, title="a", abstract="bc").content_hash
            != replace(PAPER, title="ab", abstract="c").content_hash
        )

    def test_its_address_names_the_version_where_known(self) -> None:
        assert PAPER.url == "https://arxiv.org/abs/2404.07143"
        assert replace(PAPER, version=2).url.endswith("v2")

    def test_its_primary_category_is_the_first(self) -> None:
        assert PAPER.primary_category is None
        assert replace(PAPER, categories=("cs.CL", "cs.LG")).primary_category == "cs.CL"
