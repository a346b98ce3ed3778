"""A paper → its printed summary: written, gated, tried once more, or extracted."""

from dataclasses import replace

from digest.paper import Summary, Verdict
from digest.places import PROMPTS
from digest.write.extract import extract_tldr, most_telling, trim_opening
from digest.write.gate import RULES, Finding, check, refused_so_far
from digest.write.llama import Writer
from digest.write.prompt import OPENINGS, check_template, prompt_hash

KIND = "summary"
SEED = 0  # decoding is greedy; the seed is kept so that a sampling writer can be told apart
# A model smaller than this stitches a whole abstract into something else; from two sentences it keeps to one of them:
# 12 of 59 summaries passed the gate instead of 5, in half the time (docs/writing.md).
_SMALL = 1_000_000_000  # parameters
_SENTENCES_FOR_A_SMALL_MODEL = 2
_TEMPLATE = PROMPTS / "summary.txt"


def prompt_template() -> str:
    """Return the prompt template.

    Raises:
        UsageError: it has no place for the paper.
    """
    return check_template(_TEMPLATE.read_text(encoding="utf-8"), str(_TEMPLATE))


def recipe(model_hash: str) -> tuple[str, str, str, int]:
    """Return kind, model hash, prompt hash and seed of the summaries that `summarise` would make."""
    return KIND, model_hash, prompt_hash(prompt_template(), RULES), SEED


def summarise(title: str, abstract: str, writer: Writer | None) -> Summary:
    """Return one true sentence or two about a paper.

    The writer's words are printed only where the gate ties them to the abstract; else the extracted sentence stands
    in, marked as such.

    Raises:
        ModelError: the writer failed.
    """
    kind, model_hash, hashed, seed = recipe(writer.model_hash if writer else "")
    extracted = replace(extract_tldr(title, abstract), kind=kind, prompt_hash=hashed, seed=seed)
    if writer is None:
        return extracted
    failed, written = "", replace(extracted, model=writer.name, model_hash=model_hash)
    for attempt, _ in enumerate(OPENINGS):
        text, finding = _try(title, abstract, writer, attempt)
        if finding.ok:
            verdict = Verdict.RETRIED if attempt else Verdict.PASSED
            return replace(written, text=text, evidence=finding.evidence, verdict=verdict)
        failed = failed or finding.failed
    return replace(written, verdict=Verdict.FELL_BACK, failed_check=failed)


def _try(title: str, abstract: str, writer: Writer, attempt: int) -> tuple[str, Finding]:
    """Return a sentence of the writer's and what the gate says of it; it is not finished once it cannot pass."""
    refused = ""

    def goes_on(begun: str) -> bool:
        nonlocal refused
        refused = refused_so_far(begun, title, abstract)
        return not refused

    is_small = writer.parameters < _SMALL
    shown = most_telling(title, abstract, _SENTENCES_FOR_A_SMALL_MODEL) if is_small else abstract
    text = trim_opening(writer.write(title, shown, attempt, goes_on))
    return text, Finding(failed=refused) if refused else check(text, title, abstract)
