"""The pictures that other sites show beside a link."""

import io
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from PIL import Image

from digest.edition import Issue
from digest.places import STATIC, TEMPLATES
from digest.publish.cards import SIZE, Card, card_mark, draw_card
from digest.publish.render import SiteFrame, render_site

Files = dict[PurePosixPath, bytes]
CARD = Card("Leave No Context Behind", "The Digest · April 2024", "arXiv:2404.07143 · Ann One")


def _ink(png: bytes, box: tuple[int, int, int, int]) -> int:
    """Count the pixels in a part of the card that are not the paper's."""
    part = Image.open(io.BytesIO(png)).convert("RGB").crop(box)
    return sum(count for count, colour in part.getcolors(1 << 20) or [] if colour != (251, 250, 246))


def test_a_card_has_the_size_that_others_expect_and_is_small(site: Files) -> None:
    cards = [content for path, content in site.items() if path.name == "card.png"]
    assert len(cards) == 1 + 2 + 5  # the site, its issues, its papers
    for content in cards:
        assert Image.open(io.BytesIO(content)).size == SIZE
        assert len(content) < 60_000


def test_the_same_words_are_the_same_bytes_and_other_words_are_not() -> None:
    assert draw_card(CARD) == draw_card(replace(CARD))
    assert draw_card(CARD) != draw_card(replace(CARD, title="Leave Context Behind"))
    assert len({card_mark(CARD), card_mark(replace(CARD, below="")), card_mark(replace(CARD, above=""))}) == 3


def test_what_an_issue_holds_takes_two_lines_where_one_is_too_short_and_authors_are_named_whole() -> None:
    long = "Mixtral 8x22B, Llama 3, Phi-3 and OpenELM compared; DPO against PPO; and the other papers of April 2024"
    second = (84, 556, SIZE[0] - 84, 600)  # where one line's letters stand, too
    assert _ink(draw_card(Card("Which?", "April", long)), second) > 0
    assert _ink(draw_card(Card("Which?", "April", long)), (84, 516, SIZE[0] - 84, 545)) > 0
    assert _ink(draw_card(Card("Which?", "April", "short")), (84, 536, SIZE[0] - 84, 550)) == 0


@pytest.mark.parametrize("title", ["", "x" * 500, "long words " * 100, "你好 \u202e\ud800\x00", "Θ(n²) ≤ ∞"])
def test_whatever_the_title_nothing_is_drawn_into_the_margins(title: str) -> None:
    png = draw_card(Card(title, title, title))
    width, height = SIZE
    for box in ((18, 0, 80, height), (width - 84, 0, width, height), (18, height - 24, width, height)):
        assert _ink(png, box) == 0, box


def test_a_page_names_its_own_card_and_none_where_none_are_drawn(site: Files, issue: Issue, frame: SiteFrame) -> None:
    page = site[PurePosixPath("papers/2404.07143/index.html")].decode()
    assert 'content="https://example.org/digest/papers/2404.07143/card.png"' in page
    plain = render_site([issue], replace(frame, cards=False), [TEMPLATES], STATIC)
    assert not [path for path in plain if path.name == "card.png"]
    assert not [path for path, content in plain.items() if b"og:image" in content]
