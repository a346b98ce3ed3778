"""Who was sent which issue ↔ rows; addresses are kept as their hashes."""

import hashlib
from datetime import datetime

from sqlalchemy import insert
from sqlmodel import col, select

from digest.paper import Month
from digest.store.database import Store
from digest.store.tables import DeliveryRow


def waiting(store: Store, channel: str, month: Month, addresses: tuple[str, ...]) -> list[str]:
    """Return the addresses that were not sent this issue yet, in their order."""
    statement = select(DeliveryRow.recipient).where(
        col(DeliveryRow.channel) == channel, DeliveryRow.month == str(month)
    )
    with store.reading() as session:
        sent = set(session.exec(statement))
    return [address for address in dict.fromkeys(addresses) if _hash(address) not in sent]


def save_sent(store: Store, channel: str, month: Month, address: str, moment: datetime) -> None:
    """Note that an address was sent an issue."""
    row = {"channel": channel, "month": str(month), "recipient": _hash(address), "sent": moment}
    with store.writing() as session:
        session.execute(insert(DeliveryRow).prefix_with("OR REPLACE"), [row])


def _hash(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
