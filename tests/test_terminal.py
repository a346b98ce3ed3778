"""What a stage tells of itself, for a script."""

from digest.pipeline.workshop import Outcome, StageReport
from digest.terminal import report_as_json


def test_what_every_stage_tells_is_hidden_by_no_count() -> None:
    outcome = Outcome(counts={"changed": 7, "seconds": 8, "stage": 9, "new": 3}, changed=True)
    told = report_as_json(StageReport("harvest", 1.25, outcome))
    assert told == {"stage": "harvest", "seconds": 1.25, "changed": True, "new": 3}
