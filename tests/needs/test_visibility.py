"""Who may know of a need: by stage and by visibility, and at every door at once."""

from dataclasses import dataclass
from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.db import connect
from market.needs.documents import need_documents
from market.needs.lifecycle import SHOWN, STAGES
from market.needs.models import HELD, Invitation, Need, Watch
from market.needs.rules import visible, visible_needs
from market.values import local_day
from market.viewer import ANONYMOUS, OPERATOR, Viewer
from tests import factories as make
from tests.conftest import empty

SEES = {
    "public": {"anonymous", "unverified", "verified", "invited", "suspended", "own", "operator"},
    "verified": {"verified", "invited", "own", "operator"},
    "invited": {"invited", "own", "operator"},
}


@dataclass
class Cast:
    buyer: Organisation
    viewers: dict[str, Viewer]
    invited: Organisation


@pytest.fixture
def cast(session: Session, now: datetime) -> Cast:
    firms = {
        "unverified": make.organisation(session, now, verified_on=None),
        "verified": make.organisation(session, now, verified_on=local_day(now)),
        "invited": make.organisation(session, now, verified_on=None),
        "suspended": make.organisation(session, now, verified_on=local_day(now), suspended_at=now),
        "own": make.organisation(session, now, is_partner=True),
    }
    session.flush()
    viewers = {name: Viewer(name, "person", organisation_id=firm.id) for name, firm in firms.items()}
    return Cast(firms["own"], viewers | {"anonymous": ANONYMOUS, "operator": OPERATOR}, firms["invited"])


def seen_by(session: Session, cast: Cast, need: Need) -> set[str]:
    session.flush()
    return {
        name
        for name, viewer in cast.viewers.items()
        if session.scalar(visible_needs(viewer).where(Need.id == need.id)) is not None
    }


@pytest.mark.parametrize("visibility", SEES)
@pytest.mark.parametrize("stage", STAGES)
def test_stage_and_visibility_decide_who_sees_it(
    session: Session, now: datetime, cast: Cast, visibility: str, stage: str
) -> None:
    need = make.need(session, now, cast.buyer, visibility=visibility, stage=stage, published_at=now)
    session.add(Invitation(need=need, organisation=cast.invited, at=now))
    inside = {"own", "operator"}
    out = stage in SHOWN or stage == "cancelled"
    assert seen_by(session, cast, need) == (SEES[visibility] if out else inside)
    listed = {name for name, viewer in cast.viewers.items() if session.scalar(visible(viewer)) is not None}
    assert listed == (SEES[visibility] if stage == "published" else set())


def test_a_need_cancelled_as_a_draft_was_never_out(session: Session, now: datetime, cast: Cast) -> None:
    need = make.need(session, now, cast.buyer, stage="draft")
    need.stage = "cancelled"
    assert seen_by(session, cast, need) == {"own", "operator"}
    assert not need.is_shown


@pytest.mark.parametrize("visibility", SEES)
def test_only_a_public_need_has_a_document(session: Session, now: datetime, cast: Cast, visibility: str) -> None:
    need = make.need(session, now, cast.buyer, visibility=visibility)
    session.flush()
    ((_, document),) = need_documents(session, [need.id], local_day(now))
    assert (document is not None) == (visibility == "public") == need.is_public


def test_a_need_held_for_a_change_keeps_nobody_from_pointing_to_it(postgres_url: str, now: datetime) -> None:
    """Who changes a need waits for its seal; who hands in a bid holds the seal and would wait for the need."""
    engine = connect(postgres_url)
    with Session(engine) as session:
        firm, need = make.organisation(session, now), make.need(session, now)
        session.commit()
        session.scalars(select(Need).where(Need.id == need.id).with_for_update(**HELD)).one()
        with Session(engine) as other:
            other.execute(text("set lock_timeout = '5s'"))
            other.add(Watch(need_id=need.id, organisation_id=firm.id, at=now))
            other.flush()
            other.execute(text("set lock_timeout = '50ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                other.scalars(select(Need).where(Need.id == need.id).with_for_update(**HELD)).one()
    empty(engine)
    engine.dispose()
