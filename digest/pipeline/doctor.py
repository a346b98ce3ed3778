"""Settings → what is installed, which models are found, and what would be used."""

import os
import platform
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from digest import __version__
from digest.errors import DigestError
from digest.pipeline.models import ModelKey, encoder_folder, file_of, named, no_writer, too_small, truth_of, unhelpful
from digest.pipeline.provenance import encoder_hash, encoder_licence
from digest.search.encoder import encoder_name
from digest.search.index import faults
from digest.settings import Settings
from digest.store.backup import backups
from digest.store.database import open_store
from digest.store.papers import count_papers
from digest.store.runs import count_quarantined
from digest.store.words import are_words_behind, are_words_whole
from digest.write.model.llama import describe_writer, is_small
from digest.write.model.shards import name_of

_PACKAGES = ("torch", "sentence-transformers", "faiss-cpu", "llama-cpp-python", "sqlmodel", "arxiv", "httpx")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination."""

    subject: str
    text: str
    ok: bool = True


def examine(settings: Settings) -> list[Finding]:
    """Look at everything a run would use; nothing is changed, no model is loaded whole."""
    findings = [Finding("digest", f"{__version__}, Python {platform.python_version()}, {platform.machine()}")]
    findings += [_package(name) for name in _PACKAGES]
    findings += [
        _encoder(settings),
        *_writer(settings, "models.writer"),
        *_writer(settings, "models.translator"),
        *_writer(settings, "select.rater"),
        *_writer(settings, "tags.chooser"),
        _store(settings),
        *_backups(settings),
        *_indexes(settings),
    ]
    return findings


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "not installed: run `make setup`, or pip install it", ok=False)


def _encoder(settings: Settings) -> Finding:
    try:
        folder = encoder_folder(settings)
    except DigestError as error:
        return Finding("encoder", str(error), ok=False)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Finding(
        "encoder",
        f"{encoder_name(folder)}, {size / 1e6:.0f} MB, licence {encoder_licence(folder) or 'not stated'}, "
        f"sha256 {encoder_hash(folder)}{_pinned(settings.models.encoder_sha256)}, in {folder}",
    )


def _writer(settings: Settings, key: ModelKey) -> list[Finding]:
    """Look at a model that writes: at most one line, none for a further one that is not set."""
    asked, subject = named(settings, key), key.split(".")[1]
    if asked.choice == "writer":
        return _as_writer(settings, key, subject)
    if asked.is_served:
        has_key = "with a key" if os.environ.get(asked.secret) else "without a key"
        name = asked.model or f"no model named: set {key}_model"
        return [Finding(subject, f"{name}, at {asked.choice}, {has_key}", ok=bool(asked.model))]
    try:
        file = file_of(settings, key)
        if file is None:
            no_writer = [Finding(subject, "none: every text is extracted from the abstract")]
            return no_writer if key == "models.writer" else []
        facts = describe_writer(file)
    except DigestError as error:
        return [Finding(subject, str(error), ok=False)]
    if is_small(file) and (complaint := too_small(key, name_of(file))):
        return [Finding(subject, complaint, ok=False)]
    template = "its own chat template" if facts.chat_template else "no chat template"
    text = (
        f"{facts.name}, {facts.size_bytes / 1e6:.0f} MB, licence {facts.licence or 'not stated'}, "
        f"{template}, sha256 {facts.sha256}{_pinned(asked.sha256)}, in {file}"
    )
    return [Finding(subject, "; ".join(filter(None, (text, unhelpful(settings, key, name_of(file))))))]


def _as_writer(settings: Settings, key: ModelKey, subject: str) -> list[Finding]:
    """Look at whether the writer can be what a further key wants of it; its own line says whether it is there."""
    writer = named(settings, "models.writer")
    if writer.choice == "none":
        return [Finding(subject, no_writer(key), ok=False)]
    try:
        file = file_of(settings, "models.writer")
        if file is None:
            return [Finding(subject, f"the writer, at {writer.choice}")]
        complaint = too_small(key, name_of(file)) if is_small(file) else ""
        text = "; ".join(filter(None, ("the writer", unhelpful(settings, key, name_of(file)))))
    except DigestError:
        return []
    return [Finding(subject, complaint or text, ok=not complaint)]


def _pinned(pin: str) -> str:
    return " as pinned" if pin else ""


def _backups(settings: Settings) -> list[Finding]:
    """Tell of the copies that migrations left, each as large as the store was."""
    copies = backups(settings.path(settings.store))
    said = "MB, from before a migration; yours to delete, in"
    return [Finding("backup", f"{copy.stat().st_size / 1e6:,.1f} {said} {copy}") for copy in copies]


def _indexes(settings: Settings) -> list[Finding]:
    """Hold the indexes of words and of vectors against the store, to the last row."""
    path = settings.path(settings.store)
    if not path.exists():
        return []
    try:
        with closing(open_store(path)) as store:
            truth = truth_of(store, encoder_name(encoder_folder(settings)))
            found = faults(settings.path(settings.index), truth) if truth.everything()[0].size else []
            behind, is_whole = are_words_behind(store), are_words_whole(store)
    except DigestError as error:
        return [Finding("indexes", str(error), ok=False)]
    vectors = f"{'; '.join(found)}: run `digest embed`" if found else "every vector is the store's"
    words = "behind the store: run `digest embed`" if behind else "every word is the store's"
    return [
        Finding("index of vectors", vectors, ok=not found),
        Finding(
            "index of words", words if behind or is_whole else "damaged: run `digest embed`", ok=behind or is_whole
        ),
    ]


def _store(settings: Settings) -> Finding:
    path = settings.path(settings.store)
    if not path.exists():
        return Finding("store", f"{path} is not there yet: the first harvest makes it")
    try:
        with closing(open_store(path)) as store:
            text = f"{count_papers(store):,} papers, {count_quarantined(store):,} records set aside, in {path}"
    except DigestError as error:
        return Finding("store", str(error), ok=False)
    return Finding("store", text)
