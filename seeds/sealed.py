"""Seals the demo's tenders: people who open bids, with keys whose passphrases the demo's sign-in shows, and tenders
with bids that wait for their opening. Needs a key process that answers; without one the tenders stay without a seal.

The key process seals for no deadline that is over and signs no receipt that is dated back: so what is to be opened
closes a moment after it was planted, unless its record names a later day.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Organisation, Person
from market.bids import opening_keys, service, tenders
from market.clock import Mark
from market.demo_identity import companies
from market.needs import contents as parts
from market.needs import service as needs
from market.needs.lifecycle import SEALED
from market.needs.models import Need
from market.viewer import Viewer
from seeds import contents, pairs
from seeds.plant import GARDENER, facts, read

SOON: Final = timedelta(seconds=90)
"""Until the tenders with bids close."""

Record = dict[str, Any]


def plant(session: Session, base: str, now: datetime) -> int:
    """For the people of the demo's provider under `base`; returns how many tenders were sealed. Twice changes nothing.

    Raises Unavailable where no key process answers.
    """
    sealed = 0
    for company in companies():
        organisation = session.scalar(select(Organisation).where(Organisation.external_id == company["organisation"]))
        if organisation is None:
            continue
        openers = {"opener": [one.id for one in _openers(session, organisation, company, base, now)]}
        for need in _unsealed(session, organisation, now):
            parts.set_roles(session, GARDENER, need, openers, now)
            if need.stage == "published":
                sealed += tenders.make(session, GARDENER, need, now) is not None
        for record in read("sealed"):
            if record["organisation"] == company["organisation"]:
                sealed += _with_bids(session, organisation, record, openers, now)
    return sealed


def _openers(session: Session, organisation: Organisation, company: Record, base: str, now: datetime) -> list[Person]:
    found = []
    for one in company["people"]:
        if "passphrase" not in one:
            continue
        issuer = f"{base}/{company['key']}"
        person = people.by_subject(session, issuer, one["sub"])
        if person is None:
            fields = {"issuer": issuer, "subject": one["sub"], "name": one["name"]}
            person = people.create(session, GARDENER, now, one["email"], **fields)
            people.join(session, GARDENER, person, organisation, ("opener",), now)
            session.flush()
        if opening_keys.of_person(session, person.id) is None:
            opening_keys.make(session, GARDENER, person, one["passphrase"], now)
        found.append(person)
    return found


def _unsealed(session: Session, organisation: Organisation, now: datetime) -> list[Need]:
    """Published ones, and drafts whose openers are named, too, so that they can be published."""
    query = select(Need).where(Need.organisation_id == organisation.id, Need.procedure.in_(SEALED))
    open_ = (Need.stage == "draft") | ((Need.stage == "published") & (Need.bids_until > now))
    found = session.scalars(query.where(open_).order_by(Need.id))
    return [need for need in found if not parts.roles_of(session, need)["opener"]]


def _with_bids(
    session: Session, organisation: Organisation, record: Record, openers: dict[str, list[int]], now: datetime
) -> bool:
    same = (Need.organisation_id == organisation.id) & (Need.external_id == record["key"])
    if session.scalar(select(Need.id).where(same)) is not None:
        return False
    day = session.get_one(Mark, "seeded").day
    fields = facts(record, organisation, day)
    fields["bids_until"] = fields["bids_until"] or (now + SOON).replace(microsecond=0)
    need = needs.create(session, GARDENER, organisation, now, **fields)
    contents.fill(session, GARDENER, need, record, now)
    parts.set_roles(session, GARDENER, need, openers, now)
    needs.move(session, GARDENER, need, "publish", now)
    for bid in record["bids"]:
        firm = session.scalars(select(Organisation).where(Organisation.external_id == bid["by"])).one()
        bidder = Viewer("bidder", "person", organisation_id=firm.id)
        said, pair = _said(session, need, bid), None
        if "with" in bid:
            pair = pairs.agree(session, need, bid, now)
            said = pairs.sealed_in(session, need, pair, said)
        service.hand_in(session, bidder, need, firm, said, [], now, now, pair)
    return True


def _said(session: Session, need: Need, bid: Record) -> Record:
    lines = zip(parts.items_of(session, need), bid["prices"], strict=True)
    answers = zip(parts.requirements_of(session, need), bid["answers"], strict=True)
    return {
        "lots": [],
        "lines": {item.ref: {"price": price, "remark": ""} for item, price in lines},
        "alternatives": [],
        "delivery_on": need.execution_until.isoformat() if need.execution_until else "",
        "valid_until": need.decision_by.isoformat() if need.decision_by else "",
        "payment_days": 30,
        "freight": "included",
        "quote_number": bid["quote_number"],
        "remark": bid["remark"],
        "requirements": {one.ref: {"value": value, "statement": ""} for one, value in answers},
        "teaming": False,
    }
