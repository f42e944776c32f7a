"""What the pages of the sweep show of somebody who is signed in: one example of each thing."""

import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from market.accounts import people
from market.accounts.models import Member, Organisation
from market.accounts.passkeys.models import Passkey
from market.accounts.sessions import hashed
from market.attachments import agreements
from market.attachments import service as attachments
from market.bookings import running
from market.bookings import service as bookings
from market.deliveries import permits
from market.deliveries import service as deliveries
from market.deliveries.tonnes import Amount
from market.enquiries import service as enquiries
from market.exchange.reasons import SENTENCES
from market.files.stores import Store
from market.intake.models import FaultyRow, Import
from market.notifications import orders
from market.notifications import service as notifications
from market.notifications.models import Notice
from market.notifications.rules import open_to as open_needs
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.sessions import of_offerings
from market.publishing.models import Question
from market.samples import service as samples
from market.shortlists import service as shortlists
from market.shortlists.things import find
from market.values import local_day
from market.viewer import Viewer
from tests import factories
from tests.deliveries import conftest as residuals
from tests.files.test_checks import PDF, picture
from tests.flows.needs_pages import need_examples
from tests.flows.pages import KINDS
from tests.movements.support import ask, far, railway, run_on, slot_on, slots_of


def address(slice_: str, thing: Any) -> str:
    return f"/{slice_}/{thing.ref}/{thing.slug}"


def signed_in_examples(session: Session, store: Store, now: datetime) -> dict[str, str]:
    """Pages of the member, who also runs the marketplace here, so that one window sees all there is."""
    member = session.scalars(select(Member).order_by(Member.id.desc()).limit(1)).one()
    people.make_operator(session, factories.TESTER, member.person.email, member.person.name, now)
    firm, soon = member.organisation, local_day(now) + timedelta(days=20)
    for type_, days in (("scc", 20), ("iso-14001", 400), ("iso-50001", -20)):
        factories.certificate(session, now, firm, type=type_, valid_until=local_day(now) + timedelta(days=days))
    held = factories.certificate(session, now, firm, type="en-1090-2", level="EXC2", valid_until=soon, number="4711")
    factories.certificate(session, now, firm, type="iso-9606-1", holder="Petra Muster", valid_until=soon)
    firm.verified_on = firm.verified_on or local_day(now)
    unchecked = factories.organisation(session, now, name="Wartende GmbH", email="buero@wartend.example")
    waiting = factories.certificate(session, now, firm, state="uploaded", submitted_at=now - timedelta(days=3))
    factories.certificate(session, now, firm, type="awsv-fachbetrieb", state="declined", reason="incomplete")
    return (
        own_offerings(session, firm, now)
        | imports_of(session, store, firm, now)
        | files_of(session, store, firm, now)
        | kept_examples(session, member, now)
        | course_examples(session, now, firm)
        | passkey_examples(session, member, now)
        | rail_examples(session, now, firm)
        | asked_examples(session, member, now)
        | residual_examples(session, firm, now)
        | need_examples(session, member, now)
        | alert_examples(session, member, now)
        | {
            "member": f"/me/team/{member.ref}/remove",
            "certificate": f"/me/certificates/{held.ref}",
            "waiting_certificate": f"/operator/certificates/{waiting.ref}",
            "waiting_firm": f"/operator/organisations/{unchecked.ref}",
        }
    )


def passkey_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """Two passkeys, one of them used."""
    keys = [
        Passkey(
            person=member.person, credential_id=name.encode(), public_key=b"", name=name, created_at=now, used_at=at
        )
        for name, at in (("Chrome, Windows", now), ("Telefon in der Werkstatt", None))
    ]
    session.add_all(keys)
    session.flush()
    return {"passkey": f"/me/account/passkeys/{keys[0].ref}/remove"}


def kept_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """A list with an offering, a noted firm and an offering that is closed."""
    who = Viewer("person:x", "person", member.person_id, organisation_id=member.organisation_id)
    offered = list(session.scalars(visible().where(Offering.kind == "service").order_by(Offering.id).limit(3)))
    closed = session.scalars(select(Offering).where(Offering.status == "archived").limit(1)).one()
    codes = [*(f"o{one.ref}" for one in [*offered, closed]), f"p{offered[0].organisation.ref}"]
    shortlist = shortlists.create(session, who, "Rohrleitungsbau Stillstand Februar", now)
    shortlists.create(session, who, "Kranprüfung", now)
    for thing in find(session, codes).values():
        item = shortlists.keep(session, who, shortlist, thing, now)
    shortlists.note(session, who, item, "War im August pünktlich, Übergabe zweisprachig.", now)
    session.flush()
    return {"shortlist": f"/shortlists/{shortlist.ref}"}


