"""The settings' models and lists, found without being loaded, and loaded once when a stage needs them."""

import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from digest.caches import cache_folder
from digest.checksum import sha256_of
from digest.errors import ModelError, UsageError
from digest.paper import Topic
from digest.pipeline.workshop import Workshop
from digest.places import BUNDLED
from digest.search.bert import load_bert
from digest.search.distilled import Distilled, load_distilled
from digest.search.encoder import Encoder, encoder_name, find_encoder, load_encoder, weights_file
from digest.search.index import Index, Truth, open_index
from digest.sections import is_address
from digest.settings import Settings
from digest.store.changes import changed_since, latest_vectors, stand
from digest.store.database import Store
from digest.store.vectors import vectors
from digest.topic_caps import TAXONOMY
from digest.write.ask.writer import Kind, Writer
from digest.write.model.endpoint import EndpointWriter, Server
from digest.write.model.llama import LlamaWriter, Means, find_writer
from digest.write.model.shards import hash_of, parameters_of
from digest.write.tags import parse_taxonomy

_WORD_TABLE = BUNDLED / "finder.npz"  # written by benchmarks/distil.py


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """The encoder that the settings name: its folder, and the name its vectors go by."""

    folder: Path
    name: str
    threads: int


def encoder_choice(workshop: Workshop) -> EncoderChoice:
    """Find the encoder without loading it.

    Raises:
        ModelError: it is missing, is no model, or is not the one that was pinned.
    """
    folder = encoder_folder(workshop.settings)
    return EncoderChoice(folder, encoder_name(folder), workshop.settings.models.threads)


def encoder_folder(settings: Settings) -> Path:
    """Return the encoder's folder, its weights held against the settings' pin.

    Raises:
        ModelError: it is missing, is no model, or is not the one that was pinned.
    """
    folder = find_encoder(settings.models.encoder, settings.root)
    _check_pin(weights_file(folder), settings.models.encoder_sha256, "models.encoder_sha256")
    return folder


def _check_pin(file: Path, pin: str, key: str, hashed: Callable[[Path], str] = sha256_of) -> None:
    """Refuse a model file that is not the one that the settings pin under a key; it is not loaded for that.

    Raises:
        ModelError: its hash is another.
    """
    if pin and (found := hashed(file)) != pin:
        raise ModelError(
            f"{file} has the SHA-256 {found}, and {key} pins {pin}: it was not loaded; "
            "fetch the file again from where you trust it, or pin the new one"
        )


@cache
def load(choice: EncoderChoice) -> Encoder:
    """Load an encoder, once in a process.

    Raises:
        ModelError: it cannot be loaded.
    """
    return load_encoder(choice.folder, choice.threads)


@dataclass(frozen=True, slots=True)
class Named:
    """A model that writes, as a key of the settings names it, and what the keys beside that say of it."""

    key: str  # such as models.writer
    choice: str
    sha256: str  # what its file must have
    model: str  # what a server calls it
    secret: str  # the environment variable that holds the server's key

    @property
    def is_served(self) -> bool:
        """Whether it is named by a server's address."""
        return is_address(self.choice)


# Those of up to 1.5 billion that were measured (docs/choosing.md, docs/quality.md) were no help as these; larger ones
# were not at hand, and so nothing is said of them.
_UNHELPFUL = 2_000_000_000  # parameters
_DID_NOT_HELP = {
    "select.rater": "rated nearly all papers alike (docs/choosing.md); `digest eval select --rater` measures yours",
    "tags.chooser": "chose worse topics than the scores (docs/quality.md); `digest eval tags --chooser` measures yours",
    "models.translator": "said something else in half of what passed the checks (docs/quality.md); read yours",
}

ModelKey = Literal["models.writer", "models.translator", "select.rater", "tags.chooser"]
# What only a model of a billion parameters and more can do, and what to set where there is none.
_WANTS_A_LARGE_ONE = {
    "models.translator": ("translate", "leave it empty for English"),
    "tags.chooser": ("choose topics", 'set it to "none" for the topics that score best'),
}


