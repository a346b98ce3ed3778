"""Learn the numbers of digest/write/extract/weights.py from SciTLDR-A's train split, and write that file.

    python benchmarks/learn_tldr.py path/to/scitldr/train.jsonl > digest/write/extract/weights.py

Three small regressions (NumPy alone, no random choice, so the same data give the same file): how often authors use a
word in their TLDR given that their abstract has it; a logistic regression of that on where the word stands; and ridge
regressions of the ROUGE-1 of every candidate text on its features, its abstract's mean taken off. Chances of the train
abstracts come from fifths held out in turn, so that the second step does not lean on what the first knows by heart.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rouge_score.rouge_scorer import RougeScorer

from digest.text import plain_text, split_sentences
from digest.write.extract import telling, weights
from digest.write.extract.trim import shortened
from digest.write.words.stems import stems

Matrix = npt.NDArray[np.float64]
_COMMON = 40  # abstracts that must hold a word before it has odds of its own
_STEP = 0.25  # odds are rounded to this
_FOLDS = 5
_RIDGE = 30.0
_PRIOR = (2.0, 0.2)  # imagined abstracts, and the share of them whose summary has the word
_WIDTH = 112


class Abstract:
    """One abstract of the data, cut into candidates and scored against its authors' TLDR."""

    def __init__(self, row: dict[str, list[str]], scorer: RougeScorer) -> None:
        abstract = " ".join(" ".join(row["source"]).split())
        self.title = str(row["title"] or "")
        self.sentences = [plain_text(abstract[start:end]) for start, end in split_sentences(abstract)]
        self.summary = {word for target in row["target"] for word in stems(target)}
        self.words = {word for sentence in self.sentences for word in stems(sentence)}
        self.candidates = [(n, text) for n, sentence in enumerate(self.sentences) for text in shortened(sentence)]
        self.rouge = np.array([_rouge(scorer, row["target"], text) for _, text in self.candidates])


def _rouge(scorer: RougeScorer, targets: Sequence[str], text: str) -> float:
    return max(float(scorer.score(target, text)["rouge1"].fmeasure) for target in targets)


def word_odds(abstracts: Sequence[Abstract]) -> dict[str, float]:
    """Return the log-odds that a summary uses a word of its abstract, for words of many abstracts."""
    held = Counter(word for abstract in abstracts for word in abstract.words)
    used = Counter(word for abstract in abstracts for word in abstract.words & abstract.summary)
    imagined, share = _PRIOR
    odds = {}
    for word, count in sorted(held.items()):
        if count >= _COMMON * len(abstracts) / 2000:
            chance = (used[word] + imagined * share) / (count + imagined)
            odds[word] = float(np.round(np.log(chance / (1 - chance)) / _STEP) * _STEP)
    return odds


def logistic(features: Matrix, labels: Matrix) -> Matrix:
    """Return the weights of a logistic regression, by Newton's method with a slight ridge."""
    weights = np.zeros(features.shape[1])
    for _ in range(25):
        chances = 1 / (1 + np.exp(-features @ weights))
        curvature = (features * (chances * (1 - chances))[:, None]).T @ features + np.eye(len(weights))
        weights += np.linalg.solve(curvature, features.T @ (labels - chances) - weights)
    return weights


def ridge(features: Matrix, values: Matrix) -> Matrix:
    """Return the weights of a ridge regression through the origin, in the features' own units."""
    spread = features.std(axis=0) + 1e-9
    scaled = (features - features.mean(axis=0)) / spread
    gram = scaled.T @ scaled + _RIDGE * np.eye(features.shape[1])
    return np.asarray(np.linalg.solve(gram, scaled.T @ values) / spread)


def learn_words(abstracts: Sequence[Abstract]) -> tuple[dict[str, float], Matrix]:
    """Return the odds of common words and the weights of a word's features."""
    weights.WORD_ODDS.clear()
    weights.WORD_ODDS.update(word_odds(abstracts))
    rows, labels = [], []
    for abstract in abstracts:
        said = [stems(sentence) for sentence in abstract.sentences]
        does = [bool(telling.ANNOUNCES.search(sentence)) for sentence in abstract.sentences]
        for word, features in telling.word_features(stems(abstract.title), said, does).items():
            rows.append(features)
            labels.append(word in abstract.summary)
    return dict(weights.WORD_ODDS), logistic(np.array(rows, float), np.array(labels, float))


def learn_texts(abstracts: Sequence[Abstract]) -> tuple[Matrix, Matrix]:
    """Return the weights of a cut sentence's features and of any text's."""
    cut, any_text, values = [], [], []
    for fold in range(_FOLDS):
        _, word = learn_words([abstract for n, abstract in enumerate(abstracts) if n % _FOLDS != fold])
        weights.WORD = tuple(word)
        for abstract in abstracts[fold::_FOLDS]:
            reading = telling.read(abstract.title, abstract.sentences)
            cut += [telling.sentence_features(reading, n, text) for n, text in abstract.candidates]
            any_text += [telling.text_features(reading, text) for _, text in abstract.candidates]
            values.append(abstract.rouge - abstract.rouge.mean())
    rouge = np.concatenate(values)
    return ridge(np.array(cut, float), rouge), ridge(np.array(any_text, float), rouge)


def written(odds: dict[str, float], word: Matrix, sentence: Matrix, judge: Matrix) -> str:
    """Return the text of weights.py."""
    groups = defaultdict(list)
    for stem, value in odds.items():
        groups[value].append(stem)
    lines = ['"""Numbers learned from SciTLDR-A (Cachola et al., 2020; Apache-2.0) by benchmarks/learn_tldr.py."""', ""]
    learned = (
        ("WORD", word, telling.WORD_FEATURES),
        ("SENTENCE", sentence, telling.SENTENCE_FEATURES),
        ("JUDGE", judge, telling.TEXT_FEATURES),
    )
    for name, numbers, features in learned:
        told = (f"    {weight:.4f},  # {feature}" for weight, feature in zip(numbers, features, strict=True))
        lines += [f"{name}: tuple[float, ...] = (", *told, ")"]
    lines += ["", "# Stems by the log-odds that a TLDR uses them where its abstract does.", "_BY_ODDS = {"]
    for value in sorted(groups):
        pieces = [f'"{line} "' for line in _wrapped(groups[value])]
        laid = [f"    {value}: {pieces[0]},"] if len(pieces) == 1 else [f"    {value}: (", *pieces, "    ),"]
        lines += [line if line.startswith("    ") else f"        {line}" for line in laid]
    lines += ["}", "WORD_ODDS = {stem: odds for odds, stems in _BY_ODDS.items() for stem in stems.split()}"]
    return "\n".join(lines)


def _wrapped(words: Sequence[str]) -> list[str]:
    lines = [""]
    for word in words:
        if len(lines[-1]) + len(word) > _WIDTH - 10:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def main() -> None:
    """Learn from the file named on the command line."""
    scorer = RougeScorer(["rouge1"], use_stemmer=True)
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    abstracts = [Abstract(json.loads(line), scorer) for line in lines]
    sentence, judge = learn_texts(abstracts)
    odds, word = learn_words(abstracts)
    print(written(odds, word, sentence, judge))


if __name__ == "__main__":
    main()
