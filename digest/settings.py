"""What a person may set: digest.toml, then DIGEST_* in the environment, as one frozen value."""

import os
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from digest.errors import UsageError
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


def _values(secret: SecretStr | tuple[SecretStr, ...]) -> list[str]:
    """Return what a secret setting holds, longest first, without what is too short to be one."""
    held = [secret] if isinstance(secret, SecretStr) else list(secret)
    return sorted((text for one in held if len(text := one.get_secret_value()) > 1), key=len, reverse=True)


def _expand(path: Any) -> Any:  # noqa: ANN401  pydantic hands over what the file held
    return Path(path).expanduser() if isinstance(path, str) else path


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
        """Return the path, hung on the folder of digest.toml where it is relative."""
        return self.root / Path(relative).expanduser()


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
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except FileNotFoundError as error:
        raise UsageError(f"{file} is not there: run `digest init` to write one") from error
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not TOML: {error}") from error
    if "root" in values:
        raise UsageError(f"{file}: unknown setting 'root': remove it")
    for section, key in _SECRETS:
        if key in values.get(section, {}):
            raise UsageError(
                f"{file}: {section}.{key} is a secret: take it out, and set DIGEST_{section.upper()}__{key.upper()} "
                "in the environment instead"
            )
    try:
        settings = Settings(**values, root=file.resolve().parent)
    except ValidationError as error:
        raise UsageError(f"{file}: {'; '.join(_complaints(error))}") from error
    _check_topics(settings.select.caps, read_toml(text, str(file)))
    return settings


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


def _complaints(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            yield f"unknown setting {key!r}: remove it or mend its spelling (docs/settings.md lists them all)"
        else:
            yield f"{key}: {fault['msg'].removeprefix('Value error, ')}"
