"""A firm that bids, and bids anew in the place of it, whatever dies meanwhile."""

import re
import threading
import time
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import func, select

from market.accounts import people
from market.accounts import sessions as door
from market.bids import sealing, service, unsealed
from market.bids.models import Bid, Receipt, Seal
from market.config import Settings
from market.db import Sessions, read_only
from market.files.stores import store_at
from market.needs.models import Need
from tests import factories as make
from tests.factories import TESTER
from tests.support.town import Town, until


class Bidder(threading.Thread):
    """`promised` is the number of the last bid that was acknowledged, `answers` how many were."""

    def __init__(self, place: Town, sessions: Sessions, now: datetime) -> None:
        super().__init__(daemon=True)
        self.place, self.stopping = place, False
        self.promised = self.answers = 0
        self.faults: list[str] = []
        with sessions.begin() as session:
            firm = make.organisation(session, now, name="Bietende GmbH")
            need = make.need(session, now, make.organisation(session, now, name="Werk Probe SE", is_partner=True))
            person = people.create(session, TESTER, now, "bo@bietende.example", name="Bo")
            people.join(session, TESTER, person, firm, ("bidder",), now)
            session.flush()
            self.token, _ = door.start(session, person, "link", now)
            self.path = f"/needs/{need.ref}/bid"
            self.need_id = need.id

    def run(self) -> None:
        number = 0
        while not self.stopping:
            number += 1
            if self._hand_in(number):
                self.promised, self.answers = number, self.answers + 1
            time.sleep(0.3)

    def awaited(self, before: int) -> None:
        """Wait until more bids than so many were acknowledged, however slow the machine is: so there are some between
        the kills."""
        until(lambda: self.answers > before, 90, f"the bid after {before} acknowledged ones")

    def _hand_in(self, number: int) -> bool:
        seen = re.search(r'name="seen" value="(\d+)"', self._ask(f"{self.path}?edit=1") or "")
        if seen is None or self._ask(self.path, {"do": "save", "remark": f"Gebot {number}", "seen": seen[1]}) is None:
            return False
        page = self._ask(f"{self.path}/check")
        hidden = dict(re.findall(r'name="(version|draft)" value="(\d+)"', page or ""))
        return bool(hidden) and self._ask(f"{self.path}/check", hidden | {"binding": "yes"}) is not None

    def _ask(self, path: str, form: dict[str, str] | None = None) -> str | None:
        """The page, where one came."""
        headers = {"sec-fetch-site": "same-origin", "cookie": f"session={self.token}"}
        body = None
        if form is not None:
            headers["content-type"], body = "application/x-www-form-urlencoded", urlencode(form)
        answer = self.place.ask(path, body, headers)
        if answer is None or answer[0] == 503:
            return None
        if answer[0] not in (200, 303):
            self.faults.append(f"{path}: {answer[0]}")
            return None
        return answer[1].decode()

    def lost(self, sessions: Sessions, settings: Settings) -> list[str]:
        """What was acknowledged and is not there, or not whole: one bid counts, and it is the last one or a later."""
        found = []
        with read_only(sessions) as session:
            session.info["secret"] = settings.secret
            need = session.get_one(Need, self.need_id)
            seal = session.scalars(select(Seal).where(Seal.need_id == need.id)).one()
            bid = service.live_of(session, need, session.scalars(select(Bid.organisation_id)).first() or 0)
            assert bid is not None
            raw = b"".join(store_at(settings.files_url).read(bid.key))
            if sealing.digest(raw) != bid.sha256:
                found.append("the bid that counts is not whole")
            said, _ = sealing.unpack(sealing.unseal(unsealed.identity(session, seal), raw)[1])
            if int(said["remark"].removeprefix("Gebot ")) < self.promised:
                found.append(f"bid {self.promised}: {said['remark']} counts")
            rows = session.execute(select(Bid.state, Bid.key != "").order_by(Bid.id)).all()
            if [tuple(row) for row in rows[:-1]] != [("replaced", False)] * (len(rows) - 1):
                found.append(f"earlier bids: {rows}")
            receipts = session.scalar(select(func.count()).select_from(Receipt)) or 0
            if receipts != len(rows) or receipts < self.answers:
                found.append(f"{receipts} receipts of {len(rows)} bids, {self.answers} were acknowledged")
        return found