def files_of(session: Session, store: Store, firm: Organisation, now: datetime) -> dict[str, str]:
    """An offering with pictures and documents, one of them behind an agreement."""
    offering = factories.offering(session, now, firm, title="Gerüste mit Bildern")
    agreements.write(session, factories.TESTER, firm, "Wer diese Unterlagen öffnet, gibt sie nicht weiter.", now)
    for name, raw, text in (("a.png", picture("PNG", (900, 600)), "Die Halle"), ("b.pdf", PDF, "Ein Plan")):
        upload = UploadFile(io.BytesIO(raw), filename=name)
        kind = "picture" if name.endswith("png") else "document"
        for gated in (False, True) if kind == "document" else (False,):
            upload.file.seek(0)
            brought = attachments.bring(store, upload, kind)
            closed = gated and kind == "document"
            attachments.add(session, factories.TESTER, offering, brought, kind, now, text=text, gated=closed)
    session.flush()
    return {
        "offering_files": f"/me/offerings/{offering.ref}/files",
        "offering_with_files": address("offerings", offering),
        "agreement_read": f"/confidentiality/{offering.ref}",
    }


def imports_of(session: Session, store: Store, firm: Organisation, now: datetime) -> dict[str, str]:
    """An import at each of its steps."""
    found = {}
    for state in ("columns", "checked", "progress", "done"):
        one = Import(organisation_id=firm.id, actor="operator", name="leistungen.csv", form="csv", created_at=now)
        one.key = f"import{state}"
        one.head, one.columns = ["Nr", "Bezeichnung", "Notiz"], ["external_id", "title", ""]
        one.state = {"columns": "uploaded", "progress": "taking"}.get(state, state)
        one.encoding, one.separator, one.begun_at, one.ended_at = "utf-8-sig", ";", now, now
        one.rows, one.seen, one.created, one.changed, one.faulty = 400, 240, 200, 38, 2
        store.put(one.key, io.BytesIO("Nr;Bezeichnung;Notiz\n1;Schweißen;\n2;Rohre;x\n".encode()))
        session.add(one)
        session.flush()
        for line in (12, 47) if state in ("checked", "done") else ():
            fault = {"column": "title", "value": "", "message": SENTENCES["missing"], "values": {}}
            session.add(FaultyRow(import_id=one.id, line=line, cells=["7", "", ""], faults=[fault]))
        found[f"import_{state}"] = f"/me/import/{one.ref}"
    return found


def course_examples(session: Session, now: datetime, firm: Organisation) -> dict[str, str]:
    """A course the firm runs with people who came, one it has booked, and one that waits for pledges."""
    other = factories.organisation(session, now, name="Kursstätte Beispiel")
    today = local_day(now)
    rows = []
    for owner, least, days in ((firm, 1, 0), (other, 1, 30), (other, 5, 40)):
        begins, seats = today + timedelta(days=days), {"seats_min": least, "seats_max": 8}
        dates = {"starts_on": begins.isoformat(), "ends_on": (begins + timedelta(days=2)).isoformat()} | seats
        details = {"qualification": "Schweißer", "sessions": [dates]}
        course = factories.offering(session, now, owner, kind="training", title="Schweißkurs WIG", details=details)
        rows.append(of_offerings(session, [course.id])[course.id][0])
    before, base = now - timedelta(days=9), "http://127.0.0.1"
    given = bookings.book(session, factories.TESTER, rows[0], other, 2, before, base, names=["Ada Probe", "Bo Probe"])
    running.confirm(session, factories.TESTER, given, now, base)
    came = {given.people[0].ref: "attended"}
    running.mark(session, factories.TESTER, rows[0], came, now)
    held = bookings.book(session, factories.TESTER, rows[1], firm, 2, now, base, names=["Cem Probe"])
    bookings.pledge(session, factories.TESTER, rows[2], firm, 2, now, base)
    bookings.wish(session, factories.TESTER, rows[2].offering, firm, 3, today + timedelta(days=60), now, base)
    return {
        "dates": f"/me/sessions/{rows[0].ref}",
        "booking": f"/me/bookings/{held.ref}",
        "session": f"/sessions/{rows[1].ref}",
        "unsure": f"/sessions/{rows[2].ref}",
        "wanted": f"/sessions/wanted/{rows[2].offering.ref}",
    }


