"""A paper → its printed summary: written, gated, tried once more, or extracted."""

from dataclasses import replace

from digest.paper import Summary, Verdict
from digest.places import PROMPTS
from digest.write.extract import extract_tldr, trim_opening
from digest.write.gate import RULES, check
from digest.write.llama import Writer
from digest.write.prompt import OPENINGS, check_template, prompt_hash

KIND = "summary"
SEED = 0  # decoding is greedy; the seed is kept so that a sampling writer can be told apart
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
        text = trim_opening(writer.write(title, abstract, attempt))
        finding = check(text, title, abstract)
        if finding.ok:
            verdict = Verdict.RETRIED if attempt else Verdict.PASSED
            return replace(written, text=text, evidence=finding.evidence, verdict=verdict)
        failed = failed or finding.failed
    return replace(written, verdict=Verdict.FELL_BACK, failed_check=failed)
