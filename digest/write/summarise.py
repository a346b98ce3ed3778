"""Papers → their printed texts: written, gated, tried once more, or extracted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from digest.paper import Recipe, Summary, Verdict
from digest.places import PROMPTS
from digest.text import plain_text, split_sentences
from digest.write.ask.answers import UNSAID, finished, is_unsaid, read
from digest.write.ask.prompt import load_prompts
from digest.write.ask.twice import write_twice
from digest.write.ask.writer import FIELDS, SEED, Answer, Kind, Task, Writer
from digest.write.extract.judge import judge
from digest.write.extract.sentences import extract_summary, extract_tldr, shown_to
from digest.write.extract.trim import trim_opening
from digest.write.gate.beginnings import passing, without_remark
from digest.write.gate.check import RULES, Finding, check, refused_so_far
from digest.write.headings import RULES as HEADINGS
from digest.write.headings import first_of_each, misplaced, of_the_authors, what_is_found

_MOST_WORDS_OF_A_TLDR = 30


@dataclass(frozen=True, slots=True)
class Subject:
    """A paper's words."""

    title: str
    abstract: str


def recipes(kind: Kind, writer: Writer | None) -> dict[str, Recipe]:
    """Return what the texts of a kind hang on besides the paper, by field.

    Raises:
        UsageError: a prompt template is missing or has no place for the paper.
    """
    prompts = load_prompts(PROMPTS, is_small=writer.is_small if writer else True)
    rules = (RULES, HEADINGS) if kind is Kind.STRUCTURED else (RULES,)
    made_with = prompts.identity(kind, *rules, writer.form if writer else "")
    return {field: Recipe(field, writer.model_hash if writer else "", made_with, SEED) for field in FIELDS[kind]}


def summarise(subject: Subject, writer: Writer | None) -> Summary:
    """Return one true sentence or two about a paper.

    Raises:
        ModelError: the writer failed.
    """
    return dict(write_texts([subject], Kind.SUMMARY, writer))[0]["summary"]  # to its end: the writer may be asked again


def write_texts(
    subjects: Sequence[Subject], kind: Kind, writer: Writer | None
) -> Iterator[tuple[int, dict[str, Summary]]]:
    """Yield each paper's place and its texts by field, as they are done.

    The writer's words are printed only where the gate ties them to the abstract, as far as it does. Where that is
    nowhere, they are asked for once more, with its verdict in the prompt; after that the extracted sentence stands in,
    marked as such, and so it does where the judge finds that it says more than words that passed. Of a paper taken
    apart, a field that does not pass is left empty instead.

    Raises:
        ModelError: the writer failed; papers that were not yielded may be tried another day.
    """
    made = recipes(kind, writer)
    if writer is None:
        for n, subject in enumerate(subjects):
            yield n, {field: _extracted(subject, recipe) for field, recipe in made.items()}
        return
    desk = _Desk(kind, writer, made)
    tries = write_twice(
        writer,
        len(subjects),
        lambda n, refused: desk.task(subjects[n], refused),
        lambda n, answer: desk.hold(subjects[n], answer),
        _reason,
    )
    for n, first, second in tries:
        yield n, desk.texts(subjects[n], first, second or {})


@dataclass(frozen=True, slots=True)
class _Held:
    """A text, held against the abstract."""

    text: str
    finding: Finding


def _reason(held: Mapping[str, _Held]) -> str:
    """Return why the gate refused the first of the fields it did; "" where it refused none that says something."""
    failed = ((field, one.finding.failed) for field, one in held.items())
    field, reason = next((one for one in failed if one[1] not in {"", UNSAID}), ("", ""))
    return f"the {field} ({reason})" if reason and len(held) > 1 else reason


def _said_before(summary: Summary) -> Summary:
    return replace(
        summary, text="", evidence=(), verdict=Verdict.FELL_BACK, failed_check="says what another field says"
    )


def _extracted(subject: Subject, recipe: Recipe) -> Summary:
    extract = extract_summary if recipe.kind == Kind.SUMMARY else extract_tldr
    return replace(extract(subject.title, subject.abstract), **asdict(recipe))