def own_offerings(session: Session, firm: Organisation, now: datetime) -> dict[str, str]:
    """What the firm has under its offerings: of each kind a draft, one online that is asked for, one to look at."""
    own = factories.offering(session, now, firm, title="Gerüste stellen und prüfen", asked_on=local_day(now))
    queued = factories.offering(session, now, firm, title="Gerüste für Schornsteine", queued_at=now)
    paused = {"status": "paused", "paused_until": local_day(now) + timedelta(days=30)}
    factories.offering(session, now, firm, title="Gerüste für Feste", **paused)
    session.add(Question(organisation=firm, token_hash=hashed("t" * 43), offerings=[own.ref], asked_on=local_day(now)))
    drafts = {
        f"draft-{kind}": factories.offering(session, now, firm, kind=kind, status="draft", title=f"Entwurf: {kind}")
        for kind in KINDS
    }
    drafts["draft-training"].details_json = {**factories.DETAILS["training"], "alliance": factories.ALLIANCE}
    found = {"own": own, "draft": drafts["draft-service"], **drafts}
    addresses = {name: f"/me/offerings/{offering.ref}" for name, offering in found.items()}
    return addresses | {"queued": f"/operator/offerings/{queued.ref}"}


def rail_examples(session: Session, now: datetime, firm: Organisation) -> dict[str, str]:
    """A slot with a train too long for it, a request that waits for the member's answer, an empty run on a board."""
    asking = factories.organisation(session, now, name="Schüttgut Muster GmbH")
    own = railway(session, now, slot_on(far(7)), slot_on(far(8), 10), firm=firm)
    free, full = slots_of(session, own)
    movement = ask(session, free, asking, now, rid_class="8", un_number="1824")
    ask(session, full, asking, now)
    run_on(session, own, now, day=far(8), length_m=230.0, asked_until=far(7))
    other = slots_of(session, railway(session, now, slot_on(far(9)), firm=asking))[0]
    ask(session, other, firm, now)
    train = "wagons=24&length_m=420&gross_mass_t=1440&gauge_mm=1435&traction=diesel"
    return {"slot": f"/rail/slots/{other.ref}?{train}", "movement": f"/me/movements/{movement.ref}"}


def asked_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """An enquiry to three firms, one of them with a quote and one unnamed, and one that came in."""
    who = Viewer("person:x", "person", member.person_id, organisation_id=member.organisation_id)
    offered = visible().where(Offering.kind == "service", Organisation.email != "").order_by(Offering.id.desc())
    offered = offered.where(Organisation.id != member.organisation_id)
    named = list(session.scalars(offered.limit(2)))
    secret = session.scalars(select(Offering).where(Offering.title == "Hüttensand, lose").limit(1)).one()
    things = list(find(session, [f"o{one.ref}" for one in [*named, secret]]).values())
    words = enquiries.Words(
        "Dampfleitung DN 200 verlegen\n40 m, PN 16, Arbeit in der Nachtschicht.",
        "15890 Eisenhüttenstadt",
        "ab 8. Februar",
    )
    enquiry, threads = enquiries.ask(session, who, replace(words, contact="Ute Probe"), things, "de", now)
    quote = enquiries.Reply("Mit Druckprüfung.", "quote", price_cents=480000, valid_until=local_day(now))
    enquiries.write(session, Viewer("link:x"), threads[0], "firm", quote, now)
    enquiries.write(session, Viewer("link:x"), threads[-1], "firm", enquiries.Reply("Wieviel im Monat?"), now)
    other = Viewer("person:y", "person", None, organisation_id=named[0].organisation_id)
    asked = find(session, [f"p{member.organisation.ref}"]).values()
    _, received = enquiries.ask(session, other, replace(words, contact="Jana Petrow"), list(asked), "de", now)
    token = enquiries.new_link(session, received[0], None, now)
    advert = replace(words, what="Neue Werbeartikel, jetzt 20 % günstiger", contact="Max Muster")
    _, unwanted = enquiries.ask(session, other, advert, list(asked), "de", now)
    enquiries.report(session, who, unwanted[0], "advertising", now)
    session.flush()
    return {
        "ask": "/enquiries/new?" + "&".join(f"item={thing.code}" for thing in things),
        "enquiry": f"/me/enquiries/{enquiry.ref}",
        "thread_asked": f"/me/enquiries/threads/{threads[0].ref}",
        "thread_received": f"/me/enquiries/threads/{received[0].ref}",
        "answer": f"/answer/{token}",
    }


