"""Choices → texts: the stage that writes, its gate, and all that an issue is made of."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace

from digest.errors import GateRefused, ModelError
from digest.issue.compose import Listed, Making, Material
from digest.paper import Hit, Month, Paper, Recipe, Summary, Translation, Verdict
from digest.pipeline.choosing import editor_file
from digest.pipeline.figures import figures_of
from digest.pipeline.lookup import neighbours
from digest.pipeline.models import (
    encoder_choice,
    file_of,
    index_of,
    kinds_of,
    translator_of,
    writer_of,
)
from digest.pipeline.provenance import encoder_hash, encoder_licence, small_vector, writer_licence
from digest.pipeline.topics import NO_TOPICS, printed_topics
from digest.pipeline.workshop import LEFT, Outcome, StageReport, Workshop, perform
from digest.store import issues
from digest.store.papers import Held, papers_by_version, papers_of_month
from digest.store.vectors import vectors_of
from digest.store.writings import newest_summaries, save_summary, summaries, summaries_by_prompt
from digest.text import plain_title
from digest.write.ask.writer import FIELDS, Kind, Writer
from digest.write.extract.sentences import extract_tldr
from digest.write.gate.check import check
from digest.write.summarise import Subject, recipes, summarise, write_texts
from digest.write.translate import LANGUAGE, manner_of

_SIMILAR = 6  # similar papers on a paper's page


def write(workshop: Workshop, month: Month) -> StageReport:
    """Write about each chosen paper that has no text of this model and prompt yet; each is kept as it is made.

    A writer that fails on the way does not end the run: what it did not write shows its extracted sentence and is
    tried again the next time, and the report says so.

    Raises:
        ModelError: the writer is missing or is no GGUF.
    """
    return perform(workshop, str(month), "write", lambda: _write(workshop, month))


def recipe_of(kind: Kind, field: str, writer: Writer | None) -> Recipe:
    """Return what a writer's texts are kept under."""
    return recipes(kind, writer)[field]


def _write(workshop: Workshop, month: Month) -> Outcome:
    writer = writer_of(workshop)
    chosen = issues.listed(workshop.store, month)
    done, failure = 0, ""
    with writer or nullcontext():
        for kind in kinds_of(workshop, writer):
            try:
                for _ in _write_kind(workshop, kind, writer, chosen):
                    done += 1
                    if workshop.is_late():
                        break
            except ModelError as error:
                failure = f"{error}; what it did not write shows a sentence of the abstract until the next run"
                break
    written = summaries(workshop.store, recipe_of(Kind.SUMMARY, "summary", writer))
    verdicts = Counter(written[version_id].verdict for version_id in chosen if version_id in written)
    left = len(chosen) - verdicts.total()
    counts = {"written": done} | ({LEFT: left} if left else {})
    counts |= {verdict.value: verdicts[verdict] for verdict in Verdict if verdicts[verdict]}
    # What the gate refused: once where the second try passed, twice where none did.
    refused = verdicts[Verdict.RETRIED] + 2 * verdicts[Verdict.FELL_BACK]
    counts |= {"refused": refused} if refused else {}
    return Outcome(counts=counts, changed=bool(done), warnings=(failure,) if failure else ())


def unwritten(workshop: Workshop, month: Month, kind: Kind = Kind.SUMMARY) -> list[int]:
    """Return the version ids of a month's chosen papers that wait for a text of this model and prompt, by rank."""
    writer = writer_of(workshop)
    if kind not in kinds_of(workshop, writer):
        return []
    written = summaries(workshop.store, recipe_of(kind, FIELDS[kind][-1], writer))
    return [version_id for version_id in issues.listed(workshop.store, month) if version_id not in written]


def half_written(workshop: Workshop) -> list[Month]:
    """Return the months of which this model wrote about some papers and not yet about others: a night was cut short."""
    writer, months, found = writer_of(workshop), issues.months(workshop.store), set[Month]()
    listed = {month: issues.listed(workshop.store, month) for month in months}
    for kind in kinds_of(workshop, writer):
        written = summaries(workshop.store, recipe_of(kind, FIELDS[kind][-1], writer))
        found.update(month for month in months if 0 < sum(one in written for one in listed[month]) < len(listed[month]))
    return sorted(found)