def _hold_under(heading: str, subject: Subject, text: str) -> _Held:
    """Hold what a model put under a heading against the abstract: all of it, its first sentence, what that finds."""
    told = [plain_text(subject.abstract[start:end]) for start, end in split_sentences(subject.abstract)]
    sentences = [trim_opening(of_the_authors(text[start:end])) for start, end in split_sentences(text)] or [text]
    tries = []
    for printed in dict.fromkeys((" ".join(sentences), sentences[0], what_is_found(sentences[0]))):
        finding = check(printed, subject.title, subject.abstract)
        if finding.ok and misplaced(heading, printed, told, [one.sentence for one in finding.evidence]):
            finding = Finding(failed="told under the wrong heading")
        tries.append(_Held(printed, finding))
    return next((held for held in tries if held.finding.ok), tries[0])


@dataclass(frozen=True, slots=True)
class _Desk:
    """What one kind of text is written with."""

    kind: Kind
    writer: Writer
    recipes: Mapping[str, Recipe]

    def task(self, subject: Subject, refused: str = "") -> Task:
        title, abstract = subject.title, subject.abstract
        shown = shown_to(self.writer, title, abstract)
        return Task(kind=self.kind, title=title, abstract=abstract, shown=shown, refused=refused)

    def hold(self, subject: Subject, answer: Answer) -> dict[str, _Held]:
        """Read the fields of an answer and hold each against the abstract."""
        fields = FIELDS[self.kind]
        texts = {fields[0]: answer.text} if self.writer.is_small else read(answer.text, fields)
        return {field: self._hold(subject, field, texts.get(field, ""), answer.failure) for field in fields}

    def _hold(self, subject: Subject, field: str, text: str, failure: str) -> _Held:
        if failure or not text:
            return _Held("", Finding(failed=failure or "no answer"))
        if is_unsaid(text):
            return _Held("", Finding(failed=UNSAID))
        if self.kind is Kind.STRUCTURED:
            return _hold_under(field, subject, finished(text))
        printed = trim_opening(without_remark(text) if self.writer.is_small else text)
        most = _MOST_WORDS_OF_A_TLDR if self.kind is Kind.TLDR else 0
        kept, finding = passing(printed, subject.title, subject.abstract, most)
        if not finding.ok and not printed.endswith((".", "!")):
            # It was given up: say what it could not pass, not that it is no sentence.
            refused = refused_so_far(f"{text} ", subject.title, subject.abstract)
            finding = Finding(failed=refused) if refused else finding
        return _Held(kept, finding)

    def texts(self, subject: Subject, first: Mapping[str, _Held], second: Mapping[str, _Held]) -> dict[str, Summary]:
        """Return what is printed for each field, of two tries at most."""
        texts = {field: self._text(subject, field, first[field], second.get(field)) for field in FIELDS[self.kind]}
        kept = first_of_each({field: one.text for field, one in texts.items()})
        return {field: one if field in kept or not one.text else _said_before(one) for field, one in texts.items()}

    def _serves(self, subject: Subject, written: str, extracted: str) -> bool:
        """Tell whether a written text that passed serves at least as well as the extracted one, which is true too."""
        if self.kind is Kind.STRUCTURED:
            return True
        tldr = extract_tldr(subject.title, subject.abstract).text if len(split_sentences(written)) == 1 else extracted
        return judge(subject.title, subject.abstract, written, tldr).takes_written

    def _text(self, subject: Subject, field: str, first: _Held, second: _Held | None) -> Summary:
        extracted = replace(_extracted(subject, self.recipes[field]), model=self.writer.name)
        for held, verdict in ((first, Verdict.PASSED), (second, Verdict.RETRIED)):
            if held is not None and held.finding.ok:
                written = replace(extracted, text=held.text, evidence=held.finding.evidence, verdict=verdict)
                return written if self._serves(subject, held.text, extracted.text) else extracted
        stands_in = extracted if self.kind is not Kind.STRUCTURED else replace(extracted, text="", evidence=())
        return replace(stands_in, verdict=Verdict.FELL_BACK, failed_check=first.finding.failed)
