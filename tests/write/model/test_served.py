"""A server as a writer: llama-cpp-python's own on loopback, with the embedded model in it."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.paper import Paper
from digest.write.ask.answers import read_list
from digest.write.ask.writer import Kind, Task
from digest.write.model.endpoint import EndpointWriter, Server
from digest.write.model.llama import find_writer

pytestmark = pytest.mark.model


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    options = {"model": str(find_writer("embedded", Path())), "model_alias": "smol", "port": "0", "n_threads": "1"}
    command = [sys.executable, "-m", "llama_cpp.server", *(f"--{name}={value}" for name, value in options.items())]
    log = tmp_path / "log"
    with log.open("w") as told, subprocess.Popen(command, stdout=told, stderr=told) as process:  # noqa: S603
        while not (found := re.search(r"running on (http://\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        yield f"{found[1]}/v1"
        process.kill()


def test_it_answers_in_the_form_that_it_is_asked_for_and_the_same_again(url: str, sample: Paper) -> None:
    task = Task(kind=Kind.SUMMARY, title=sample.title, abstract=sample.abstract, shown=sample.abstract)
    topics = Task(
        kind=Kind.TOPICS, title=sample.title, abstract=sample.abstract, shown=sample.abstract,
        given="looms: How cloth is made.\nwool: What it is made of.", offered=("looms", "wool"),
    )  # fmt: skip
    with EndpointWriter(Server(url=url, model="smol", at_once=1), sleep=lambda _: None) as writer:
        answers = dict(writer.write([task, task, task, topics]))
    assert set(json.loads(answers[0].text)) == {"summary"}
    assert answers[1] == answers[2]  # both go on from what the server kept of the first
    assert read_list(answers[3].text, "topics", topics.offered)
