"""What happens to pictures and documents of an offering. Rows and bytes come and go together."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from market import journal
from market.attachments.models import Attachment
from market.attachments.pictures import sizes
from market.attachments.rules import PURPOSE
from market.errors import Conflict
from market.files import service as files
from market.files.checks import DOCUMENTS, IMAGES, Unfit, look
from market.files.plain import plain
from market.files.stores import Store
from market.i18n import N_
from market.offerings.models import Offering
from market.viewer import Viewer

MOST: Final = {"picture": 12, "document": 20, "analysis": 3}


def of_offering(session: Session, offering_id: int) -> list[Attachment]:
    """Pictures and documents in their order."""
    query = select(Attachment).where(Attachment.offering_id == offering_id)
    return list(session.scalars(query.order_by(Attachment.place, Attachment.id)))


def add(
    session: Session,
    viewer: Viewer,
    store: Store,
    offering: Offering,
    upload: object,
    kind: str,
    now: datetime,
    *,
    text: str = "",
    gated: bool = False,
) -> Attachment:
    """Add one at the end. Raises Unfit with a sentence, Unavailable when the store is."""
    session.execute(select(Offering.id).where(Offering.id == offering.id).with_for_update())
    held = [one for one in of_offering(session, offering.id) if one.kind == kind]
    if kind == "analysis" and offering.kind != "residual":
        raise Conflict("only residual materials have an analysis")
    if len(held) >= MOST[kind]:
        raise Unfit(N_("There is no more room here. Take one out first."))
    made = Attachment(offering_id=offering.id, kind=kind, text=text, gated=gated, created_at=now)
    made.place = max((one.place for one in held), default=0) + 1
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Unfit(N_("Please choose a file."))
    owner = offering.organisation
    made.is_plain = offering.kind == "residual"  # it may be made anonymous later
    allowed = frozenset(IMAGES if kind == "picture" else DOCUMENTS)
    fit = look(upload.filename, upload.content_type or "", upload.file, allowed)
    if kind == "picture":
        fit = replace(fit, name=f"picture.{fit.name.rpartition('.')[2]}") if made.is_plain else fit
        both = sizes(fit)
        made.sizes = [{"width": size.width, "height": size.height} for size in both]
        made.small, made.file = (files.keep_fit(session, viewer, store, owner, size.fit, PURPOSE, now) for size in both)
    else:
        fit = plain(fit, kind) if made.is_plain else fit
        made.file = files.keep_fit(session, viewer, store, owner, fit, PURPOSE, now)
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
