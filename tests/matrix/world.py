"""One firm with everything, and everybody who might look at it."""

import io
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import Headers, UploadFile

from market.accounts import claims, invitations, links, people, providers, sessions, vault
from market.accounts.models import Organisation, Person
from market.accounts.passkeys.models import Passkey
from market.accounts.sessions import hashed
from market.attachments import agreements
from market.attachments import service as attachments
from market.bookings import service as bookings
from market.deliveries import permits
from market.deliveries import service as deliveries
from market.enquiries import service as enquiries
from market.enquiries.judging import judge
from market.files import service as files
from market.files.stores import Store
from market.intake import service as imports
from market.mail import letters
from market.notifications import orders
from market.notifications.models import Notice
from market.offerings.sessions import of_offerings
from market.publishing.models import Question
from market.samples import service as samples
from market.shortlists import service as shortlists
from market.shortlists.things import find
from market.values import local_day
from market.viewer import OPERATOR, Viewer
from tests import factories as make
from tests.deliveries.conftest import monthly, permit, stream
from tests.files.test_checks import PDF
from tests.matrix import tenders as tendered
from tests.movements.support import ask, far, railway, run_on, slot_on, slots_of

CAST = ("anonymous", "stranger", "reader", "editor", "admin", "partner", "operator")
"""Nobody; an admin of another firm; members of the firm by role; a buyer of an industrial partner; who runs it all."""


@dataclass
class World:
    """Cookies of the cast, and what stands in the addresses."""

    tokens: dict[str, str]
    refs: dict[str, Any]


