"""What a model said of a paper → a summary, kept under what it hangs on (pure)."""

from digest.paper import Recipe, Summary, Verdict


def opinion(recipe: Recipe, model: str, text: str, verdict: Verdict = Verdict.PASSED) -> Summary:
    """Return words of a model that rest on no span of the abstract: a rating, topics, a translation."""
    return _made(recipe, model, text, verdict)


def no_opinion(recipe: Recipe, model: str, failed: str) -> Summary:
    """Return that a model said nothing that counts, and why; it is kept too, so that it is not asked again."""
    return _made(recipe, model, "", Verdict.FELL_BACK, failed)


def _made(recipe: Recipe, model: str, text: str, verdict: Verdict, failed: str = "") -> Summary:
    return Summary(
        kind=recipe.kind,
        text=text,
        evidence=(),
        verdict=verdict,
        failed_check=failed,
        model=model,
        model_hash=recipe.model_hash,
        prompt_hash=recipe.prompt_hash,
        seed=recipe.seed,
    )
