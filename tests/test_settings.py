"""digest.toml and DIGEST_* become settings, and what is wrong with them is named."""

import json
from pathlib import Path

import pytest

from digest.errors import UsageError
from digest.places import STARTER_SETTINGS
from digest.search.encoder import find_encoder
from digest.sections import Publish, seconds_in
from digest.settings import Settings, find_settings_file, load_settings
from digest.write.model.llama import find_writer


def _write(folder: Path, text: str) -> Path:
    file = folder / "digest.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_paths_hang_on_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = load_settings(_write(tmp_path, 'store = "mine/papers.db"'))
    assert settings.path(settings.store) == tmp_path / "mine" / "papers.db"
    assert settings.path("/elsewhere") == Path("/elsewhere")


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _write(tmp_path, '[site]\ntitle = "File"\neditor = "Ed"')
    monkeypatch.setenv("DIGEST_SITE__TITLE", "Environment")
    settings = load_settings(file)
    assert (settings.site.title, settings.site.editor) == ("Environment", "Ed")


def test_the_starter_file_holds_only_defaults_that_are_settings() -> None:
    settings = load_settings(STARTER_SETTINGS)
    assert settings.model_copy(update={"root": Path(), "site": Settings().site}) == Settings()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("stroe = 'x'", "unknown setting 'stroe'"),
        ("[site]\ntitel = 'x'", "unknown setting 'site.titel'"),
        ("[site\n", "is not TOML"),
        (f"store = {'9' * 5000}", "is not TOML: a number has too many digits"),
        ("[select]\nentries = 0", "select.entries"),
        ("[select]\nentries = 'many'", "select.entries"),
        ("[harvest]\ncategories = ['cs.CL; rm']", "not an arXiv category"),
        ("[site]\nbase_url = 'me.github.io'", "whole address"),
        ("[site]\nbase_url = 'http://[::1'", "whole address"),
        ("[site]\nbase_url = 'http://x.org:99999/'", "whole address"),
        ("[site]\nbase_url = 'https://x.org/?page=2'", "whole address"),
        ("[site]\noutput = '/'", "site.output is the root of the disk"),
        ("store = '//'", "store is the root of the disk"),
        ("index = '/tmp/..'", "index is the root of the disk"),
        ("[models]\nwriter = 'writer'", 'models: writer is "writer", which is itself'),
        ("[models]\nwriter_sha256 = 'b179c9'", "models.writer_sha256: must be a SHA-256"),
        (f"[models]\nwriter = 'http://127.0.0.1:8080/v1'\nwriter_sha256 = '{'ab' * 32}'", "take one of them out"),
        ("[select]\nrater = 'r.gguf'\nrater_sha256 = 'b179c9'", "select.rater_sha256: must be a SHA-256"),
        (f"[select]\nrater_sha256 = '{'ab' * 32}'", "rater is 'none': take one of them out"),
        (f"[select]\nrater = 'http://127.0.0.1:8080/v1'\nrater_sha256 = '{'ab' * 32}'", "take one of them out"),
        ("[tags]\nchooser = 'c.gguf'\nchooser_sha256 = 'b179c9'", "tags.chooser_sha256: must be a SHA-256"),
        (f"[tags]\nchooser_sha256 = '{'ab' * 32}'", "chooser is 'none': take one of them out"),
        (f"[tags]\nchooser = 'http://127.0.0.1:8080/v1'\nchooser_sha256 = '{'ab' * 32}'", "take one of them out"),
        ("[tags]\ncandidates = 1", "tags.candidates"),
        ("[select]\ncaps = { agents = -1 }", "select.caps.agents"),
        (
            "[select]\nentries = 9\n[select.caps]\ncode = 3\nagent = 6",
            "line 5: unknown topic 'agent': did you mean agents",
        ),
        ("[select]\ncaps = { Agents = 6 }", "line 2: unknown topic 'Agents': did you mean agents"),
        ("select.caps.vison = 6", "line 1: unknown topic 'vison': did you mean vision"),
        ("[models]\ntranslator = 'embedded'", 'models.translator: "embedded" cannot translate'),
        ("root = '/'", "unknown setting 'root'"),
        ("publish = 5", "publish must be a table: a line [publish]"),
        ("select.caps = 5", "select.caps must be a table: a line [select.caps]"),
        ("store = '~nobody-of-that-name/x'", "~nobody-of-that-name/x begins at a home folder that is not there"),
        ('store = "a\\u0000b"', "the character \\u0000"),
        ("a = " + "[" * 3000, "nested too deeply"),
        ("[models]\ndeadline = inf", "models.deadline"),
        ("[select]\nper_topic = 99999999999999999999", "select.per_topic"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(_write(tmp_path, text))
    assert complaint in str(caught.value)
    assert "digest.toml" in str(caught.value) or "home folder" in complaint
    assert "\n" not in str(caught.value)


def test_caps_of_topics_are_read_and_one_from_the_environment_that_is_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _write(tmp_path, "[select.caps]\nagents = 6\nsurveys = 0\n")
    assert load_settings(file).select.caps == {"agents": 6, "surveys": 0}
    monkeypatch.setenv("DIGEST_SELECT__CAPS", '{"agnts": 6}')
    with pytest.raises(UsageError, match=r"^DIGEST_SELECT__CAPS: unknown topic 'agnts': did you mean agents\?"):
        load_settings(file)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DIGEST_SITE__LANGUAGES", "en", "DIGEST_SITE__LANGUAGES is no JSON: write a list like"),
        ("DIGEST_SELECT__CAPS", '{"agents":', "DIGEST_SELECT__CAPS is no JSON"),
        ("DIGEST_SITE", "x", "DIGEST_SITE is no JSON"),
        ("DIGEST_MODELS__THREADS", "many", "DIGEST_MODELS__THREADS: models.threads: "),
        ("DIGEST_SITE__NOSUCH", "1", "DIGEST_SITE__NOSUCH: unknown setting 'site.nosuch'"),
        ("DIGEST_STIE__TITLE", "Mine", "DIGEST_STIE__TITLE is no setting: unset it"),
        ("DIGEST_SITE_TITLE", "Mine", "DIGEST_SITE_TITLE sets nothing: write DIGEST_SITE__TITLE"),
        ("DIGEST_ROOT", "/", "DIGEST_ROOT is no setting"),
        ("DIGEST_SITE__TITLE", "caf\udce9", "DIGEST_SITE__TITLE holds what is no text in UTF-8"),
    ],
)
def test_a_variable_that_is_wrong_or_sets_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError) as caught:
        load_settings(_write(tmp_path, ""))
    assert str(caught.value).startswith(complaint)


