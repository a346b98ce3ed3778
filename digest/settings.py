"""What a person may set: digest.toml, then DIGEST_* in the environment, as one frozen value."""

import json
import os
import re
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, get_origin

from pydantic import BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from digest.errors import UsageError
from digest.places import expanded
from digest.sections import (
    Gate,
    Harvest,
    Mail,
    Models,
    Notify,
    Publish,
    Schedule,
    Search,
    Select,
    Serve,
    Site,
    Tags,
)
from digest.toml_lines import Table, read_toml
from digest.topic_caps import topic_names, unknown_topic

FILE_NAME = "digest.toml"
_SECRETS = (
    ("publish", "token"),
    ("mail", "password"),
    ("notify", "urls"),
)  # never in the file, which may be in a public repository


_SURROGATE = re.compile("[\ud800-\udfff]")  # what Python makes of a variable's bytes that are not UTF-8
_NUL = re.compile(r"(?<!\\)\\x00")  # as repr writes it


def _values(secret: SecretStr | tuple[SecretStr, ...]) -> list[str]:
    """Return what a secret setting holds, longest first, without what is too short to be one."""
    held = [secret] if isinstance(secret, SecretStr) else list(secret)
    return sorted((text for one in held if len(text := one.get_secret_value()) > 1), key=len, reverse=True)


def _expand(path: Any) -> Any:  # noqa: ANN401  pydantic hands over what the file held
    return expanded(path) if isinstance(path, str) else path


class Settings(BaseSettings):
    """Everything a person may set; unknown keys are refused by name."""

    model_config = SettingsConfigDict(env_prefix="DIGEST_", env_nested_delimiter="__", extra="forbid", frozen=True)

    root: Path = Path()  # the folder of digest.toml; every relative path hangs on it
    store: Annotated[Path, BeforeValidator(_expand)] = Path("data/digest.db")
    index: Annotated[Path, BeforeValidator(_expand)] = Path("data/index")
    site: Site = Site()
    harvest: Harvest = Harvest()
    models: Models = Models()
    select: Select = Select()
    tags: Tags = Tags()
    gate: Gate = Gate()
    publish: Publish = Publish()
    search: Search = Search()
    mail: Mail = Mail()
    notify: Notify = Notify()
    schedule: Schedule = Schedule()
    serve: Serve = Serve()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, which arrives as arguments."""
        return env_settings, init_settings

    def without_secrets(self, text: str) -> str:
        """Return a text with every secret of the settings blotted out, and the model servers' keys."""
        secrets = [one for section, key in _SECRETS for one in _values(getattr(getattr(self, section), key))]
        names = (self.models.writer_key, self.models.translator_key)
        keys = [key for name in names if len(key := os.environ.get(name, "").strip()) > 1]
        for secret in (*secrets, *keys):
            text = text.replace(secret, "***")
        return text

    def path(self, relative: Path | str) -> Path:
        """Return the path, hung on the folder of digest.toml where it is relative.

        Raises:
            UsageError: it begins at the home folder of nobody.
        """
        return self.root / expanded(relative)


def find_settings_file(start: Path) -> Path:
    """Return the digest.toml in this folder or the nearest one above.

    Raises:
        UsageError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise UsageError(f"no {FILE_NAME} in {start} or above it: run `digest init` there, or name one with --config FILE")


def load_settings(file: Path) -> Settings:
    """Read a settings file, and the DIGEST_* variables over it.

    Raises:
        UsageError: the file is missing, is not TOML in UTF-8, or holds what is not a setting.
    """
    text, values = _read_file(file)
    _refuse_strange_variables()
    try:
        settings = Settings(**values, root=file.resolve().parent)
    except ValidationError as error:
        raise UsageError("; ".join(_complaints(error, file))) from error
    except SettingsError as error:
        raise UsageError(
            f"{_no_json(str(error))} is no JSON: write a list like '[\"cs.CL\"]' and a table like '{{\"agents\": 6}}'"
        ) from error
    _check_topics(settings.select.caps, read_toml(text, str(file)))
    _check_places(settings, file)
    return settings


def _read_file(file: Path) -> tuple[str, dict[str, Any]]:
    """Return a settings file's text and its values, after refusing what may not stand in it."""
    try:
        text = file.read_text(encoding="utf-8-sig")  # some editors begin a file with a byte order mark
        values = tomllib.loads(text)
    except FileNotFoundError as error:
        raise UsageError(f"{file} is not there: run `digest init` to write one") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except ValueError as error:  # tomllib's, or Python's: it reads no whole number of more than 4,300 digits
        reason = error if isinstance(error, tomllib.TOMLDecodeError) else "a number has too many digits"
        raise UsageError(f"{file} is not TOML: {reason}") from error
    except RecursionError as error:
        raise UsageError(f"{file} is not TOML: its lists or tables are nested too deeply") from error
    if _NUL.search(repr(values)):
        raise UsageError(f"{file}: a text holds the character \\u0000, which no setting may: take it out")
    if "root" in values:
        raise UsageError(f"{file}: unknown setting 'root': remove it")
    for section, key in _SECRETS:
        if isinstance(values.get(section), dict) and key in values[section]:
            raise UsageError(
                f"{file}: {section}.{key} is a secret: take it out, and set {_variable(section, key)} "
                "in the environment instead"
            )
    return text, values


