"""The API does what its own OpenAPI document says, whatever it is asked: schemathesis tries it."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from digest.serve.rate import Buckets
from tests.serve.conftest import INFINI, OLD, Served

# 400: it fits the document and yet asks for nothing. 404, 409: the paper is not held, or has no vector.
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"positive_data_acceptance": {"expected-statuses": ["200", "400", "404", "409"]}}}
)


@pytest.fixture(scope="module")
def document(made_magazine: Path) -> BaseSchema:
    """The API's own document, with the application behind it."""
    served = Served(made_magazine, hosts=("localhost", "testserver"), buckets=Buckets(100_000, 100_000))
    return schemathesis.openapi.from_asgi("/api/openapi.json", served.app, config=CONFIG)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("path", ["/api/search", "/api/papers/{arxiv_id}", "/api/similar/{arxiv_id}"])
def test_the_api_is_as_it_says(document: BaseSchema, path: str, mode: GenerationMode) -> None:
    @settings(max_examples=40, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
    @given(case=document[path]["GET"].as_strategy(generation_mode=mode))
    def try_it(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate()

    try_it()


def test_the_document_names_every_limit(served: Served) -> None:
    document = served.one("/api/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert sorted(document["paths"]) == ["/api/papers/{arxiv_id}", "/api/search", "/api/similar/{arxiv_id}"]
    for verbs in document["paths"].values():
        assert list(verbs) == ["get"]
        for asked in verbs["get"]["parameters"]:
            limits = {"maxLength", "maximum", "maxItems", "pattern"} & asked["schema"].keys()
            assert limits or asked["schema"]["type"] == "boolean", asked
        assert {"422", "429", "503"} <= verbs["get"]["responses"].keys()
    assert json.dumps(document).count("http") == json.dumps(document).count("https://json-schema.org")


def test_what_the_document_gives_as_examples_is_answered(served: Served) -> None:
    for address in (f"/api/papers/{INFINI}", f"/api/similar/{OLD.arxiv_id}", "/api/search?q=bounded+memory"):
        assert served.one(address).status_code == 200
