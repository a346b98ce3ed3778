"""Jinja, compiling templates for many thousand pages: what a page prints is escaped in one step (pure)."""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from types import FunctionType
from typing import Any, cast

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape

from digest.publish.wording import printable

_REMEMBERED = 8192  # texts; most that are printed are ways, months, topics and names, many times over


class _Generator(CodeGenerator):
    """Writes `finalize(value)` where Jinja writes `escape(finalize(value))`: ours escapes, and never is turned off."""

    def _output_child_pre(self, _node: nodes.Expr, _frame: Frame, _finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.finalize(")

    def _output_child_post(self, _node: nodes.Expr, _frame: Frame, _finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(")")

    def visit_Call(  # noqa: N802  Jinja's name
        self,
        node: nodes.Call,
        frame: Frame,
        forward_caller: bool = False,  # noqa: FBT001, FBT002  as Jinja has it
    ) -> None:
        """Call a function of ours directly, where Jinja first looks whether it wants to be given the context."""
        match node:
            case nodes.Call(
                node=nodes.Name(name=name), args=[first, *others], kwargs=[], dyn_args=None, dyn_kwargs=None
            ) if isinstance(self.environment.globals.get(name), FunctionType):
                self.visit(node.node, frame)
                self.write("(")
                self.visit(first, frame)
                for other in others:
                    self.write(", ")
                    self.visit(other, frame)
                self.write(")")
            case _:
                super().visit_Call(node, frame, forward_caller=forward_caller)

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> str:
        """Put `_("Words")`, a sentence in the page's language, in its place when the template is compiled."""
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(message))], kwargs=[]):
                say = cast("Callable[[str], Markup]", self.environment.globals["_"])
                return str(say(message))
        return super()._output_child_to_const(node, frame, finalize)


class PageEnvironment(jinja2.Environment):
    """An environment that escapes everything, refuses what is undefined and prints no invisible characters."""

    code_generator_class = _Generator

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=_printed,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what every template sees, in one plain dictionary: each page copies it."""
        return self.globals | dict(d or {})


def _printed(value: object) -> str:
    if type(value) is Markup:
        return value
    return _escaped(value) if type(value) is str else escape(value)


@lru_cache(_REMEMBERED)
def _escaped(text: str) -> str:
    return escape(printable(text))
