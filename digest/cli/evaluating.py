"""The command `eval`: how good the texts, the gate, the tags and the ranking are, on labelled data."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.help import Help
from digest.cli.shell import ConfigOption, JsonOption, app, parse_month, read_settings, workshop_of
from digest.errors import UsageError
from digest.terminal import say, show_json, show_table

if TYPE_CHECKING:
    from digest.evaluate.rater import BandFigures

evaluating = typer.Typer(
    cls=Help,
    no_args_is_help=True,
    short_help="how good texts, gate, tags, ranking and search are",
    help="Measure quality on labelled data (docs/quality.md).\n\nExample: digest eval gate",
)
app.add_typer(evaluating, name="eval")

DataOption = Annotated[
    Path, typer.Option("--data", metavar="FILE", help="SciTLDR's JSONL: title, source, target a line.")
]
_MANY = 1_000_000_000  # more than any corpus has
LimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, max=_MANY, help="Only the first N examples.")
]
WriterOption = Annotated[bool, typer.Option("--writer", help="Measure the settings' writer too: slow.")]
PairsOption = Annotated[
    Path | None, typer.Option("--pairs", metavar="FILE", help="Labelled sentences; the bundled ones by default.")
]


@evaluating.command(short_help="TLDRs beside those that people wrote")
def tldr(
    data: DataOption,
    limit: LimitOption = None,
    writer: WriterOption = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare TLDRs with those that people wrote: ROUGE of each tier, and what the gate said of the written one.

    Example: digest eval tldr --data scitldr/dev.jsonl
    """
    from digest.evaluate import texts  # noqa: PLC0415  as in shell.py

    examples = texts.read_examples(data, limit)
    if writer:
        with workshop_of(read_settings(config)) as workshop, texts.writing_of(workshop) as write:
            scores = texts.score_tldrs(examples, write)
    else:
        scores = texts.score_tldrs(examples)
    if as_json:
        show_json([asdict(score) for score in scores])
        return
    headings = ("tier", "ROUGE-1", "ROUGE-2", "ROUGE-L", "with title", "words", "ms a paper")
    show_table(
        headings,
        [
            (
                score.tier,
                *(f"{100 * value:.1f}" for value in (score.rouge1, score.rouge2, score.rouge_l, score.with_title)),
                f"{score.words:.0f}",
                f"{1000 * score.seconds:.2f}",
            )
            for score in scores
        ],
    )
    for score in scores:
        if score.tier == "written":
            say("gate: " + ", ".join(f"{count} {verdict}" for verdict, count in score.verdicts.items()))


@evaluating.command(short_help="the gate on true and false sentences")
def gate(pairs: PairsOption = None, as_json: JsonOption = False) -> None:
    """Hold labelled true and false sentences against their abstracts: precision and recall by kind of error.

    Example: digest eval gate
    """
    from digest.evaluate import texts  # noqa: PLC0415  as in shell.py

    tallies = texts.score_gate(pairs)
    if as_json:
        show_json([asdict(tally) for tally in tallies])
        return
    show_table(
        ("half", "kind", "sentences", "refused", "recall", "precision"),
        [
            (
                tally.half,
                tally.kind,
                str(tally.sentences),
                str(tally.refused),
                f"{tally.recall:.0%}",
                "" if tally.kind.startswith("true") else f"{tally.precision:.0%}",
            )
            for tally in tallies
        ],
    )


