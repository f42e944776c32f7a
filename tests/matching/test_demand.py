"""The open needs an offering fits: the first few are the same ones however many are asked for."""

import asyncio

from sqlalchemy import select
from starlette.testclient import TestClient

from market.db import connect, sessions
from market.matching.demand import Wanted, for_offering
from market.matching.service import Matcher
from market.offerings.models import Offering
from market.values import local_day, utc_now
from search.client import Client


def test_a_limit_shortens_the_list_and_changes_nothing_in_it(
    seeded: TestClient, seeded_url: str, seeded_meili: tuple[str, str]
) -> None:
    factory = sessions(connect(seeded_url))
    with factory() as session:
        query = select(Offering.id).where(Offering.status == "published").order_by(Offering.id).limit(12)
        offerings = list(session.scalars(query))

    async def found() -> list[tuple[list[Wanted], list[Wanted]]]:
        async with Client(*seeded_meili, timeout=10) as client:
            matcher = Matcher(client, factory, lambda: local_day(utc_now()))
            return [
                (await for_offering(matcher, id_, "de", 2), await for_offering(matcher, id_, "de", 40))
                for id_ in offerings
            ]

    lists = asyncio.run(found())
    assert any(len(every) > 2 for _, every in lists)
    for few, every in lists:
        assert few == every[:2]
        assert every == sorted(every, key=lambda one: (one.lacks is not None, -one.score, one.ref))
        assert all(abs(sum(reason.points for reason in one.reasons) - one.score) < 1e-9 for one in every)
