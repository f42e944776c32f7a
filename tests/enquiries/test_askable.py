"""Who can be asked is known to the index, so that a list of hits need not look it up."""

from collections.abc import Callable

from starlette.testclient import TestClient

from market.accounts import people
from market.accounts.models import Member, Organisation
from market.db import Sessions
from market.values import utc_now
from market.viewer import SYSTEM
from tests import factories as make


def test_a_hit_offers_to_ask_only_where_a_letter_arrives(
    client: TestClient, sessions: Sessions, deliver: Callable[[], int]
) -> None:
    now = utc_now()
    with sessions.begin() as session:
        firm = make.organisation(session, now, name="Stillwerk GmbH", email="")
        offering = make.offering(session, now, firm, title="Kranprüfung")
        session.flush()
        codes = {f"o{offering.ref}", f"p{firm.ref}"}
        firm_id = firm.id

    def askable() -> set[str]:
        deliver()
        pages = "".join(client.get(f"/search?q=Stillwerk&tab={tab}").text for tab in ("offerings", "providers"))
        assert {code for code in codes if f'value="{code}"' in pages} == codes, "both are found and can be kept"
        return {code for code in codes if f"/enquiries/new?item={code}" in pages}

    assert askable() == set()
    with sessions.begin() as session:
        boss = people.create(session, SYSTEM, now, "chefin@stillwerk.example")
        member = people.join(session, SYSTEM, boss, session.get_one(Organisation, firm_id), ["reader"], now)
        session.flush()
        id_ = member.id
    assert askable() == set(), "who only looks on is not written to"
    with sessions.begin() as session:
        people.give(session, SYSTEM, session.get_one(Member, id_), ["editor"], now)
    assert askable() == codes
    with sessions.begin() as session:
        people.leave(session, SYSTEM, session.get_one(Member, id_), now)
    assert askable() == set()
