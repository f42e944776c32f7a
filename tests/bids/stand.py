"""A need with two lots, the key process by the present clock, and the addresses of a bid's pages."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts import people
from market.bids import keys as keys_module
from market.bids import opening_keys
from market.bids.models import Bid, Seal
from market.config import Settings
from market.db import Sessions
from market.files.stores import store_at
from market.needs import contents
from market.needs import service as needs
from market.needs.models import Need, Role
from market.needs.parts import Item, Lot, Requirement
from market.values import local_day, utc_now
from market.viewer import OPERATOR
from tests import factories as make


class Stand:
    """A need with two lots, and addresses of its pages."""

    base = ""

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        self.sessions, self.settings = sessions, settings
        self.now = utc_now()

    def post(self, procedure: str = "tender") -> "Stand":
        sessions = self.sessions
        lent = {"keys": keys_module.Keys(self.settings.keys_socket), "secret": self.settings.secret}
        sessions.configure(info=lent | {"store": store_at(self.settings.files_url)})
        with sessions.begin() as session:
            buyer = make.organisation(session, self.now, name="Werk Probe SE", is_partner=True)
            until = self.now + timedelta(days=9)
            fields: dict[str, Any] = {"procedure": procedure, "bids_until": until, "stage": "draft"}
            need = make.need(session, self.now, buyer, decision_by=local_day(until) + timedelta(days=9), **fields)
            session.flush()
            for name in ("ada", "ben", "cyd"):
                person = people.create(session, OPERATOR, self.now, f"{name}@werk.example", name=name.title())
                people.join(session, OPERATOR, person, buyer, ("opener",), self.now)
                opening_keys.make(session, OPERATOR, person, f"{name} opens bids", self.now)
                session.add(Role(need=need, person=person, role="opener"))
            if procedure != "information":
                lots = contents.write(
                    session, OPERATOR, need, Lot, [{"title": "Rohre"}, {"title": "Dämmung"}], self.now
                )
                rows = [
                    {"title": "DN 300", "quantity": 180, "unit": "MTR", "lot_id": lots[0].id, "required_on": None},
                    {"title": "Naht", "quantity": 2, "unit": "H87", "lot_id": lots[0].id, "required_on": None},
                    {"title": "Wolle", "quantity": 10, "unit": "MTK", "lot_id": lots[1].id, "required_on": None},
                ]
                self.lots = [lot.ref for lot in lots]
                self.items = [one.ref for one in contents.write(session, OPERATOR, need, Item, rows, self.now)]
            asked = [{"title": "Tariflohn", "type": "bool", "limits": {}, "knock_out": True, "evidence": ""}]
            self.requirement = contents.write(session, OPERATOR, need, Requirement, asked, self.now)[0].ref
            needs.move(session, OPERATOR, need, "publish", self.now)
            self.ref = need.ref
        self.page = f"/needs/{self.ref}/bid"
        return self

    def typed(self, price: str = "412,50", **more: Any) -> dict[str, Any]:
        return {"lots": self.lots[0], f"price.{self.items[0]}": price, "seen": "0", "do": "save"} | more

    def hand_in(self, window: TestClient, **more: str) -> Any:
        page = window.get(f"{self.page}/check").text
        hidden = dict(re.findall(r'name="(version|draft)" value="(\d+)"', page))
        return window.post(f"{self.page}/check", data=hidden | {"binding": "yes"} | more)

    def deadline(self, until: datetime) -> None:
        """Another one, as time passes."""
        with self.sessions.begin() as session:
            need = session.scalars(select(Need).where(Need.ref == self.ref)).one()
            need.bids_until = until
            for seal in session.scalars(select(Seal).where(Seal.need_id == need.id)):
                seal.deadline = until

    def bids(self) -> list[Bid]:
        with self.sessions() as session:
            return list(session.scalars(select(Bid).order_by(Bid.id)))
