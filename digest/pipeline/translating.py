"""Printed texts → their translations: the stage that asks for them, where a translator is set and pages are Chinese."""

from collections import Counter

from digest.errors import ModelError
from digest.paper import Month, Verdict
from digest.pipeline.making import printed_texts
from digest.pipeline.models import is_translated, translator_of, unhelpful
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.store import issues
from digest.store.writings import save_summary, summaries_by_prompt
from digest.write.ask.writer import Writer
from digest.write.translate import LANGUAGE, manner_of, translate_texts


def translate(workshop: Workshop, month: Month) -> list[StageReport]:
    """Translate each printed text of a month that this model and prompt have not translated; keep each as it is made.

    A translator that is missing or fails on the way ends nothing: what it did not translate stands in English, marked,
    and is tried again the next time. Without a translator, or without Chinese pages, there is no such stage.

    Raises:
        UsageError: the translator is too small a model, or is a server's without a name.
    """
    if not is_translated(workshop):
        return []
    return [perform(workshop, str(month), "translate", lambda: _translate(workshop, month))]


def untranslated(workshop: Workshop, month: Month) -> int:
    """Count a month's printed texts that wait for a translation of this model and prompt.

    Raises:
        ModelError: the translator is missing.
        UsageError: it is too small a model, or is a server's without a name.
    """
    translator = translator_of(workshop)
    return 0 if translator is None else len(_untranslated(workshop, month, translator)[0])


def half_translated(workshop: Workshop) -> list[Month]:
    """Return the months of which this translator has some texts and not yet others: a night was cut short.

    Raises:
        ModelError, UsageError: as above.
    """
    translator = translator_of(workshop)
    if translator is None:
        return []
    waiting = {month: _untranslated(workshop, month, translator) for month in issues.months(workshop.store)}
    return [month for month, (texts, of) in waiting.items() if 0 < len(texts) < of]


def _translate(workshop: Workshop, month: Month) -> Outcome:
    verdicts, failure, doubt = Counter[Verdict](), "", ""
    try:
        translator = translator_of(workshop)
        if translator is not None:
            with translator:
                _translate_waiting(workshop, month, translator, verdicts)
                doubt = unhelpful(workshop.settings, "models.translator", translator.name) if verdicts else ""
    except ModelError as error:
        failure = f"{error}; what was not translated stands in English until the next run"
    counts = {"translated": verdicts.total()} | {
        verdict.value: verdicts[verdict] for verdict in Verdict if verdicts[verdict]
    }
    return Outcome(counts=counts, changed=bool(verdicts), warnings=tuple(filter(None, (doubt, failure))))


def _translate_waiting(workshop: Workshop, month: Month, translator: Writer, verdicts: Counter[Verdict]) -> None:
    if workshop.is_late():
        return
    waiting, _ = _untranslated(workshop, month, translator)
    if waiting:
        workshop.progress("translate", 0, len(waiting))
    for n, made in translate_texts([text for _, text in waiting], translator):
        save_summary(workshop.store, waiting[n][0], made)
        verdicts[made.verdict] += 1
        workshop.progress("translate", verdicts.total(), len(waiting))
        if workshop.is_late():
            return


def _untranslated(workshop: Workshop, month: Month, translator: Writer) -> tuple[list[tuple[int, str]], int]:
    """Return a month's printed texts that are not translated yet, with their version ids, and of how many."""
    manner = manner_of(translator)
    known = summaries_by_prompt(workshop.store, LANGUAGE, manner.model_hash)
    wanted = printed_texts(workshop, month)
    waiting = [one for one in wanted if (one[0], manner.recipe(one[1]).prompt_hash) not in known]
    return waiting, len(wanted)
