"""The built site → where it is read, and a word to those who wait for it."""

import re

from digest.errors import PublishError
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.publish.git import Git, GitFailed
from digest.publish.output import built_files
from digest.publish.pages import Target, publish_site
from digest.store import issues

REPOSITORY = "publish.git"  # beside the store: what was published, for the next time; may be deleted


def publish(workshop: Workshop) -> StageReport:
    """Push the built site to the branch that the settings name; nothing where the branch holds it already.

    Raises:
        UsageError: there is no built site.
        PublishError: no remote is set, it cannot be reached or it refuses; the site lies complete here.
    """
    return perform(workshop, "", "publish", lambda: _publish(workshop))


def _publish(workshop: Workshop) -> Outcome:
    settings = workshop.settings
    if not settings.publish.remote:
        raise PublishError("publish.remote is empty: set it to the address of a Git repository in digest.toml")
    site = settings.path(settings.site.output)
    paths = built_files(site)
    folder = settings.path(settings.store).with_name(REPOSITORY)
    target = Target(
        git=Git(folder.resolve(), _address(workshop), settings.publish.token.get_secret_value()),
        branch=settings.publish.branch,
        squash=settings.publish.history == "squashed",
        author=settings.publish.author,
    )
    months = issues.months(workshop.store)
    newest = f", the newest of {months[-1]}" if months else ""
    message = f"Publish {' '.join(settings.site.title.split())}: {len(months)} issues{newest}"
    pushed = publish_site(target, site, paths, message=message, now=workshop.clock())
    counts = {"files": pushed.files, "files of others kept": len(pushed.kept)}
    return Outcome(counts=counts, changed=pushed.changed)


def _address(workshop: Workshop) -> str:
    """Return the remote's address: the settings may name a path, or a remote of digest.toml's own repository."""
    remote, root = workshop.settings.publish.remote, workshop.settings.root
    if re.search(r"[:/]", remote) or (root / remote).exists():
        return remote if ":" in remote else str(workshop.settings.path(remote).resolve())
    try:
        return Git(root.resolve())("remote", "get-url", "--push", remote).decode().split("\n")[0]
    except GitFailed as failed:
        raise PublishError(f"publish.remote = {remote!r} is no address, and no remote here") from failed