@evaluating.command("select", short_help="the ranking on months that a reader picked from")
def eval_select(
    picks: Annotated[Path, typer.Option("--picks", metavar="FILE", help="What a reader picked, with days.")],
    months: Annotated[str, typer.Option("--months", metavar="YYYY-MM,...", help="To test, such as 2024-01,2024-02.")],
    papers: Annotated[
        Path | None, typer.Option("--papers", metavar="FILE", help="JSONL of papers; default: the store's.")
    ] = None,
    wanted: Annotated[
        Path | None, typer.Option("--wanted", metavar="FILE", help="JSONL of what should be found; default: the picks.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option("--cache", metavar="FILE", help="An npz file to keep vectors in.")
    ] = None,
    rater: Annotated[bool, typer.Option("--rater", help="Measure select.rater on the papers in doubt: slow.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank months by what was picked before them, beside a linear SVM, the ridge and chance.

    Example: digest eval select --picks picks.jsonl --months 2024-02,2024-03
    Example: digest eval select --picks picks.jsonl --months 2024-03 --rater
    """
    from digest.evaluate.ranking import Sources, evaluate  # noqa: PLC0415  as in shell.py
    from digest.evaluate.rater import evaluate_rater  # noqa: PLC0415

    wants = [parse_month(month.strip()) for month in months.split(",")]
    sources = Sources(papers=papers, wanted=wanted, cache=cache)
    with workshop_of(read_settings(config)) as workshop:
        if rater:
            _show_bands(evaluate_rater(workshop, picks, wants, sources), as_json=as_json)
            return
        figures = evaluate(workshop, picks, wants, sources)
    if as_json:
        show_json([asdict(figure) for figure in figures])
        return
    headings = ("month", "picked", "AUC", "AUC, uncut", "recall@60", "nDCG@60", "ranking")
    rows = [
        (
            figure.month,
            f"{figure.wanted} of {figure.papers:,}",
            f"{figure.auc:.3f}",
            "" if figure.auc_uncut is None else f"{figure.auc_uncut:.3f}",
            f"{figure.recall_at_60:.3f}",
            f"{figure.ndcg_at_60:.3f}",
            figure.ranking,
        )
        for figure in figures
    ]
    show_table(headings, rows)


def _show_bands(figures: "list[BandFigures]", *, as_json: bool) -> None:
    if as_json:
        show_json([asdict(figure) for figure in figures])
        return
    headings = ("month", "picked", "AUC", "rated", "alone", "recall@60", "rated", "s a paper", "rater", "ratings")
    rows = [
        (
            figure.month,
            f"{figure.wanted} of {figure.papers}",
            *map(_shown, (figure.auc, figure.auc_rated, figure.auc_ratings_alone)),
            *map(_shown, (figure.recall_at_60, figure.recall_at_60_rated)),
            f"{figure.seconds:.2f}",
            figure.rater,
            _told(figure),
        )
        for figure in figures
    ]
    show_table(headings, rows)


def _told(figure: "BandFigures") -> str:
    words = ", ".join(f"{count} {word}" for word, count in figure.ratings.items() if count)
    return f"{words or 'none'}; {figure.reasons} reasons passed the gate"


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


PicksOption = Annotated[
    Path | None,
    typer.Option("--picks", metavar="FILE", help="JSONL with title, abstract, tags; the bundled picks by default."),
]
MapOption = Annotated[
    Path | None,
    typer.Option(
        "--map", metavar="FILE", help="TOML: which of the reader's tags mean which topic; for the bundled picks."
    ),
]


@evaluating.command(short_help="topics beside a reader's own tags")
def tags(
    picks: PicksOption = None,
    tag_map: MapOption = None,
    chooser: Annotated[bool, typer.Option("--chooser", help="Measure tags.chooser, held-out half: slow.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, max=_MANY, help="With --chooser: the first N papers.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare topics with a reader's own tags: micro-averaged F1, beside similarity alone and a model alone.

    Example: digest eval tags
    Example: digest eval tags --chooser
    """
    if limit is not None and not chooser:
        raise UsageError("--limit goes with --chooser: without a model all picks are measured")
    from digest.evaluate import tags  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        if chooser:
            scores = tags.score_chooser(workshop, picks, tag_map, limit)
        else:
            scores = tags.score_topics(workshop, picks, tag_map)
    if as_json:
        show_json([asdict(score) for score in scores])
        return
    show_table(
        ("method", "papers", "F1", "precision", "recall", "first right"),
        [
            (
                score.method,
                str(score.papers),
                *(f"{100 * value:.1f}" for value in (score.f1, score.precision, score.recall, score.first_right)),
            )
            for score in scores
        ],
    )


@evaluating.command("search", short_help="the search on a corpus whose answers are known")
def eval_search(
    data: Annotated[Path | None, typer.Option("--data", metavar="FOLDER", help="A folder in BEIR's layout.")] = None,
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="Of its qrels.")] = "test",
    papers: Annotated[
        Path | None, typer.Option("--papers", metavar="FILE", help="JSONL: each title should find its abstract.")
    ] = None,
    count: Annotated[
        int, typer.Option("--count", metavar="N", min=1, max=_MANY, help="So many of these papers.")
    ] = 10_000,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help="A folder to keep the embedded corpus in.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search a corpus whose answers are known, by word, by meaning and by both: nDCG@10, recall@100, MRR.

    Example: digest eval search --data scifact
    Example: digest eval search --papers archive.jsonl.gz --count 10000
    """
    from digest.evaluate import search  # noqa: PLC0415  as in shell.py

    with workshop_of(read_settings(config)) as workshop:
        if data is not None:
            scores = search.score_corpus(workshop, data, split, keep)
        elif papers is not None:
            scores = search.score_titles(workshop, papers, count, keep)
        else:
            raise UsageError("name what to search: --data FOLDER, or --papers FILE")
    if as_json:
        show_json([asdict(score) for score in scores])
        return
    rows = [
        (s.ranking, f"{s.questions:,}", f"{s.ndcg_at_10:.3f}", f"{s.recall_at_100:.3f}", f"{s.reciprocal_rank:.3f}")
        for s in scores
    ]
    show_table(("ranking", "questions", "nDCG@10", "recall@100", "MRR"), rows)
