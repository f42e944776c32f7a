"""Who may see and change permits and deliveries, and who is named to whom."""

from sqlalchemy import Select, or_, select

from market.accounts import rules as accounts
from market.accounts.models import Organisation
from market.deliveries.models import Delivery, Permit
from market.offerings.models import Offering
from market.viewer import Viewer


def may_edit(viewer: Viewer, permit: Permit) -> bool:
    return accounts.may_edit(viewer, permit.organisation)


def visible_permits(viewer: Viewer) -> Select[Permit]:
    """Those of one's own organisation; all for the operator. A recipient's permits are nobody else's to look at."""
    query = select(Permit).where(Permit.state != "withdrawn")
    return query if viewer.is_operator else query.where(Permit.organisation_id == (viewer.organisation_id or 0))


def visible_deliveries(viewer: Viewer) -> Select[Delivery]:
    """Those one's own organisation is a side of; nobody's business else, the operator's neither."""
    own = viewer.organisation_id or 0
    return select(Delivery).where(or_(Delivery.holder_id == own, Delivery.recipient_id == own))


def is_anonymous(offering: Offering | None) -> bool:
    return bool(offering is not None and getattr(offering.details, "anonymous", False))


def is_named(delivery: Delivery, holder: bool) -> bool:
    """Whether one side is named to the other: whoever proposes names itself, a listing without a name keeps it
    until its firm agrees."""
    if delivery.agreed_at is not None or delivery.by_holder == holder:
        return True
    return not is_anonymous(delivery.offering if holder else delivery.wanted)


def other_of(delivery: Delivery, organisation: Organisation) -> tuple[Organisation, bool]:
    """The other side, and whether it is named."""
    holder = delivery.holder_id != organisation.id
    return (delivery.holder if holder else delivery.recipient), is_named(delivery, holder)


def may_move(delivery: Delivery, organisation: Organisation, move: str) -> bool:
    """The side that did not propose agrees; either may cancel, or say that it has been delivered."""
    if move == "agree":
        return delivery.by_holder == (delivery.recipient_id == organisation.id)
    return organisation.id in (delivery.holder_id, delivery.recipient_id)
