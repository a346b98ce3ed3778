"""A stand-in for the process that holds a model: it speaks its messages, and does at a paper what the title says."""

import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import orjson

from digest.write.model.child import Load, _end_with_the_parent


def serve(pipe: Connection, load: Load) -> None:
    _end_with_the_parent()
    notes = Path(load.file)
    with notes.open("a") as log:
        log.write(f"{os.getpid()}\n")
    if "unloadable" in notes.name:
        os.kill(os.getpid(), signal.SIGKILL)
    if "never loaded" in notes.name:
        time.sleep(600)
    if "no model" in notes.name:
        pipe.send_bytes(orjson.dumps({"error": "it is no model"}))
        return
    pipe.send_bytes(orjson.dumps({"ready": True}))
    try:
        while True:
            _answer(pipe, orjson.loads(pipe.recv_bytes()), notes)
    except EOFError:
        return


def _answer(pipe: Connection, tasks: list[dict[str, str]], notes: Path) -> None:
    for n in range(len(tasks)):  # as a batch does: all are begun before one is done
        pipe.send_bytes(orjson.dumps({"began": n}))
    for n, task in enumerate(tasks):
        title = task["title"]
        once = notes.with_suffix(".once")
        if title == "crash" or (title == "crash once" and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if title == "slow":
            for _ in range(20):  # longer than the short deadline in test_process.py
                pipe.send_bytes(orjson.dumps({"at work": True}))
                time.sleep(0.2)
        if title == "hang":
            time.sleep(600)
        pipe.send_bytes(orjson.dumps({"wrote": n, "text": f"about {title}"}))
    pipe.send_bytes(orjson.dumps({"done": True}))
