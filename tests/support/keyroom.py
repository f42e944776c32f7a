"""A key process for tests, behind its real socket, and people who can open what it helps to seal."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Member
from market.bids import opening_keys
from market.bids.keyroom import Door, Keyroom, Ledger
from market.bids.keys import Keys
from tests import factories as make


@contextmanager
def key_process(folder: Path, clock: Callable[[], datetime]) -> Iterator[Keys]:
    """Answers at `keys.sock` in the folder, where an application looks that has it as MARKET_VAR."""
    ledger = Ledger(folder / "keys.log")
    door = Door(folder / "keys.sock", Keyroom("k" * 40, ledger, clock))
    threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield Keys(folder / "keys.sock", 2)
    finally:
        door.shutdown()
        door.server_close()
        ledger.close()


def give_keys(session: Session, now: datetime) -> None:
    """Everybody who has joined an organisation as an opener or admin and has no opening key gets one."""
    for member in session.scalars(select(Member)):
        if {"opener", "admin"} & set(member.roles) and opening_keys.of_person(session, member.person_id) is None:
            make.opening_key(session, member.person, now)
