"""The verbs by which authors say what they did, in their forms (pure)."""

# Verbs with which a machine-written summary opens, too. Their object is said to exist: modifiers of it may go.
_OPEN_MAKES = frozenset(
    (
        "propose introduce present develop describe devise design build create construct formulate investigate study "
        "examine explore analyze analyse evaluate compare survey review revisit provide offer release extend address "
        "tackle conduct perform benchmark train adapt apply report summarize summarise consider discuss derive "
        "undertake outline organize organise call focus use "
        "utilize leverage employ contribute define combine integrate incorporate collect curate implement measure "
        "assess estimate generate synthesize give test unveil exploit probe pioneer gather"
    ).split()
)
# Verbs whose object is a claim, or that govern an infinitive: nothing inside it may go.
_OPEN_CLAIMS = frozenset(
    (
        "show demonstrate find argue prove establish reveal discover identify observe suggest hypothesize aim seek "
        "attempt rethink advocate improve achieve obtain solve validate verify outperform advance take highlight "
        "uncover elucidate challenge"
    ).split()
)
# All that are turned ("we adopt" → "adopts").
MAKES = _OPEN_MAKES | frozenset(
    (
        "adopt select extract characterize categorize decompose detail quantify simulate open-source fine-tune share "
        "finetune formalize augment compile assemble optimize model target unify generalize reframe publish bridge "
        "align pre-train pretrain delve run frame delineate utilise compute calculate add approximate transform "
        "annotate expand overview revise automate equip modify adjust recast map prompt pose cover rectify enhance"
    ).split()
)
CLAIMS = _OPEN_CLAIMS | frozenset(
    (
        "conclude showcase illustrate note posit confirm contend envision endeavor endeavour strive intend "
        "explain make set shed carry put attribute distinguish determine pinpoint underscore emphasize"
    ).split()
)
VERBS = MAKES | CLAIMS
_FORMS = {"studies": "study", "addresses": "address", "establishes": "establish", "found": "find", "made": "make"}


def bare_verb(verb: str, known: frozenset[str] = _OPEN_MAKES | _OPEN_CLAIMS) -> str | None:
    """Return the verb without its ending, or None where it is not one that is known."""
    bare = _FORMS.get(verb, verb)
    forms = (
        bare,
        bare.removesuffix("s"),
        bare.removesuffix("d"),
        bare.removesuffix("ed"),
        f"{bare.removesuffix('ied')}y",
    )
    return next((form for form in forms if form in known), None)


def bare_gerund(gerund: str) -> str | None:
    """Turn "weaving" into "weave"; None where it is not of a known verb."""
    short = gerund.removesuffix("ing")
    return next((form for form in (short, f"{short}e", short[:-1]) if form in VERBS), None)


def third_person(bare: str) -> str:
    """Turn "study" into "studies"."""
    if bare.endswith("y") and bare[-2] not in "aeiou":
        return f"{bare[:-1]}ies"
    return f"{bare}es" if bare.endswith(("s", "sh", "ch", "x", "z", "o")) else f"{bare}s"
