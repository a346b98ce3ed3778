"""What a template prints, and when a page's own words are put in."""

import jinja2
import pytest
from markupsafe import Markup

from digest.publish.compiler import PageEnvironment


class Language:
    """Turns sentences round, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def say(self, message: str, **values: object) -> Markup:
        self.asked.append(message)
        said = Markup(message[::-1])  # noqa: S704  the tests' own words
        return said % values if values else said


@pytest.fixture
def language() -> Language:
    return Language()


def render(language: Language, source: str, **values: object) -> str:
    made = PageEnvironment(jinja2.DictLoader({"page": source}))
    made.globals |= {"_": language.say}
    page = made.get_template("page")
    language.asked.append("compiled")
    return page.render(**values)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("<b> & \"'", "&lt;b&gt; &amp; &#34;&#39;"),
        (Markup("<b>"), "<b>"),
        (12, "12"),
        (("<i>",), "(&#39;&lt;i&gt;&#39;,)"),
        ("gnp\u202e\u0000.exe", "gnp.exe"),
        ("\U0001f600 ä", "\U0001f600 ä"),
    ],
)
def test_whatever_is_printed_is_escaped_once_and_shows(language: Language, value: object, printed: str) -> None:
    assert render(language, "{{ value }}", value=value) == printed
    assert render(language, "{% macro m(v) %}{{ v }}{% endmacro %}{{ m(value) }}", value=value) == printed
    assert render(language, "{% set held %}{{ value }}{% endset %}{{ held }}", value=value) == printed


def test_escaping_cannot_be_turned_off(language: Language) -> None:
    assert render(language, "{% autoescape false %}{{ value }}{% endautoescape %}", value="<b>") == "&lt;b&gt;"


def test_a_sentence_without_values_is_said_when_its_template_is_compiled(language: Language) -> None:
    assert render(language, '{{ _("<em>no</em>") }}{{ value }}', value="<") == ">me/<on>me<&lt;"
    assert language.asked == ["<em>no</em>", "compiled"]


def test_a_sentence_with_values_is_said_on_each_page(language: Language) -> None:
    assert render(language, '{{ _("s)n(%", n=value) }}{{ _(value) }}', value="<") == "&lt;<"
    assert language.asked == ["compiled", "s)n(%", "<"]


def join(*words: str, end: str = "") -> str:
    return "+".join(words) + end


@pytest.mark.parametrize(
    ("call", "printed"),
    [
        ("join('a')", "a"),
        ("join('a', '<', b)", "a+&lt;+b"),
        ("join('a', end='!')", "a!"),
        ("join(*['a', 'b'])", "a+b"),
        ("join(join('a', 'b'))", "a+b"),
        ("join()", ""),
    ],
)
def test_our_functions_take_whatever_a_template_gives_them(language: Language, call: str, printed: str) -> None:
    made = PageEnvironment(jinja2.DictLoader({"page": f"{{{{ {call} }}}}"}))
    made.globals |= {"_": language.say, "join": join}
    assert made.get_template("page").render(b="b") == printed