def _variable(*key: object) -> str:
    """Return the name of the variable that sets a key."""
    return "DIGEST_" + "__".join(str(part).upper() for part in key)


def _refuse_strange_variables() -> None:
    """Notice a variable of ours that would set nothing, or could not be printed.

    Raises:
        UsageError: there is one.
    """
    fields = Settings.model_fields
    keys = {_variable(name, key) for name in fields for key in getattr(fields[name].annotation, "model_fields", ())}
    meant = {key.replace("__", "_"): key for key in keys}
    for name, value in os.environ.items():
        section = name.upper().removeprefix("DIGEST_").split("__")[0].lower()
        if name.upper() in meant:
            raise UsageError(f"{name} sets nothing: write {meant[name.upper()]}, with two underscores")
        if name.upper() == "DIGEST_ROOT" or (
            name.upper().startswith("DIGEST_") and "__" in name and section not in fields
        ):
            raise UsageError(f"{name} is no setting: unset it or mend its spelling (docs/settings.md lists them all)")
        if name.upper().startswith("DIGEST_") and _SURROGATE.search(value):
            raise UsageError(f"{name} holds what is no text in UTF-8: set it anew")


def _no_json(fault: str) -> str:
    """Return the name of the variable that should hold JSON and does not; pydantic names only its section."""
    section = next((name for name in Settings.model_fields if f'"{name}"' in fault), "")
    keys = getattr(Settings.model_fields[section].annotation, "model_fields", {}) if section else {}
    lists = [
        key for key, field in keys.items() if get_origin(field.annotation) or isinstance(field.default, tuple | dict)
    ]
    for name, value in os.environ.items():
        if name.upper() in (_variable(section), *(_variable(section, key) for key in lists)):
            try:
                json.loads(value)
            except ValueError:
                return name
    return _variable(section)


def _check_topics(caps: Collection[str], whole: Table) -> None:
    """Hold the topics that caps are set for against the taxonomy.

    Raises:
        UsageError: one is no topic; the message names its line in the file, or the variable it stands in.
    """
    unknown = next((slug for slug in caps if slug not in topic_names()), "") if caps else ""
    if unknown and unknown in whole.values.get("select", {}).get("caps", {}):
        raise replace(whole, last=len(whole.lines)).error(unknown, unknown_topic(unknown))
    if unknown:
        raise UsageError(f"DIGEST_SELECT__CAPS: {unknown_topic(unknown)}")


def _check_places(settings: Settings, file: Path) -> None:
    """Refuse the root of the disk where files of ours would lie, each with names of its own beside it.

    Raises:
        UsageError: one of them is the root.
    """
    for key, place in (("store", settings.store), ("index", settings.index), ("site.output", settings.site.output)):
        if place.is_absolute() and not os.path.normpath(place).strip(os.sep):
            variable = _variable(*key.split("."))
            where = variable if variable in os.environ else file
            raise UsageError(f"{where}: {key} is the root of the disk: give it a place of its own")


def _complaints(error: ValidationError, file: Path) -> Iterator[str]:
    for fault in error.errors():
        key, variable = ".".join(str(part) for part in fault["loc"]), _variable(*fault["loc"][:2])
        where = variable if variable in os.environ else str(file)
        if fault["type"] == "extra_forbidden":
            yield f"{where}: unknown setting {key!r}: remove it or mend its spelling (docs/settings.md lists them all)"
        elif fault["type"] in {"model_type", "dict_type"}:
            yield f"{where}: {key} must be a table: a line [{key}], and its keys below"
        else:
            yield f"{where}: {key}: {fault['msg'].removeprefix('Value error, ')}"
