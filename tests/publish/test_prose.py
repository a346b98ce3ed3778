"""Markdown, as written by an editor and as written by an attacker."""

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.publish.prose import headed, render_prose


def test_headings_start_where_the_page_wants_and_carry_unique_anchors() -> None:
    html = render_prose("# One\n\n### Deep\n\n# One\n", top=3, anchor="part")
    assert html == '<h3 id="part-one">One</h3>\n<h5 id="part-deep">Deep</h5>\n<h3 id="part-one-2">One</h3>\n'


def test_no_heading_is_deeper_than_html_allows() -> None:
    assert '<h6 id="a-x">' in render_prose("# t\n\n###### x", top=5, anchor="a")


_LINES = st.sampled_from(
    [
        "# One",
        "### Two ##",
        "Three\n---",
        "Four *and*\nfive\n===",
        "> ## Six",
        "- # Seven",
        "words",
        "",
        "```\n# no\n```",
    ]
)


@given(st.lists(_LINES, max_size=8), st.integers(2, 4))
def test_markdown_with_its_headings_moved_prints_as_before(lines: list[str], top: int) -> None:
    markdown = "\n\n".join(lines)
    moved = headed(markdown, top)
    before, after = (render_prose(one, top=top, anchor="a").split() for one in (markdown, moved))
    assert before == after
    if not any(line.startswith(("#", "Three", "Four", ">", "-")) for line in lines):
        assert moved == markdown


def test_a_section_lies_below_its_feature_in_markdown() -> None:
    assert headed("Words\n\n## 1.1 First\n\n#### Deeper\n\n## 1.2 Next ##\n", 3) == (
        "Words\n\n### 1.1 First\n\n##### Deeper\n\n### 1.2 Next ##\n"
    )


def test_a_quotation_that_opens_in_bold_is_a_box() -> None:
    assert '<blockquote class="box">' in render_prose("> **In practice.** Use PPO.", top=3, anchor="a")
    assert "<blockquote>" in render_prose("> They said so.", top=3, anchor="a")


def test_tables_scroll_by_themselves_and_align_without_inline_style() -> None:
    html = render_prose("| a | b |\n|--|--:|\n| 1 | 2 |\n", top=3, anchor="a")
    assert html.startswith('<div class="table-scroll" role="region" tabindex="0" aria-label="Table">')
    assert '<td class="to-right">2</td>' in html
    assert "style" not in html


def test_links_within_the_site_start_at_the_issue_on_whatever_page_they_stand() -> None:
    html = render_prose("[a](../tags/) [b](#c) [d](https://example.org)", top=3, anchor="a", base="../../2024-04/")
    assert 'href="../../2024-04/../tags/"' in html
    assert 'href="../../2024-04/#c"' in html
    assert 'href="https://example.org"' in html


def test_a_picture_is_a_link_to_it() -> None:
    html = render_prose("![A plot](https://example.org/p.png)", top=3, anchor="a")
    assert '<a href="https://example.org/p.png" rel="noopener noreferrer">A plot</a>' in html


@pytest.mark.parametrize(
    "scheme", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc"]
)
def test_links_lead_to_the_web_or_nowhere(scheme: str) -> None:
    assert "href" not in render_prose(f"[click]({scheme}) <{scheme}>", top=3, anchor="a")


def test_raw_html_is_printed_as_text() -> None:
    html = render_prose("<script>alert(1)</script> <b onclick='x'>b</b>", top=3, anchor="a")
    assert "<script" not in html
    assert "<b " not in html
    assert "&lt;script&gt;" in html


@given(st.text(max_size=300))
def test_whatever_is_written_becomes_html_without_scripts_or_handlers(markdown: str) -> None:
    tree = html5lib.parseFragment(render_prose(markdown, top=3, anchor="a"), namespaceHTMLElements=False)
    for element in tree.iter():
        assert element.tag not in {"script", "img", "iframe", "style"}
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