def build(session: Session, store: Store, secret: str, now: datetime) -> World:
    own = make.organisation(session, now, name="Eigene GmbH", email="buero@eigene.example", employees=6)
    other = make.organisation(session, now, name="Fremde AG")
    partner = make.organisation(session, now, name="Werk SE", is_partner=True)
    refs: dict[str, Any] = {"organisation": own.ref, "slug": own.slug}
    offering, need = make.offering(session, now, own), make.need(session, now, own)
    refs |= {"offering": offering.ref, "offering_slug": offering.slug, "need": need.ref, "need_slug": need.slug}
    draft = make.offering(session, now, own, status="draft", title="Entwurf")
    handed_in = make.offering(session, now, own, status="submitted", queued_at=now, title="Eingereicht")
    token = "t" * 43
    session.add(Question(organisation=own, token_hash=hashed(token), offerings=[offering.ref], asked_on=local_day(now)))
    refs |= {"draft": draft.ref, "handed_in": handed_in.ref, "still_true": token}
    refs |= _rail(session, now, own, partner)
    refs |= tendered.needs_in(session, now, own, partner) | tendered.bids_in(session, now, own, partner, secret)
    certificate = make.certificate(session, now, own)
    refs["certificate"] = certificate.ref
    waiting = make.certificate(session, now, own, type="scc", state="uploaded", submitted_at=now)
    refs |= {"waiting": waiting.ref, "seen": waiting.updated_at.isoformat()}
    refs["unchecked"] = make.organisation(session, now, name="Neue GbR", verified_on=None, email="neu@gbr.example").ref
    paper = UploadFile(io.BytesIO(PDF), filename="a.pdf", headers=Headers({"content-type": "application/pdf"}))
    refs["file"] = files.keep(session, OPERATOR, own, files.take(store, paper), "certificate", now).ref
    refs |= _residuals(session, own, now) | _samples(session, own, now)
    plan = UploadFile(io.BytesIO(PDF), filename="plan.pdf", headers=Headers({"content-type": "application/pdf"}))
    gated = attachments.add(
        session, OPERATOR, offering, attachments.bring(store, plan, "document"), "document", now, gated=True
    )
    text = agreements.write(session, OPERATOR, own, "Wer diese Unterlagen öffnet, gibt sie nicht weiter.", now)
    session.flush()
    customer = make.organisation(session, now, name="Kundin KG")
    session.flush()
    accepted = agreements.accept(session, Viewer("x", "person", organisation_id=customer.id), text, now)
    refs |= {"attachment": gated.ref, "acceptance": accepted.ref}
    table = imports.bring(store, UploadFile(io.BytesIO(b"Nr;Titel\n1;Rohre\n"), filename="a.csv"), "de")
    begun = imports.begin(session, OPERATOR, store, own, table, now)
    begun.state, begun.encoding, begun.separator, begun.columns = "checked", "utf-8-sig", ";", ["", ""]
    session.flush()
    refs["import"] = begun.ref
    refs |= _course(session, own, partner, now)
    members = {
        "reader": _join(session, own, "reader", now),
        "editor": _join(session, own, "editor", now),
        "admin": _join(session, own, "admin", now),
        "stranger": _join(session, other, "admin", now),
        "partner": _join(session, partner, "buyer", now),
        "colleague": _join(session, own, "bidder", now),
    }
    refs["member"] = members["colleague"].ref
    refs |= tendered.sealed_in(session, now, own, members["partner"])
    refs |= _alerts(session, own, partner, members["admin"].person, now)
    claims.proved(session, people.create(session, OPERATOR, now, "will@cast.example"), own, "", now)
    refs["claim"] = session.scalars(select(claims.Claim.ref)).one()
    refs["organisation_of_nobody"] = partner.ref
    refs |= tendered.awards_in(session, now, own, partner, members["partner"].person)
    people.make_operator(session, OPERATOR, "operator@cast.example", "Olga Probe", now)
    keeper = Viewer("person:x", "person", members["editor"].person_id, organisation_id=own.id)
    shortlist = shortlists.create(session, keeper, "Rohre", now)
    thing = find(session, [f"o{offering.ref}"])[f"o{offering.ref}"]
    refs |= {"shortlist": shortlist.ref, "item": shortlists.keep(session, keeper, shortlist, thing, now).ref}
    words = enquiries.Words("Zwölf Rohrbogen biegen", contact="Ada Probe")
    asked = find(session, [f"p{partner.ref}"])
    enquiry, threads = enquiries.ask(session, keeper, words, list(asked.values()), "de", now)
    session.flush()
    refs |= {"enquiry": enquiry.ref, "thread": threads[0].ref}
    advert = replace(words, what="Kaufen Sie jetzt")
    _, unwanted = enquiries.ask(session, keeper, advert, list(asked.values()), "de", now)
    enquiries.report(session, keeper, unwanted[0], "advertising", now)
    refs["report"] = unwanted[0].ref
    pest = Viewer("person:y", "person", organisation_id=customer.id)
    _, spam = enquiries.ask(session, pest, replace(words, what="Alles billig"), list(asked.values()), "de", now)
    enquiries.report(session, keeper, spam[0], "advertising", now)
    judge(session, OPERATOR, spam[0], "blocked", now)
    refs["blocked"] = spam[0].ref
    refs["answer_token"] = enquiries.new_link(session, threads[0], None, now)
    refs |= tendered.late_in(session, secret, now, own, partner)
    refs["quote_token"] = tendered.quoted_in(session, secret, now, own, partner)
    tokens = {"anonymous": ""}
    for name in CAST[1:]:
        person = people.by_address(session, f"{name}@cast.example")
        assert person is not None
        tokens[name], row = sessions.start(session, person, "link", now)
        session.flush()
        if name == "admin":
            refs["browser"] = row.id
            key = Passkey(person=person, credential_id=b"c", public_key=b"p", name="Telefon", created_at=now)
            session.add(key)
            session.flush()
            refs["passkey"] = key.ref
    who = Viewer("person:x", "person", shown="Ada Probe")
    invitation, token = invitations.invite(session, who, own, "neu@cast.example", ("reader",), now)
    refs |= {"invitation": invitation.ref, "invitation_token": token}
    refs["link_token"] = links.ask(session, "neu@cast.example", "192.0.2.9", now).token
    letter = letters.write(
        session, now, "neu@cast.example", "de", "accounts/not_known", register="http://testserver/register"
    )
    session.flush()
    refs["letter"] = letter.ref
    provider = providers.add(
        session,
        OPERATOR,
        partner,
        now,
        local=True,
        key="werk",
        issuer="https://id.example",
        client_id="werkplatz",
        client_secret=vault.lock_away(secret, "s" * 20),
        domains=(),
    )
    session.flush()
    refs["provider"] = provider.ref
    return World(tokens, refs)


