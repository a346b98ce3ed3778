"""A month's papers in doubt → ratings by the model that the settings name, each kept as it is made."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

from digest.paper import Summary
from digest.pipeline.models import model_of, unhelpful
from digest.pipeline.opinions import keep_opinions
from digest.pipeline.weighing import Weighed
from digest.pipeline.workshop import Workshop
from digest.select.band import dealt_anew
from digest.select.corpus import Scores
from digest.select.reason import Rated
from digest.store.papers import Held
from digest.store.writings import summaries
from digest.write.ask.writer import Writer
from digest.write.rating import WORTH, rate, rating_recipes
from digest.write.summarise import Subject


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """What the second stage of choosing made of the first one's scores."""

    scores: Scores
    rated: Mapping[str, Rated]  # by arXiv id: what the reasons say
    asked: int = 0  # papers that were rated now
    waiting: int = 0  # papers of the band that have no rating yet
    warnings: tuple[str, ...] = ()


def rater_identity(workshop: Workshop) -> tuple[str, ...]:
    """Return what ratings hang on besides papers and reader; () where nothing rates.

    Raises:
        ModelError: the rater's file is missing or is no GGUF.
        UsageError: the settings name no model.
    """
    rater = model_of(workshop, "select.rater")
    return tuple(map(str, astuple(rating_recipes(rater, "")["rating"]))) if rater else ()


def second_stage(workshop: Workshop, weighed: Weighed, doubted: Mapping[int, Held], *, ask: bool) -> Second:
    """Let ratings move the doubted papers (by their rows) among themselves; where `ask`, those without one are rated.

    Each rating is kept as it is made. A rater that fails on the way does not end the choosing: what it did not rate
    keeps its place and is tried another time.

    Raises:
        ModelError: the rater's file is missing or is no GGUF.
        UsageError: the settings name no model.
    """
    rater = model_of(workshop, "select.rater")
    if rater is None:
        return Second(weighed.ranking.scores, {})
    recipes = rating_recipes(rater, weighed.wishes)
    known = summaries(workshop.store, recipes["rating"])
    missing = [one for one in doubted.values() if one.version_id not in known]
    warnings = _ask(workshop, rater, weighed.wishes, missing) if ask and missing else ()
    known, reasons = (summaries(workshop.store, recipes[field]) for field in ("rating", "reason"))
    words = {row: _text(known, one) for row, one in doubted.items()}
    waiting = sum(one.version_id not in known for one in doubted.values())
    return Second(
        scores=dealt_anew(weighed.ranking.scores, list(doubted), [WORTH.get(word) for word in words.values()]),
        rated={
            one.paper.arxiv_id: Rated(words[row], rater.name, _text(reasons, one))
            for row, one in doubted.items()
            if words[row]
        },
        asked=len(missing) - waiting,
        waiting=waiting,
        warnings=warnings,
    )


def _text(kept: Mapping[int, Summary], held: Held) -> str:
    summary = kept.get(held.version_id)
    return summary.text if summary else ""


def _ask(workshop: Workshop, rater: Writer, wishes: str, missing: list[Held]) -> tuple[str, ...]:
    """Rate papers and keep each rating, until they are done or the night's time is spent; returns what went wrong."""
    doubt = unhelpful(workshop.settings, "select.rater", rater.name)
    warnings = [doubt] if doubt else []
    subjects = [Subject(one.paper.title, one.paper.abstract) for one in missing]
    # The rating last: with it, the paper is done.
    said = ((n, (one.reason, one.rating)) for n, one in rate(subjects, wishes, rater))
    failure = keep_opinions(workshop, rater, said, [one.version_id for one in missing], "rate")
    if failure:
        warnings.append(f"{failure}; papers it did not rate keep their places until the next run")
    return tuple(warnings)
