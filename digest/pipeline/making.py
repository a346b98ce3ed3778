"""Choices → texts: the stage that writes, its gate, and all that an issue is made of."""

from collections import Counter
from collections.abc import Mapping

from digest.errors import GateRefused
from digest.issue.compose import Listed, Making, Material
from digest.paper import Hit, Month, Summary, Verdict
from digest.pipeline.figures import figures_of
from digest.pipeline.lookup import neighbours
from digest.pipeline.models import WriterChoice, encoder_choice, index_of, tag_scheme, taxonomy, writer_choice
from digest.pipeline.provenance import encoder_hash, encoder_licence, small_vector, writer_licence
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.store import issues
from digest.store.papers import papers_by_version, papers_of_month
from digest.store.vectors import vectors_of
from digest.store.writings import Recipe, save_summary, summaries, tags
from digest.text import plain_title
from digest.write.extract import extract_tldr
from digest.write.llama import load_writer
from digest.write.summarise import prompt_template, recipe, summarise

_SIMILAR = 6  # similar papers on a paper's page


def write(workshop: Workshop, month: Month) -> StageReport:
    """Summarise each chosen paper that has no summary of this model and prompt yet; each is kept as it is made.

    Raises:
        ModelError: the writer is missing, is no GGUF, or failed.
    """
    return perform(workshop, str(month), "write", lambda: _write(workshop, month))


def _recipe(choice: WriterChoice) -> Recipe:
    return Recipe(*recipe(choice.sha256))


def _write(workshop: Workshop, month: Month) -> Outcome:
    choice = writer_choice(workshop)
    chosen = [version_id for version_id, _ in issues.choices(workshop.store, month)]
    written = summaries(workshop.store, _recipe(choice))
    waiting = unwritten(workshop, month)
    held = papers_by_version(workshop.store, waiting)
    writer = (
        load_writer(choice.file, choice.threads, choice.context, prompt_template()) if choice.file and waiting else None
    )
    done = 0
    for version_id in waiting:
        if workshop.is_late():
            break
        paper = held[version_id].paper
        written[version_id] = summarise(paper.title, paper.abstract, writer)
        save_summary(workshop.store, version_id, written[version_id])
        done += 1
        workshop.progress("write", done, len(waiting))
    verdicts = Counter(written[version_id].verdict for version_id in chosen if version_id in written)
    left = {"left for another night": len(waiting) - done} if done < len(waiting) else {}
    counts = {"written": done} | left | {verdict.value: verdicts[verdict] for verdict in Verdict if verdicts[verdict]}
    return Outcome(counts=counts, changed=bool(done))


def unwritten(workshop: Workshop, month: Month) -> list[int]:
    """Return the version ids of a month's chosen papers that wait for a summary of this model and prompt, by rank."""
    written = summaries(workshop.store, _recipe(writer_choice(workshop)))
    return [version_id for version_id, _ in issues.choices(workshop.store, month) if version_id not in written]


def check_gate(workshop: Workshop, month: Month) -> None:
    """Refuse an issue in which the gate refused too many of the model's summaries.

    Raises:
        GateRefused: more than the settings allow; the site stays as it was.
    """
    written = summaries(workshop.store, _recipe(writer_choice(workshop)))
    chosen = [version_id for version_id, _ in issues.choices(workshop.store, month)]
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
    writer, encoder = writer_choice(workshop), encoder_choice(workshop)
    texts = summaries(workshop.store, _recipe(writer))
    topic_by_slug = {topic.slug: topic for topic in taxonomy()[0]}
    topics = tags(workshop.store, tag_scheme(workshop), version_ids)
    similar = _similar(workshop, version_ids)
    known = vectors_of(workshop.store, encoder.name, version_ids)
    listed = tuple(
        Listed(
            choice=choice,
            paper=held[version_id].paper,
            summary=_text(texts, version_id, held[version_id].paper.title, held[version_id].paper.abstract),
            tldr=extract_tldr(held[version_id].paper.title, held[version_id].paper.abstract),
            topics=tuple(topic_by_slug[tag.topic] for tag in topics.get(version_id, ())),
            similar=similar[version_id],
            vector=small_vector(known.get(version_id)),
        )
        for version_id, choice in choices
    )
    considered = len(papers_of_month(workshop.store, month))
    making = Making(
        considered=considered,
        writer=writer.name,
        writer_hash=writer.sha256,
        encoder=encoder.name,
        encoder_hash=encoder_hash(encoder.folder),
        writer_licence=writer_licence(writer.file) if writer.file else "",
        encoder_licence=encoder_licence(encoder.folder),
    )
    printed = {
        version_id: (choice.arxiv_id, choice.title or plain_title(held[version_id].paper.title))
        for version_id, choice in choices
    }
    return Material(listed, making, figures=figures_of(workshop, month, printed))


def _text(texts: Mapping[int, Summary], version_id: int, title: str, abstract: str) -> Summary:
    """Return the written summary; a paper whose writing is still to come shows its extracted sentence."""
    return texts[version_id] if version_id in texts else summarise(title, abstract, None)


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
