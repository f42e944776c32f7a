"""Who may see and do what with movements: the side that asks, the side that runs the track, nobody else."""

from sqlalchemy import Select, or_, select

from market.accounts import rules as accounts
from market.accounts.models import Organisation
from market.movements import lifecycle
from market.movements.models import Movement
from market.offerings.models import Offering
from market.offerings.slots import RailSlot
from market.viewer import Viewer


def may_request(viewer: Viewer, organisation: Organisation) -> bool:
    """Bind the firm to a movement."""
    return accounts.may_edit(viewer, organisation)


def moves(viewer: Viewer, movement: Movement) -> list[str]:
    """What the viewer may do with it now."""
    return lifecycle.open_to(
        movement.state,
        provider=accounts.may_edit(viewer, movement.provider),
        requester=accounts.may_edit(viewer, movement.organisation),
    )


def visible_movements(organisation_id: int) -> Select[Movement]:
    """Those a firm asked for and those asked of it."""
    query = select(Movement).join(Movement.slot).join(RailSlot.offering)
    return query.where(or_(Movement.organisation_id == organisation_id, Offering.organisation_id == organisation_id))