def alert_examples(session: Session, member: Member, now: datetime) -> dict[str, str]:
    """Needs that fit, one watched and one passed; two saved searches, one of them ordered by letter."""
    firm, day = member.organisation, local_day(now) + timedelta(days=40)
    for place, need in enumerate(session.scalars(open_needs(firm).limit(4))):
        notice = Notice(organisation_id=firm.id, need=need, created_at=now)
        session.add(notice)
        session.flush()
        if place == 0:
            need.certificates, need.execution_from = ("scc", "iso-14001", "iso-9606-1:141"), day
        if place == 2:
            notifications.move(session, factories.TESTER, notice, "watching", "", now)
        notice.reasons = {
            "de": ["Gleiches Gewerk: Rohrleitungsbau", "12 km zum Standort, im Einsatzgebiet von 60 km"],
            "en": ["Same trade: pipework", "12 km to the site, within the service area of 60 km"],
            "pl": ["Ta sama branża: budowa rurociągów", "12 km do miejsca pracy, w obszarze usług 60 km"],
        }
    notifications.move(session, factories.TESTER, notice, "passed", "capacity", now)
    asked = {"tab": "offerings", "query": "q=schweissen&near=03172+Guben&radius_km=50", "frequency": "daily"}
    orders.save(session, factories.TESTER, member.person, now, name="Schweißen um Guben", **asked)
    order = orders.order(
        session, "neu@probe.example", "192.0.2.7", now, language="de", name="Schweißen um Guben", **asked
    )
    session.flush()
    return {"order": f"/alerts/{order.token}"}


def residual_examples(session: Session, firm: Organisation, now: datetime) -> dict[str, str]:
    """What the firm takes and is asked to give, tests ordered from it and tests it may order."""
    held = residuals.permit(session, now, firm, number="BI-2041")
    waiting = residuals.permit(session, now, firm, number="BI-2042", codes=("17 06 03*",))
    permits.correct(session, factories.TESTER, waiting, now, kg_per_year=90_000)
    neighbour = factories.organisation(session, now, name="Nachbar Gips GmbH")
    theirs = residuals.stream(session, now, neighbour, title="Gips, feucht", quantity=3000)
    theirs.lat, theirs.lon = residuals.HUETTE["lat"], residuals.HUETTE["lon"]
    residuals.siding(session, now, residuals.GUBEN, "Süd")
    residuals.siding(session, now, residuals.HUETTE, "Kanal")
    first = local_day(now).replace(day=1)
    amount = Amount(24_000, "month", first, first + timedelta(days=300))
    taken = deliveries.propose(session, factories.TESTER, theirs, firm, amount, now)
    session.flush()
    deliveries.agree(session, factories.TESTER, taken, now)
    residuals.permit(session, now, neighbour)
    own = residuals.stream(session, now, firm, title="Gips, trocken")
    asked = deliveries.propose(session, factories.TESTER, own, neighbour, amount, now)
    tests = factories.offering(session, now, firm, kind="lab_test", title="Zugversuch im Haus")
    methods = list(samples.methods_of(tests).values())
    wanted = local_day(now)
    order = samples.order(
        session, factories.TESTER, tests, neighbour, methods, now, description="Zwei Bleche", count=2, wanted_on=wanted
    )
    samples.receive(session, factories.TESTER, order, now)
    laboratory = factories.offering(session, now, neighbour, kind="lab_test", title="Analysen")
    session.flush()
    return {
        "stream": address("offerings", theirs),
        "stream_new": f"/me/deliveries/new/{theirs.ref}",
        "delivery": f"/me/deliveries/{asked.ref}",
        "permit": f"/me/permits/{held.ref}",
        "sample": f"/me/samples/{order.ref}",
        "laboratory": f"/me/samples/new/{laboratory.ref}",
    }