def test_a_byte_order_mark_at_the_beginning_is_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_bytes(b"\xef\xbb\xbf[site]\ntitle = 'Mine'\n")
    assert load_settings(file).site.title == "Mine"


def test_a_path_that_begins_at_the_home_of_nobody_is_refused_where_it_is_used(tmp_path: Path) -> None:
    settings = load_settings(_write(tmp_path, "[select]\npicks = '~nobody-of-that-name/x'"))
    with pytest.raises(UsageError, match="begins at a home folder that is not there: write the whole path"):
        settings.path(settings.select.picks or "")
    for find in (find_encoder, find_writer):
        with pytest.raises(UsageError, match="home folder"):
            find("~nobody-of-that-name/x", tmp_path)


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    file = tmp_path / "digest.toml"
    file.write_bytes(b"store = '\xff'")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_settings(file)


def test_a_missing_file_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="digest init"):
        load_settings(tmp_path / "digest.toml")
    with pytest.raises(UsageError, match="digest init"):
        find_settings_file(tmp_path)


def test_the_nearest_file_above_is_found(tmp_path: Path) -> None:
    file = _write(tmp_path, "")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_settings_file(below) == file


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text(encoding="utf-8")
    names = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        inner = getattr(section, "model_fields", None)
        names += [name] if inner is None else [f"{name}.{key}" for key in inner]
    missing = [name for name in names if name != "root" and f"`{name}`" not in page]
    assert missing == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("2h", 7200), ("90m", 5400), ("1h30m", 5400), (" 45S ", 45), ("1h1m1s", 3661)]
)
def test_a_length_of_time_is_read(text: str, seconds: float) -> None:
    assert seconds_in(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "2 hours", "0h", "-1h", "1d", "30m1h", "٢h"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 2h, 90m or 1h30m"):
        seconds_in(text)


@pytest.mark.parametrize("remote", ["ssh://git@[::1]:2222/x.git", "https://[2001:db8::7]/x.git", "git@[::1]:x.git"])
def test_a_remote_may_be_named_by_a_number_of_version_six(tmp_path: Path, remote: str) -> None:
    (tmp_path / "digest.toml").write_text(f'[publish]\nremote = "{remote}"\n', encoding="utf-8")
    assert load_settings(tmp_path / "digest.toml").publish.remote == remote


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("remote", "https://you:p4ss@github.com/you/x.git"),
        ("remote", "--upload-pack=evil"),
        ("remote", "ext::sh -c evil"),
        ("remote", "my-own+1.0::x"),
        ("remote", "::x"),
        *(("branch", name) for name in ("", "-x", "a..b", "a//b", "a/", "x.lock", "a b", ".x", "a/.b", "é")),
        *(("author", name) for name in ("nobody", "x <>", "a\nb <c@d>")),
        ("history", "rewritten"),
        ("token", "s3cret"),
    ],
)
def test_what_cannot_be_published_to_is_refused_without_telling_secrets(tmp_path: Path, key: str, value: str) -> None:
    (tmp_path / "digest.toml").write_text(f"[publish]\n{key} = {json.dumps(value)}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=f"publish.{key}") as refused:
        load_settings(tmp_path / "digest.toml")
    assert "p4ss" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", ["gh-pages", "site/main", "v1.2", "_x"])
def test_a_branch_may_have_any_usual_name(name: str) -> None:
    assert Publish(branch=name).branch == name


def test_secrets_are_blotted_out_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digest.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("DIGEST_PUBLISH__TOKEN", "s3cret")
    settings = load_settings(tmp_path / "digest.toml")
    assert settings.publish.token.get_secret_value() == "s3cret"
    assert settings.without_secrets("so s3cret it is") == "so *** it is"
    assert "s3cret" not in repr(settings) + str(settings.model_dump())