def _alerts(session: Session, own: Organisation, partner: Organisation, admin: Person, now: datetime) -> dict[str, Any]:
    """A need in the inbox of the firm, a search its admin has saved, and one ordered by letter."""
    notice = Notice(organisation_id=own.id, need=make.need(session, now, partner), created_at=now)
    session.add(notice)
    given = {"name": "Krane", "tab": "offerings", "query": "q=kran", "frequency": "daily"}
    saved = orders.save(session, OPERATOR, admin, now, **given)
    ordered = orders.order(session, "nele@cast.example", "192.0.2.9", now, language="de", **given)
    session.flush()
    return {"notice": notice.ref, "saved_search": saved.ref, "order_token": ordered.token}


def _samples(session: Session, lab: Organisation, now: datetime) -> dict[str, Any]:
    """An order at the firm's laboratory, and the laboratory of another firm."""
    offering = make.offering(session, now, lab, kind="lab_test")
    buyer = make.organisation(session, now, name="Besteller KG")
    methods = list(samples.methods_of(offering).values())
    made = samples.order(session, OPERATOR, offering, buyer, methods, now, description="Zwei Bleche", count=2)
    session.flush()
    return {"order": made.ref, "lab": make.offering(session, now, buyer, kind="lab_test").ref}


def _residuals(session: Session, own: Organisation, now: datetime) -> dict[str, Any]:
    """A delivery proposed to the firm, the stream of another one, a permit that counts and one that waits."""
    held = permit(session, now, own, number="BI-1")
    waiting = permit(session, now, own, number="BI-2")
    permits.correct(session, OPERATOR, waiting, now, kg_per_year=5)
    recipient = make.organisation(session, now, name="Abnehmer OHG")
    permit(session, now, recipient)
    proposed = deliveries.propose(session, OPERATOR, stream(session, now, own), recipient, monthly(10), now)
    session.flush()
    return {
        "permit": held.ref,
        "waiting_permit": waiting.ref,
        "stream": stream(session, now, recipient).ref,
        "delivery": proposed.ref,
    }


def _course(session: Session, own: Organisation, partner: Organisation, now: datetime) -> dict[str, str]:
    """A course of the firm with one date, a booking and a pledge of the partner's."""
    dates = {"starts_on": "2099-05-04", "ends_on": "2099-05-08", "seats_min": 5, "seats_max": 9}
    details = {"qualification": "Schweißer", "sessions": [dates]}
    training = make.offering(session, now, own, kind="training", title="Schweißkurs", details=details)
    row = of_offerings(session, [training.id])[training.id][0]
    booking = bookings.book(session, OPERATOR, row, partner, 1, now, "http://testserver")
    pledge = bookings.pledge(session, OPERATOR, row, partner, 1, now, "http://testserver")
    refs = {"training": training.ref, "session": row.ref, "booking": booking.ref, "pledge": pledge.ref}
    return refs | {"participant": booking.people[0].ref}


def _rail(session: Session, now: datetime, own: Organisation, partner: Organisation) -> dict[str, Any]:
    """A slot and an empty run of the firm that nobody has asked for, and what the partner asked for on another slot."""
    track = railway(session, now, slot_on(far(7)), slot_on(far(8)), firm=own)
    free, asked = slots_of(session, track)
    run = run_on(session, track, now, day=far(9))
    return {"slot": free.ref, "movement": ask(session, asked, partner, now).ref, "run": run.ref}


def _join(session: Session, organisation: Organisation, role: str, now: datetime) -> Any:
    name = {"bidder": "colleague", "buyer": "partner"}.get(role, role)
    if organisation.name == "Fremde AG":
        name = "stranger"
    person = people.create(session, OPERATOR, now, f"{name}@cast.example", name=name.title())
    roles = ("buyer", "opener") if role == "buyer" else (role,)
    member = people.join(session, OPERATOR, person, organisation, roles, now)
    session.flush()
    return member