def named(settings: Settings, key: ModelKey) -> Named:
    """Return what the settings say of a model."""
    section = key.split(".")[0]
    said = {f"{section}.{one}": value for one, value in getattr(settings, section)}
    secret = said.get(f"{key}_key", settings.models.writer_key)  # those that have no variable of their own
    return Named(key, said[key], said[f"{key}_sha256"], said[f"{key}_model"], secret)


def file_of(settings: Settings, key: ModelKey) -> Path | None:
    """Return the file of a model; None for one that has none of its own: no model, the writer's, or a server's.

    Raises:
        ModelError: it is missing, is no GGUF, or is not the one that was pinned.
    """
    asked = named(settings, key)
    if asked.is_served or asked.choice in {"", "none", "writer"}:
        return None
    file = find_writer(asked.choice, settings.root, key)
    _check_pin(file, asked.sha256, f"{key}_sha256", hash_of)
    return file


def writer_of(workshop: Workshop) -> Writer | None:
    """Return the writer that the settings name; None for extracted text alone. It loads its model with its first text.

    Raises:
        ModelError: its file is missing, is no GGUF, or is not the one that was pinned.
        UsageError: it is a server, and the settings do not say what that calls its model.
    """
    return model_of(workshop, "models.writer")


def model_of(workshop: Workshop, key: ModelKey) -> Writer | None:
    """Return the model that a key names, not loaded yet; None where it names none.

    Raises:
        ModelError: its file is missing, is no GGUF, or is not the one that was pinned.
        UsageError: it is to be the writer, and there is none; or it is a server's and has no name.
    """
    asked = named(workshop.settings, key)
    if asked.choice == "writer":
        writer = writer_of(workshop)
        if writer is None:
            raise UsageError(no_writer(key))
        return writer
    if asked.is_served:
        return EndpointWriter(_server(workshop.settings, asked))
    file = file_of(workshop.settings, key)
    return LlamaWriter(file, _means(workshop)) if file else None


def _means(workshop: Workshop) -> Means:
    models = workshop.settings.models
    cache = workshop.settings.path(models.cache) if models.cache else cache_folder() / "models"
    return Means(models.threads, models.context, models.deadline, cache)


def _server(settings: Settings, asked: Named) -> Server:
    if not asked.model:
        raise UsageError(f"{asked.key}_model is missing: say which of the models at {asked.choice} is to be asked")
    secret = os.environ.get(asked.secret, "").strip()  # a file's last line end often comes along
    if secret and not re.fullmatch(r"[!-~]+", secret):
        raise UsageError(f"{asked.secret} holds a blank or a letter that no key has: set it again")
    return Server(
        url=asked.choice,
        model=asked.model,
        key=secret,
        setting=asked.key,
        variable=asked.secret,
        at_once=settings.models.at_once,
        deadline=settings.models.deadline,
    )


def no_writer(key: ModelKey) -> str:
    """Say that a key names the writer, and that there is none."""
    return f'{key} is "writer", and models.writer is "none": name a model in one of them'


def large_model_of(workshop: Workshop, key: ModelKey) -> Writer | None:
    """Return the model that a key names for what a small one cannot do; None where it names none.

    Raises:
        ModelError: as for `model_of`.
        UsageError: so too, or it is too small.
    """
    model = model_of(workshop, key)
    if model is not None and model.is_small:
        raise UsageError(too_small(key, model.name))
    return model


def too_small(key: ModelKey, name: str) -> str:
    """Say that a small model is named where a large one is wanted; "" where any will do.

    Its own header says how small it is: the embedded model is told by that under whatever name.
    """
    if key not in _WANTS_A_LARGE_ONE:
        return ""
    what, otherwise = _WANTS_A_LARGE_ONE[key]
    return f"{key}: {name} has fewer than a billion parameters and cannot {what}; choose a larger model, or {otherwise}"


def unhelpful(settings: Settings, key: ModelKey, name: str) -> str:
    """Say that a model is no larger than those that did not help where it is named; "" where that is not known of it.

    Raises:
        ModelError: its file is missing, is no GGUF, or is not the one that was pinned.
    """
    file = file_of(settings, "models.writer" if named(settings, key).choice == "writer" else key)
    if key not in _DID_NOT_HELP or file is None or parameters_of(file, key) >= _UNHELPFUL:
        return ""
    found = _DID_NOT_HELP[key]
    return f"{key}: {name} has fewer than two billion parameters, and those of that size that were measured {found}"


