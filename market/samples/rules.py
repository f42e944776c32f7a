"""Who may see an order, make its moves and read its report."""

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.files import rules as files
from market.files.models import File
from market.samples.lifecycle import BUYERS
from market.samples.models import SampleOrder
from market.viewer import Viewer

REPORT = "sample-report"


def visible_orders(viewer: Viewer) -> Select[SampleOrder]:
    """Those one's own organisation placed or works on; the operator sees none."""
    own = viewer.organisation_id or 0
    return select(SampleOrder).where(or_(SampleOrder.buyer_id == own, SampleOrder.lab_id == own))


def may_move(order: SampleOrder, organisation: Organisation, move: str) -> bool:
    if order.lab_id == organisation.id:
        return True
    return order.buyer_id == organisation.id and move in BUYERS.get(order.state, ())


def may_read_report(session: Session, viewer: Viewer, file: File) -> bool:
    """The laboratory and the buyer, no operator in their name: a result can be worth more than the test."""
    if viewer.behalf_of:
        return False
    return session.scalar(visible_orders(viewer).where(SampleOrder.report_id == file.id)) is not None


files.ONLY[REPORT] = may_read_report
