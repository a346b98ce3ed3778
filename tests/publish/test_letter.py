"""An issue becomes one letter that says the same in text and in HTML, whatever stands in its papers."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import html5lib
from hypothesis import given
from hypothesis import strategies as st

from digest.edition import Feature, Issue
from digest.places import TEMPLATES
from digest.publish.letter import Address, letter, notice
from digest.publish.shelf import SiteFrame

NOW = datetime(2024, 5, 6, 7, 17, tzinfo=UTC)
FRAME = SiteFrame(title="Reading Notes", description="", base_url="https://you.example/notes/")


def written(issue: Issue, to: str = "reader@example.org") -> tuple[str, str, dict[str, str]]:
    """Return text, HTML and headers as a mail program reads them."""
    sent = letter(issue, FRAME, [TEMPLATES], Address(sender="digest@example.org", to=to, now=NOW)).as_bytes()
    read = message_from_bytes(sent, policy=policy.default)
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert text
    assert html
    return text.get_content(), html.get_content(), dict(read.items())


def test_it_holds_every_paper_in_text_and_in_html(issue: Issue) -> None:
    text, html, headers = written(issue)
    for entry in issue.entries:
        assert f"https://arxiv.org/abs/{entry.paper.arxiv_id}" in text
        assert f'href="https://arxiv.org/abs/{entry.paper.arxiv_id}"' in html
    assert f"https://you.example/notes/{issue.month}/" in text
    assert headers["Subject"].startswith("Reading Notes: ")
    assert headers["Message-ID"] == written(issue)[2]["Message-ID"]
    assert headers["Message-ID"] != written(issue, "other@example.org")[2]["Message-ID"]
    html5lib.HTMLParser(strict=True).parse(html)
    assert "src=" not in html  # nothing is fetched when it is opened


@given(st.text(max_size=60))
def test_no_title_breaks_out_of_its_place(issue: Issue, words: str) -> None:
    hostile = f"{words}<script>x</script>\r\nBcc: all@example.org {{{{7*7}}}} \ud800\x00"
    bare = replace(issue, title=hostile, entries=(replace(issue.entries[0], title=hostile),))
    text, html, headers = written(bare)
    assert "Bcc" not in headers
    assert "<script>" not in html
    assert html.count("{{7*7}}") == 3  # in the title, the heading and the paper's line
    assert "{{7*7}}" in text
    html5lib.HTMLParser(strict=True).parse(html)


def test_it_names_the_features_and_says_whose_words_the_summaries_are(issue: Issue) -> None:
    quality = replace(issue.quality, passed=2, retried=1, fell_back=3, extracted=0, summarised=4, writer="Tiny")
    feature = Feature(slug="looms", title="Which <loom>?", markdown="Long.")
    text, html, _headers = written(replace(issue, quality=quality, features=(feature,)))
    assert "1. Which <loom>?" in text.splitlines()
    assert f'<a href="https://you.example/notes/{issue.month}/#looms">Which &lt;loom&gt;?</a>' in html
    told = "Summaries: 3 by Tiny, held against the abstracts; 3 from the abstracts; 4 by the editor."
    assert told in text
    assert told in html
    assert not any(line.startswith("1. ") for line in written(replace(issue, features=()))[0].splitlines())


def test_a_chat_is_told_of_three_papers_and_the_page(issue: Issue) -> None:
    title, text = notice(issue, FRAME)
    assert title.startswith("Reading Notes: ")
    assert text.count("•") == min(3, len(issue.entries))
    assert text.endswith(f"https://you.example/notes/{issue.month}/")


def test_it_is_the_same_each_time(issue: Issue) -> None:
    assert written(issue) == written(issue)
