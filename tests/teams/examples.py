"""Two firms of which each wants the part of a need the other leaves."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.needs import contents
from market.needs.models import Need
from market.teams import pairs, service
from market.teams.pairs import Task, Tasks
from market.values import local_day
from tests import factories

SECRET = "Kolonne mit Hubbühne"


def shared_part(session: Session, firm: Organisation, need: Need, now: datetime) -> dict[str, str]:
    """The page on which the firm sees the other, which proposes to bid together; and the form to propose it oneself."""
    checked = local_day(now) - timedelta(days=30)
    other = factories.organisation(session, now, name="Gerüstbau Ergänzung GmbH", verified_on=checked)
    session.flush()
    first, *rest = [item.ref for item in contents.items_of(session, need)]
    reached = {"contact": "Petra Muster", "email": "petra@ergaenzung.example", "phone": "03561 000"}
    own, theirs = (
        service.declare(session, factories.TESTER, need, who, now, parts=parts, remark="Auch kurzfristig.", **reached)
        for who, parts in ((firm, [first]), (other, rest))
    )
    tasks = Tasks(Task(theirs.parts, "Gerüst und Wetterschutz"), Task(own.parts, "Transport"))
    pairs.propose(session, factories.TESTER, theirs, own, now, leads=True, tasks=tasks)
    page = f"/needs/{need.ref}/partners"
    return {"partners": page, "joint_bid": f"{page}?with={theirs.ref}"}


def wants(need: dict[str, str], *titles: str, **more: Any) -> dict[str, Any]:
    given = {"parts": [need[title] for title in titles], "remark": SECRET, "contact": "Ada Probe"}
    return given | {"email": "ada@probe.example", "phone": "03364 1234", "agreed": "yes"} | more