def _write_kind(workshop: Workshop, kind: Kind, writer: Writer | None, chosen: list[int]) -> Iterator[int]:
    """Write one kind of text about the papers that have none, and keep each; yield their version ids."""
    if workshop.is_late():
        return
    fields = FIELDS[kind]
    written = summaries(workshop.store, recipe_of(kind, fields[-1], writer))  # a paper's fields are kept together
    waiting = [version_id for version_id in chosen if version_id not in written]
    held = papers_by_version(workshop.store, waiting)
    subjects = [Subject(held[version_id].paper.title, held[version_id].paper.abstract) for version_id in waiting]
    if waiting:
        workshop.progress("write", 0, len(waiting))  # a large model's first text takes a while
    for done, (n, texts) in enumerate(write_texts(subjects, kind, writer), start=1):
        for field in fields:
            save_summary(workshop.store, waiting[n], texts[field])
        workshop.progress("write", done, len(waiting))
        yield waiting[n]


def check_gate(workshop: Workshop, month: Month) -> None:
    """Refuse an issue in which the gate refused too many of the model's summaries.

    Raises:
        GateRefused: more than the settings allow; the site stays as it was.
    """
    written = summaries(workshop.store, recipe_of(Kind.SUMMARY, "summary", writer_of(workshop)))
    chosen = issues.listed(workshop.store, month)
    verdicts = [written[version_id].verdict for version_id in chosen if version_id in written]
    share = verdicts.count(Verdict.FELL_BACK) / len(verdicts) if verdicts else 0.0
    allowed = workshop.settings.gate.max_fallback_share
    if share > allowed:
        raise GateRefused(
            f"the issue of {month} was not published: {share:.0%} of its summaries were refused by the gate, "
            f"{allowed:.0%} are allowed (gate.max_fallback_share); choose another models.writer, or allow more"
        )


def material_of(workshop: Workshop, month: Month) -> Material:
    """Return all that a month's issue is made of besides the editor's words.

    Raises:
        ModelError: the writer or the encoder is missing.
    """
    choices = issues.choices(workshop.store, month)
    version_ids = [version_id for version_id, _ in choices]
    held = papers_by_version(workshop.store, version_ids)
    writer, encoder = writer_of(workshop), encoder_choice(workshop)
    texts = texts_about(workshop, held, writer)
    topics = printed_topics(workshop, version_ids)
    similar = _similar(workshop, version_ids)
    known = vectors_of(workshop.store, encoder.name, version_ids)
    in_other_words = _translations(workshop)
    listed = tuple(
        Listed(
            choice=choice,
            paper=held[version_id].paper,
            summary=in_other_words(version_id, _summary(texts, version_id, held[version_id].paper)),
            tldr=_tldr(texts, version_id, held[version_id].paper),
            aspects=tuple(in_other_words(version_id, one) for one in _aspects(texts, version_id)),
            topics=(given := topics.get(version_id, NO_TOPICS)).topics,
            topics_choice=given.choice,
            similar=similar[version_id],
            vector=small_vector(known.get(version_id)),
        )
        for version_id, choice in choices
    )
    considered = len(papers_of_month(workshop.store, month))
    making = Making(
        considered=considered,
        encoder=encoder.name,
        encoder_hash=encoder_hash(encoder.folder),
        encoder_licence=encoder_licence(encoder.folder),
        **_by(workshop, texts, writer),
    )
    printed = {
        version_id: (choice.arxiv_id, choice.title or plain_title(held[version_id].paper.title))
        for version_id, choice in choices
    }
    return Material(listed, making, figures=figures_of(workshop, month, printed))


def _by(workshop: Workshop, texts: "_Texts", writer: Writer | None) -> dict[str, str]:
    """Return who wrote a month's texts, as its `Making` has it: this writer, or the one before."""
    name, model_hash = (writer.name, writer.model_hash) if writer else ("none", "")
    before = next((one for one in texts.get("summary", {}).values() if one.model_hash != model_hash), None)
    if before is not None:
        return {"writer": before.model or "none", "writer_hash": before.model_hash, "writer_licence": ""}
    file = file_of(workshop.settings, "models.writer")
    return {"writer": name, "writer_hash": model_hash, "writer_licence": writer_licence(file) if file else ""}


