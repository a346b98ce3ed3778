"""A finished issue → those who wait for it; a night that failed → those who look after it."""

import logging

from digest.errors import NothingToDo, PublishError
from digest.paper import Month
from digest.pipeline.printing import issue_of
from digest.pipeline.workshop import Outcome, StageReport, Workshop, perform
from digest.publish.letter import Address, letter, notice
from digest.publish.mail import Server, notify, post, posting
from digest.store import deliveries, issues

logger = logging.getLogger(__name__)

_MAIL, _NOTICE = "mail", "notice"


def is_set(workshop: Workshop) -> bool:
    """Tell whether anyone waits for issues."""
    settings = workshop.settings
    return bool(settings.mail.host or settings.notify.urls)


def newest_closed(workshop: Workshop, open_months: tuple[Month, ...]) -> Month | None:
    """Return the newest issue whose month is over: it is sent once, when nothing of it changes any more."""
    closed = [month for month in issues.months(workshop.store) if month < min(open_months)]
    return closed[-1] if closed else None


def send(workshop: Workshop, month: Month, *, again: bool = False) -> StageReport:
    """Send an issue by e-mail and notice to all who were not sent it yet; each is noted as it is sent.

    Raises:
        NothingToDo: the month has no issue.
        PublishError: neither is set, or a server took no letter; those who were sent it are noted.
    """
    return perform(workshop, str(month), "notify", lambda: _send(workshop, month, again=again))


def unsent(workshop: Workshop, open_months: tuple[Month, ...]) -> int:
    """Count the letters and notices of the newest closed issue that were not sent yet."""
    month = newest_closed(workshop, open_months)
    if month is None or not is_set(workshop):
        return 0
    mail = workshop.settings.mail
    letters = deliveries.waiting(workshop.store, _MAIL, month, mail.to) if mail.host else []
    return len(letters) + len(deliveries.waiting(workshop.store, _NOTICE, month, _addresses(workshop)))


def _addresses(workshop: Workshop) -> tuple[str, ...]:
    return tuple(url.get_secret_value() for url in workshop.settings.notify.urls)


def _send(workshop: Workshop, month: Month, *, again: bool) -> Outcome:
    if not is_set(workshop):
        raise PublishError("nobody is to be told: set mail.host and mail.to, or DIGEST_NOTIFY__URLS")
    if month not in issues.months(workshop.store):
        raise NothingToDo(f"there is no issue of {month}: digest run --month {month}")
    counts = {"letters": _mail(workshop, month, again=again), "notices": _notify(workshop, month, again=again)}
    return Outcome(counts=counts, changed=any(counts.values()))


def _mail(workshop: Workshop, month: Month, *, again: bool) -> int:
    mail = workshop.settings.mail
    addresses = deliveries.waiting(workshop.store, _MAIL, month, mail.to) if not again else list(mail.to)
    if not mail.host or not addresses:
        return 0
    issue, frame, templates = issue_of(workshop, month)
    password = mail.password.get_secret_value()
    server = Server(host=mail.host, port=mail.port, security=mail.security, user=mail.user, password=password)
    with posting(server) as connection:
        for address in addresses:
            whom = Address(sender=mail.sender, to=address, now=workshop.clock())
            post(connection, letter(issue, frame, templates, whom))
            deliveries.save_sent(workshop.store, _MAIL, month, address, workshop.clock())
    return len(addresses)


def _notify(workshop: Workshop, month: Month, *, again: bool) -> int:
    urls = _addresses(workshop)
    waiting = deliveries.waiting(workshop.store, _NOTICE, month, urls) if not again else list(urls)
    if not waiting:
        return 0
    issue, frame, _ = issue_of(workshop, month)
    title, text = notice(issue, frame)
    for url in waiting:
        notify(url, title, text)
        deliveries.save_sent(workshop.store, _NOTICE, month, url, workshop.clock())
    return len(waiting)


def tell_failure(workshop: Workshop, failure: str) -> None:
    """Tell those who look after the nights that one failed; a service that is down is only logged."""
    settings = workshop.settings
    if not settings.notify.failures:
        return
    for url in _addresses(workshop):
        try:
            notify(url, f"{settings.site.title}: the night failed", settings.without_secrets(failure))
        except PublishError as error:
            logger.warning("%s", error)
