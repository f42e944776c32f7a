"""What happens to pictures and documents of an offering. Rows and bytes come and go together."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market import journal
from market.attachments.models import Attachment
from market.attachments.pictures import sizes
from market.attachments.rules import PURPOSE
from market.errors import Conflict
from market.files import service as files
from market.files.checks import DOCUMENTS, IMAGES, Unfit, look
from market.files.plain import plain
from market.files.service import Taken
from market.files.stores import Store
from market.i18n import N_
from market.offerings.models import Offering
from market.viewer import Viewer

MOST: Final = {"picture": 12, "document": 20, "analysis": 3}


def of_offering(session: Session, offering_id: int) -> list[Attachment]:
    """Pictures and documents in their order."""
    query = select(Attachment).where(Attachment.offering_id == offering_id)
    return list(session.scalars(query.order_by(Attachment.place, Attachment.id)))


@dataclass(frozen=True)
class Brought:
    """What was uploaded, stored already: of a picture the small size and the large one."""

    stored: tuple[Taken, ...]
    is_plain: bool
    sizes: tuple[tuple[int, int], ...] = ()

    def leave(self) -> None:
        for taken in self.stored:
            taken.leave()


def is_plain(offering: Offering) -> bool:
    """Whether its files must not say whose they are: a residual material may be made anonymous later."""
    return offering.kind == "residual"


def bring(store: Store, upload: object, kind: str, *, is_plain: bool = False) -> Brought:
    """Look at it, draw a picture anew, store it: slow, without a database. Raises Unfit, and Unavailable."""
    if not files.is_chosen(upload):
        raise Unfit(files.NO_FILE)
    allowed = frozenset(IMAGES if kind == "picture" else DOCUMENTS)
    fit = look(upload.filename or "", upload.content_type or "", upload.file, allowed)
    if kind != "picture":
        return Brought((files.take_fit(store, plain(fit, kind) if is_plain else fit),), is_plain)
    drawn = sizes(replace(fit, name=f"picture.{fit.name.rpartition('.')[2]}") if is_plain else fit)
    small = files.take_fit(store, drawn[0].fit)
    try:
        large = files.take_fit(store, drawn[1].fit)
    except Exception:
        small.leave()
        raise
    return Brought((small, large), is_plain, tuple((size.width, size.height) for size in drawn))


def check_room(session: Session, offering: Offering, kind: str) -> list[Attachment]:
    """Those there are of this kind, in their order. Raises Unfit where there are enough, Conflict where none fits."""
    if kind == "analysis" and offering.kind != "residual":
        raise Conflict("only residual materials have an analysis")
    held = [one for one in of_offering(session, offering.id) if one.kind == kind]
    if len(held) >= MOST[kind]:
        raise Unfit(N_("There is no more room here. Take one out first."))
    return held


def add(
    session: Session,
    viewer: Viewer,
    offering: Offering,
    brought: Brought,
    kind: str,
    now: datetime,
    *,
    text: str = "",
    gated: bool = False,
) -> Attachment:
    """Add one at the end. Raises Unfit with a sentence, Conflict where this kind of offering has none."""
    session.execute(select(Offering.id).where(Offering.id == offering.id).with_for_update())
    held = check_room(session, offering, kind)
    made = Attachment(offering_id=offering.id, kind=kind, text=text, gated=gated, created_at=now)
    made.place = max((one.place for one in held), default=0) + 1
    made.is_plain = brought.is_plain
    made.sizes = [{"width": width, "height": height} for width, height in brought.sizes]
    kept = [files.keep(session, viewer, offering.organisation, taken, PURPOSE, now) for taken in brought.stored]
    made.file, made.small = kept[-1], kept[0] if brought.sizes else None
    session.add(made)
    data: dict[str, object] = {"kind": kind, "offering": offering.id}
    journal.record(session, viewer, "attachments.added", made, now, tell=(), data=data)
    return made


def change(session: Session, viewer: Viewer, one: Attachment, now: datetime, *, text: str, gated: bool) -> None:
    """Other words, or another door."""
    if (one.text, one.gated) != (text, gated):
        one.text, one.gated = text, gated
        journal.record(session, viewer, "attachments.changed", one, now, tell=(), data={"gated": gated})


def shift(session: Session, viewer: Viewer, one: Attachment, steps: int, now: datetime) -> None:
    """Change places with the one before (-1) or after (+1); at the end nothing happens."""
    row = [other for other in of_offering(session, one.offering_id) if other.kind == one.kind]
    here = row.index(one)
    there = here + steps
    if not 0 <= there < len(row):
        return
    row[here], row[there] = row[there], row[here]
    for place, other in enumerate(row, start=1):
        other.place = place
    journal.record(session, viewer, "attachments.changed", one, now, tell=(), data={"place": one.place})


def remove(session: Session, viewer: Viewer, store: Store, one: Attachment, now: datetime) -> None:
    journal.record(session, viewer, "attachments.removed", one, now, tell=(), data={"name": one.file.name})
    held = [file for file in (one.file, one.small) if file is not None]
    session.delete(one)
    session.flush()
    for file in held:
        files.remove(session, viewer, store, file, now)


def count(session: Session, offering_id: int) -> int:
    return session.scalar(select(func.count()).where(Attachment.offering_id == offering_id)) or 0


def check_not_over(offering: Offering) -> None:
    """Raises Conflict for an archived offering: nothing hangs on what does not come back."""
    if offering.status == "archived":
        raise Conflict("an archived offering takes no files")