def printed_texts(workshop: Workshop, month: Month) -> list[tuple[int, str]]:
    """Return the English texts that a month's pages print of each chosen paper, with its version id, by rank.

    Where the editor's file has a summary, that is printed, as it stands.

    Raises:
        UsageError: the editor's file is broken.
    """
    own = {pin.arxiv_id for pin in editor_file(workshop, month).pins if pin.summary}
    version_ids = issues.listed(workshop.store, month)
    held = papers_by_version(workshop.store, version_ids)
    texts = texts_about(workshop, held, writer_of(workshop))
    printed = [
        (version_id, one.text)
        for version_id in version_ids
        for one in _printed_of(texts, version_id, held[version_id].paper, own)
    ]
    return [(version_id, text) for version_id, text in dict.fromkeys(printed) if text]


def _printed_of(texts: "_Texts", version_id: int, paper: Paper, own: Collection[str]) -> list[Summary]:
    summary = [] if paper.arxiv_id in own else [_summary(texts, version_id, paper)]
    return [*summary, *_aspects(texts, version_id)]


def _translations(workshop: Workshop) -> Callable[[int, Summary], Summary]:
    """Return what adds to a printed text its translation, where there is one that passed."""
    translator = None
    with suppress(ModelError):  # it is the translating stage's to tell; the texts stand in English
        translator = translator_of(workshop)
    if translator is None:
        return lambda _version_id, summary: summary
    manner = manner_of(translator)
    known = summaries_by_prompt(workshop.store, LANGUAGE, manner.model_hash)

    def translated(version_id: int, summary: Summary) -> Summary:
        found = known.get((version_id, manner.recipe(summary.text).prompt_hash))
        if found is None or not found.text:
            return summary
        return replace(summary, translations=(Translation(LANGUAGE, found.text, found.model),))

    return translated


_Texts = Mapping[str, Mapping[int, Summary]]  # by field, then by version id


def texts_about(workshop: Workshop, held: Mapping[int, Held], writer: Writer | None) -> _Texts:
    """Return what was written about papers of each kind that the settings ask for.

    Papers of which this writer has written nothing, as those of a month that was closed before it came, keep what was
    written about them last, where the gate of today passes it too.
    """
    texts = {
        field: summaries(workshop.store, recipe_of(kind, field, writer))
        for kind in kinds_of(workshop, writer)
        for field in FIELDS[kind]
    }
    if any(version_id in written for written in texts.values() for version_id in held):
        return texts
    fields = [field for kind in (Kind.SUMMARY, Kind.TLDR, Kind.STRUCTURED) for field in FIELDS[kind]]
    before = {field: newest_summaries(workshop.store, field, held) for field in fields}
    return {
        field: {n: one for n, one in written.items() if _still_passes(one, held[n].paper)}
        for field, written in before.items()
    }


def _still_passes(summary: Summary, paper: Paper) -> bool:
    by_a_model = summary.verdict in {Verdict.PASSED, Verdict.RETRIED}
    return not by_a_model or check(summary.text, paper.title, paper.abstract).ok


def _summary(texts: _Texts, version_id: int, paper: Paper) -> Summary:
    """Return the written summary; a paper whose writing is still to come shows its extracted sentence."""
    written = texts.get("summary", {}).get(version_id)
    return written or summarise(Subject(paper.title, paper.abstract), None)


def _tldr(texts: _Texts, version_id: int, paper: Paper) -> Summary:
    """Return the written TLDR where one was asked for and passed; else the extracted sentence."""
    written = texts.get("tldr", {}).get(version_id)
    return written or extract_tldr(paper.title, paper.abstract)


def _aspects(texts: _Texts, version_id: int) -> tuple[Summary, ...]:
    """Return what was written of problem, method, result and limits; what did not pass is absent."""
    found = (texts.get(field, {}).get(version_id) for field in FIELDS[Kind.STRUCTURED])
    return tuple(text for text in found if text is not None and text.text)


def _similar(workshop: Workshop, version_ids: list[int]) -> dict[int, tuple[Hit, ...]]:
    """Return the nearest papers of the store for each version."""
    index = index_of(workshop)
    found = {version_id: neighbours(index, version_id, _SIMILAR) for version_id in version_ids}
    held = papers_by_version(workshop.store, (near for hits in found.values() for near, _ in hits))
    return {
        version_id: tuple(
            Hit(held[near].paper.arxiv_id, plain_title(held[near].paper.title), score)
            for near, score in hits
            if not held[near].paper.withdrawn
        )
        for version_id, hits in found.items()
    }
