"""The OpenAPI document → a page that explains it, whole in itself: no script, nothing fetched (pure)."""

import base64
import hashlib
import json
import re
from typing import Any

import jinja2

from digest.places import TEMPLATES
from digest.serve.guard import API_POLICY

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def reference_page(document: dict[str, Any]) -> str:
    """Render the page of an OpenAPI 3.1 document."""
    loader = jinja2.FileSystemLoader(TEMPLATES)
    made = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["terms"] = _terms
    operations = [(path, verb, told) for path, verbs in document["paths"].items() for verb, told in verbs.items()]
    schemas = document["components"]["schemas"]
    page: str = made.get_template("reference.html").render(
        info=document["info"], operations=operations, schemas=schemas
    )
    return page


def policy_of(page: str) -> str:
    """Return the policy under which a browser shows the page: its own style, by its hash, and nothing else."""
    style = _STYLE.search(page)
    assert style is not None  # noqa: S101  the template has it
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    return f"{API_POLICY}; style-src 'sha256-{digest}'"


def _terms(schema: dict[str, Any]) -> str:
    """Say in a line what a value must be."""
    kinds = [one.get("type", one.get("$ref", "").rpartition("/")[2]) for one in schema.get("anyOf", [schema])]
    words = [" or ".join(filter(None, kinds))]
    if "items" in schema:
        words[0] += f" of {_terms(schema['items'])}"
    limits = (
        ("minimum", "at least"), ("maximum", "at most"), ("maxLength", "characters at most"), ("maxItems", "at most"),
        ("default", "else"),
    )  # fmt: skip
    words += [f"{name} {json.dumps(schema[key])}" for key, name in limits if key in schema]
    return ", ".join(words)
