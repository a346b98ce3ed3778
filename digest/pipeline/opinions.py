"""What a model says of papers → the store, each as it is said, within the time that a night may take."""

from collections.abc import Iterator, Sequence

from digest.errors import ModelError
from digest.paper import Summary
from digest.pipeline.workshop import Workshop
from digest.store.writings import save_summary
from digest.write.ask.writer import Writer


def keep_opinions(
    workshop: Workshop,
    model: Writer,
    said: Iterator[tuple[int, Sequence[Summary]]],
    version_ids: Sequence[int],
    what: str,
) -> str:
    """Keep what a model says of versions, by their places, until all is said or the night's time is spent.

    `what` names it for the progress bar. A model that fails on the way ends nothing else.

    Returns:
        What went wrong; "" for nothing.
    """
    try:
        workshop.progress(what, 0, len(version_ids))  # the first answer may be minutes away
        with model:
            for done, (n, opinions) in enumerate(said, start=1):
                for one in opinions:
                    save_summary(workshop.store, version_ids[n], one)
                workshop.progress(what, done, len(version_ids))
                if workshop.is_late():
                    break
    except ModelError as error:
        return str(error)
    return ""
