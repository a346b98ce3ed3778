"""Two issues, one of them written by someone with bad intentions, and the site they make."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

import pytest
from playwright.sync_api import Browser

from digest.edition import Entry, Feature, Issue, Quality
from digest.figure import Cell, Chart, Figure, Grid, Mark, Series, Shape, Source
from digest.paper import Evidence, Hit, Month, Paper, Summary, Topic, Verdict
from digest.places import STATIC, TEMPLATES
from digest.publish.render import SiteFrame, render_site
from tests.web import chromium

Files = dict[PurePosixPath, bytes]

HOSTILE = (
    '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{7*7}} {% raw %} </script> \x00\x1b[31m \u202eevil '
    "\ud800 ]]> &amp; ' </title></textarea>"
)
MARKDOWN = """Opening words, a [paper](https://arxiv.org/abs/2404.07143) and "quotes".

# 1.1 What an expert is

> **In practice.** Use the larger one.

| Model | MMLU | A third column with a long name | A fourth column with a long name | A fifth one |
|:--|--:|--|--|--|
| Mixtral | 77.8 | a | b | c |

```chart
title = "MMLU against active parameters"
```

## Deeper
"""
CARD = Source("https://example.org/card", "table", "Mixtral 8x22B | 39B | 77.75")
PICTURE = Source("https://example.org/blog", "figure 2", missing="it is a picture")


def _figure(words: str, card: Source, picture: Source) -> Figure:
    """Return a chart of two models called by the words, with one number that nobody states."""
    return Figure(
        slug="figure-1",
        title=words,
        alt=words,
        chart=Chart(
            shape=Shape.POINTS,
            series=(Series(words, (Mark(words, 39, 77.75), Mark("B", 8, 66.6))),),
            x_title=words,
            y_title=words,
            x_range=(5, 50),
            y_range=(60, 80),
        ),
        grid=Grid(
            ("Model", "Active", "MMLU"),
            (
                (Cell(words), Cell("39B", card), Cell("77.75", card)),
                (Cell("B"), Cell("8B", picture), Cell("")),
            ),
        ),
        note=words,
    )


def _summary(abstract: str, verdict: Verdict) -> Summary:
    end = abstract.index(".") + 1
    return Summary(
        kind="summary", text=abstract[:end], evidence=(Evidence(0, 0, end),), verdict=verdict, model="SmolLM2"
    )


def _entry(arxiv_id: str, verdict: Verdict = Verdict.PASSED) -> Entry:
    abstract = "We introduce {\\'E}toile for $x_1$. It scores 77.8 points on MMLU."
    summary = _summary(abstract, verdict)
    return Entry(
        paper=Paper(arxiv_id=arxiv_id, title=f"Paper {arxiv_id}", abstract=abstract),
        title=f"Paper {arxiv_id}",
        summary=summary,
        tldr=summary,
        topics=(Topic("agents", "Agents", "Models that act."),),
        reason="Chosen by the editor",
        similar=(Hit("2404.07143", "Infini-attention", 0.81), Hit("1706.03762", "Attention", 0.5)),
    )


def _quality(entries: tuple[Entry, ...]) -> Quality:
    return Quality(
        considered=2187, listed=len(entries), passed=1, retried=1, fell_back=1, extracted=1, writer="SmolLM2",
        writer_hash="abcdef0123456789" * 4, encoder="MiniLM", pinned=3, starred=1, hidden=2, retitled=0, noted=1,
    )  # fmt: skip


@pytest.fixture(scope="session")
def frame() -> SiteFrame:
    return SiteFrame(
        title="The Digest",
        description="Papers, monthly",
        editor="E. Ditor",
        base_url="https://example.org/digest/",
        report_url="https://example.org/report",
    )


@pytest.fixture(scope="session")
def issue() -> Issue:
    """April 2024: a starred and featured paper, a late one, an old id and one whose source said little."""
    known = _entry("2404.07143")
    paper = replace(
        known.paper,
        version=2,
        authors=("Ann One", "Bob Two", "Cy Three", "Dee Four"),
        categories=("cs.CL", "cs.LG"),
        submitted=date(2024, 4, 10),
    )
    entries = (
        replace(_entry("2405.00732", Verdict.FELL_BACK), late=True),
        replace(
            known,
            paper=paper,
            starred=True,
            feature="experts",
            note="Read *this* one, and [another](../papers/2404.00001/).",
        ),
        _entry("2404.00001", Verdict.EXTRACTED),
        _entry("hep-th/9901001", Verdict.RETRIED),
    )
    return Issue(
        month=Month(2024, 4),
        title="How good are they?",
        subtitle="The research of April 2024",
        editor="Ed",
        published=date(2024, 5, 12),
        opening="A month of **releases**.",
        features=(
            Feature(
                slug="experts",
                title="Larger is better",
                markdown=MARKDOWN,
                papers=("2404.07143",),
                figures=(_figure("MMLU against active parameters", CARD, PICTURE),),
            ),
            Feature(slug="dpo", title="PPO or DPO", markdown="Words."),
        ),
        entries=entries,
        quality=_quality(entries),
    )


@pytest.fixture(scope="session")
def hostile_issue() -> Issue:
    """March 2024: every text that a paper, a model or an editor supplies attacks the page."""
    entry = _entry("2403.00001")
    paper = Paper(
        arxiv_id="2403.00001",
        title=HOSTILE,
        abstract=HOSTILE,
        authors=(HOSTILE, "A, B and C"),
        categories=("cs.CL",),
        comment=HOSTILE,
        journal_ref=HOSTILE,
        doi=HOSTILE,
    )
    summary = Summary(
        kind="summary", text=HOSTILE, evidence=(Evidence(0, 3, 40),), verdict=Verdict.FELL_BACK,
        model=HOSTILE, failed_check=HOSTILE,
    )  # fmt: skip
    evil = Source('https://example.org/"><script>', HOSTILE, HOSTILE)
    figure = _figure(HOSTILE, evil, Source("https://example.org", HOSTILE, missing=HOSTILE))
    markdown = f"```chart\n```\n\n{HOSTILE}\n\n[a](javascript:alert(1)) <img src=x onerror=alert(1)> ![p](http://evil.example/p.png)"
    entry = replace(
        entry, paper=paper, title=HOSTILE, summary=summary, tldr=summary, reason=HOSTILE, note=markdown,
        feature="f", similar=(Hit("2403.99999", HOSTILE, 0.1),),
    )  # fmt: skip
    return Issue(
        month=Month(2024, 3), title=HOSTILE, subtitle=HOSTILE, editor=HOSTILE, published=date(2024, 4, 1),
        opening=markdown, features=(Feature(slug="f", title=HOSTILE, markdown=markdown, figures=(figure,)),),
        entries=(entry,), quality=_quality((entry,)),
    )  # fmt: skip


@pytest.fixture(scope="session")
def site(issue: Issue, hostile_issue: Issue, frame: SiteFrame) -> Files:
    return render_site([hostile_issue, issue], frame, [TEMPLATES], STATIC)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened
