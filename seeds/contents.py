"""Lots, items, requirements, criteria and questions of the demo's needs, through the services like any buyer's."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.needs import contents, pooling, questions, service
from market.needs.models import Need
from market.needs.parts import Criterion, Item, Lot, Requirement
from market.viewer import Viewer
from seeds import reading

Record = dict[str, Any]


def fill(session: Session, viewer: Viewer, need: Need, record: Record, now: datetime) -> None:
    """What the record says beyond the need itself; `lot` counts from 1."""
    lots = contents.write(session, viewer, need, Lot, record.get("lots", []), now)

    def rows(name: str) -> list[Record]:
        return [row | {"lot": lots[row["lot"] - 1] if row.get("lot") else None} for row in record.get(name, [])]

    contents.write(session, viewer, need, Item, rows("items"), now)
    contents.write(session, viewer, need, Requirement, rows("requirements"), now)
    contents.write(session, viewer, need, Criterion, record.get("criteria", []), now)
    if "pool" in record:
        _pool(session, viewer, need, record["pool"], now)
    for row in record.get("questions", []):
        asker = session.scalars(select(Organisation).where(Organisation.external_id == row["by"])).one()
        firm = Viewer("bidder", "person", organisation_id=asker.id)
        asked = questions.ask(session, firm, need, row["text"], need.lang, now, None)
        if "answer" in row:
            questions.answer(session, viewer, asked, row["answer"], now)


def _pool(session: Session, viewer: Viewer, need: Need, record: Record, now: datetime) -> None:
    """Another partner joins the draft with its quantity of the first item; then it is published."""
    partner = reading.firm(session, record["with"])
    share = pooling.invite(session, viewer, need, partner, now)
    item = contents.items_of(session, need)[0]
    parts = {item.ref: float(record["quantity"])}
    pooling.join(session, viewer, share, now, quantities=parts, site=record["site"], note=record["note"])
    service.move(session, viewer, need, "publish", now)
