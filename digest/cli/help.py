"""How help is laid out: commands in groups, a line each; examples below the text, one a line."""

from typing import Any

from typer.core import TyperGroup

GROUPS = {
    "To begin": ("init", "demo", "doctor"),
    "Papers": ("harvest", "coverage", "embed"),
    "An issue": ("select", "draft", "read", "write", "check", "build", "publish", "notify"),
    "Every night": ("run", "schedule", "status"),
    "The archive": ("search", "similar", "trends", "serve", "mcp"),
    "Quality": ("eval",),
}

_EXAMPLE = "Example: "


class Help(TyperGroup):
    """A group of commands whose help gives each example a line of its own."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401  they are Typer's
        super().__init__(**attributes)
        for command in (self, *self.commands.values()):
            command.help = _with_examples(command.help)


class GroupedHelp(Help):
    """The same, with its commands under the names of `GROUPS`, each with its whole line."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002  of Typer's own click or of click
        """Write a section for each group."""
        width = max(map(len, self.commands))
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(width), self.commands[name].get_short_help_str()) for name in names])


def _with_examples(text: str | None) -> str:
    """Return a help text with its lines "Example: ..." under one heading, in a paragraph that click leaves as it is."""
    lines = (text or "").splitlines()
    examples = [line.removeprefix(_EXAMPLE) for line in lines if line.startswith(_EXAMPLE)]
    rest = "\n".join(line for line in lines if not line.startswith(_EXAMPLE)).rstrip()
    heading = "Example:" if len(examples) == 1 else "Examples:"
    return rest + "\n\n\b\n" + "\n".join([heading, *(f"  {one}" for one in examples)]) if examples else rest