def is_translated(workshop: Workshop) -> bool:
    """Tell whether there is a translator, and a page for it to translate for."""
    has_chinese = any(tag.startswith("zh") for tag in workshop.settings.site.languages)
    return bool(workshop.settings.models.translator) and has_chinese


def translator_of(workshop: Workshop) -> Writer | None:
    """Return the model that translates; None where there is none to. It is loaded with its first text.

    Raises:
        ModelError: its file is missing, is no GGUF, or is not the one that was pinned.
        UsageError: it is too small to translate, or is a server's and has no name.
    """
    return large_model_of(workshop, "models.translator") if is_translated(workshop) else None


def kinds_of(workshop: Workshop, writer: Writer | None) -> tuple[Kind, ...]:
    """Return the kinds of text that are written: those that the settings name, or what the model is good for.

    Raises:
        UsageError: the settings ask a small model for what it cannot do.
    """
    asked = workshop.settings.models.kinds
    if writer is None or not asked:
        return (Kind.SUMMARY,) if writer is None or writer.is_small else (Kind.SUMMARY, Kind.STRUCTURED)
    if writer.is_small and set(asked) != {Kind.SUMMARY}:
        raise UsageError(
            f"models.kinds: {writer.name} has fewer than a billion parameters and writes summaries alone; "
            'set it to ["summary"], or choose a larger models.writer'
        )
    return tuple(kind for kind in Kind if kind in asked)


@cache
def load_for_queries(choice: EncoderChoice) -> Encoder:
    """Load an encoder for a query or a few, once in a process: without torch where its kind allows it.

    Raises:
        ModelError: it cannot be loaded.
    """
    return load_bert(choice.folder, choice.name) or load(choice)


def truth_of(store: Store, model: str) -> Truth:
    """Return the store as the index of an encoder's vectors sees it."""
    now = stand(store)
    return Truth(
        model=model,
        store=now.store,
        seq=now.seq,
        everything=lambda: vectors(store, model),
        changed=lambda seq: changed_since(store, seq),
        latest=lambda version_ids: latest_vectors(store, model, version_ids),
    )


def index_of(workshop: Workshop, *, is_whole: bool = False) -> Index:
    """Open the index of the settings' encoder, brought up to date with the store; `is_whole` checks every row first."""
    settings, truth = workshop.settings, truth_of(workshop.store, encoder_choice(workshop).name)
    return open_index(settings.path(settings.index), truth, exact_up_to=settings.search.exact_up_to, is_whole=is_whole)


def tag_scheme(workshop: Workshop) -> str:
    """Name what tags hang on besides the papers: the taxonomy and the encoder."""
    _, taxonomy_hash = taxonomy()
    return hashlib.sha256(f"{taxonomy_hash} {encoder_choice(workshop).name}".encode()).hexdigest()[:16]


def picks_file(workshop: Workshop) -> Path:
    """Return the file of picks that the settings name, or the bundled one.

    Raises:
        UsageError: it cannot be read.
    """
    picks = workshop.settings.select.picks
    if picks is None:
        return BUNDLED / "picks.jsonl.gz"
    file = workshop.settings.path(picks)
    try:
        file.open("rb").close()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}; set select.picks in digest.toml") from error
    return file


def interests(workshop: Workshop) -> tuple[str, ...]:
    """Return the interests that the settings name; there are no others, for those of one magazine fit no other."""
    return workshop.settings.select.interests or ()


@cache
def taxonomy() -> tuple[tuple[Topic, ...], str]:
    """Return the topics, and the hash of the file they stand in; it is read once in a process."""
    text = TAXONOMY.read_text(encoding="utf-8")
    return parse_taxonomy(text, str(TAXONOMY)), hashlib.sha256(text.encode()).hexdigest()


@cache
def word_table() -> Distilled:
    """Load the table of words by which the site's pages search, once in a process."""
    return load_distilled(_WORD_TABLE)
