"""How bids read in a list before and after their opening, on the page and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal

from market.bids.late_models import Admission
from market.bids.models import Bid, OpeningRecord
from market.i18n import N_, Words
from market.values import ZONE

STATES: Final = {
    "submitted": N_("counts"),
    "needs_confirmation": N_("not confirmed after a change, so it is not opened"),
    "opened": N_("opened"),
    "unreadable": N_("not what was sealed, cannot be read"),
    "lapsed": N_("not confirmed after a change, not opened"),
}
LATE: Final = N_("late, admitted by link")
MARK: Final = N_("late, admitted by link by %(first)s and %(second)s: %(reason)s")
_RUNNING: Final = N_("Nothing is opened before it has come or the link is over.")
ENDS: Final = {
    "open": _RUNNING,
    "redeemed": _RUNNING,
    "used": N_("It came on %(moment)s."),
    "revoked": N_("On %(moment)s the link was taken back: %(reason)s"),
    "expired": N_("Nothing has come by it."),
    "lapsed": N_("Nothing has come by it."),
}
"""What became of an admission, by its state."""
GOOD: Final = frozenset({"submitted", "opened"})


@dataclass(frozen=True)
class Line:
    """One bid; before the opening it is not said whose."""

    number: int
    bid: str
    bidder: str
    received: str
    size: str
    sha256: str
    commitment: str
    state: str
    said: str
    """The state in words."""
    parties: Sequence[tuple[str, str]] = ()
    """Of a joint bid, firm and role, the lead first."""
    late: str = ""
    """Where it came after the deadline, by which right."""

    @property
    def is_good(self) -> bool:
        return self.state in GOOD


def price(w: Words, value: Decimal) -> str:
    """Of one unit, in euros without the sign: with cents, and finer where it was written finer."""
    return str(format_decimal(value, "#,##0.00##", locale=w.locale))


def money(w: Words, amount: Decimal) -> str:
    """A sum, which has cents at most."""
    return w.money(int(amount * 100))


def to_the_millisecond(at: datetime) -> str:
    """`11:59:59,999`, as receipts and refusals say it."""
    here = at.astimezone(ZONE)
    return f"{here:%H:%M:%S},{here.microsecond // 1000:03}"


def exactly(w: Words, at: datetime) -> str:
    """To the second, as the server's clock says it."""
    return f"{w.day(at)}, {at.astimezone(ZONE):%H:%M:%S}"


def size(w: Words, octets: int) -> str:
    """`12 kB`, `4.3 MB`."""
    if octets < 1_000_000:
        return f"{w.number(max(1, round(octets / 1000)))} kB"
    return f"{w.number(round(octets / 1_000_000, 1))} MB"


def sealed(w: Words, bids: Sequence[Bid]) -> list[Line]:
    """What lies here, without a name."""
    return [
        Line(
            number,
            "",
            "",
            exactly(w, bid.received_at),
            size(w, bid.size),
            bid.sha256,
            bid.commitment,
            bid.state,
            w(STATES[bid.state]),
            late=w(LATE) if is_late(bid) else "",
        )
        for number, bid in enumerate(bids, 1)
    ]


def recorded(w: Words, record: OpeningRecord) -> list[Line]:
    """What the record says."""
    return [
        Line(
            number,
            row["bid"],
            row["bidder"],
            exactly(w, datetime.fromisoformat(row["received_at"])),
            size(w, row["bytes"]),
            row["sha256"],
            row["commitment"],
            row["state"],
            w(STATES[row["state"]]),
            [(one["name"], one["role"]) for one in row.get("parties", ())],
            w(MARK, **row["late"]) if "late" in row else "",
        )
        for number, row in enumerate(record.bids, 1)
    ]


def is_late(bid: Bid) -> bool:
    """Only what was admitted lies here with a later time."""
    return bid.need.bids_until is not None and bid.received_at >= bid.need.bids_until


def late_row(one: Admission) -> dict[str, str]:
    """For the record of the opening: `MARK` without the language."""
    return {"reason": one.reason, "first": one.proposed_by, "second": one.decided_by}


def late_mark(w: Words, one: Admission) -> str:
    """What stands beside a late bid."""
    return w(MARK, **late_row(one))


def late_told(w: Words, one: Admission) -> str:
    """What everybody reads of a late bid: all but whose it is."""
    assert one.decided_at is not None
    assert one.until is not None
    values = {"moment": w.moment(one.decided_at), "until": w.moment(one.until), "reason": one.reason}
    admitted = w(
        N_(
            "On %(moment)s two people of the buyer have admitted one late bid by a link that is good until %(until)s."
            " Their reason: %(reason)s"
        ),
        **values,
    )
    ended = {"moment": w.moment(one.ended_at) if one.ended_at else "", "reason": one.ended_reason}
    return f"{admitted} {w(ENDS[one.state], **ended)}"


def late_in_full(w: Words, one: Admission) -> str:
    """For the buyer's record: whose it is and who has let it in, too."""
    return f"{one.organisation.name}: {late_told(w, one)} ({one.proposed_by}, {one.decided_by})"
