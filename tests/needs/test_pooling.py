"""Two partners, one need: asked, accepted, summed up, left and taken out; and what stays walled off."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.bids.models import Bid
from market.bids.rules import visible_bids
from market.db import Sessions
from market.journal import Entry
from market.mail.models import Letter
from market.needs import service as needs
from market.needs.models import Need, PoolShare
from market.needs.parts import Item
from market.values import utc_now
from market.viewer import OPERATOR, Viewer
from tests.needs.test_desk import day, only_need, staff
from tests.needs.test_two_windows import seen

Enter = Callable[..., TestClient]


@pytest.fixture
def zoe(enter: Enter) -> TestClient:
    """A buyer of the other partner."""
    return enter("zoe@hafen.example", "buyer", firm="Hafen AG", is_partner=True)


@pytest.fixture
def drafted(enter: Enter, zoe: TestClient) -> tuple[TestClient, str]:
    """A quotation for twelve welders' training, ready to be published but for the partner."""
    bea, _ = staff(enter)
    begun = bea.post("/me/needs/new", data={"procedure": "quotation", "title": "Schweißer ausbilden"})
    ref = begun.headers["location"].split("/")[3]
    contact = re.findall(r'<option value="(\d+)"', bea.get(f"/me/needs/{ref}/people").text)[0]
    tasks = {
        "basics": {"lang": "de", "title_de": "Schweißer ausbilden", "description_de": "MAG 135.", "estimate": "7777"},
        "place": {"place": "Guben", "site": "Tor 2", "execution_from": day(60)},
        "items": {"item-rows": "1", "item-title-0": "Schweißerprüfung", "item-quantity-0": "12", "item-unit-0": "IE"},
        "periods": {"bids_day": day(20), "bids_time": "12:00", "decision_by": day(40)},
        "people": {"contact": contact},
    }
    for task, given in tasks.items():
        assert bea.post(f"/me/needs/{ref}/{task}", data=given).status_code == 303, task
    return bea, ref


def asked(bea: TestClient, ref: str) -> None:
    form = bea.get(f"/me/needs/{ref}/pool").text
    partner = re.findall(r'<option value="(\w+)">Hafen AG', form)[0]
    given = {"do": "invite", "partner": partner, "accepted": "yes"}
    assert bea.post(f"/me/needs/{ref}/pool", data=given).status_code == 303


def page_of(zoe: TestClient) -> str:
    return re.findall(r'href="(/me/pooled/\w+)"', zoe.get("/me/needs").text)[0]


def joins(zoe: TestClient, quantity: str = "8") -> str:
    path = page_of(zoe)
    page = zoe.get(path).text
    item = re.findall(r'name="(quantity-\w+)"', page)[0]
    given = {"do": "join", item: quantity, "site": "Hafen, Halle 3", "note": "Kurse nur montags", "accepted": "yes"}
    assert zoe.post(path, data=given | {"seen": seen(page)}).status_code == 303
    return path


def test_a_partner_is_asked_joins_and_the_published_need_shows_names_quantities_and_the_sum(
    drafted: tuple[TestClient, str], zoe: TestClient, sessions: Sessions
) -> None:
    bea, ref = drafted
    assert bea.post(f"/me/needs/{ref}/pool", data={"do": "invite", "partner": "x"}).status_code == 422
    asked(bea, ref)
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 409
    assert "Schweißer ausbilden" in zoe.get("/me").text
    path = page_of(zoe)
    first = zoe.get(path).text
    assert "Schweißerprüfung: 12 Personen" in first
    empty = zoe.post(path, data={"do": "join", "site": "Hafen, Halle 3"})
    assert (empty.status_code, 'value="Hafen, Halle 3"' in empty.text, "7.777" in first) == (422, True, False)
    joins(zoe)
    with sessions() as session:
        item, share = session.scalars(select(Item)).one(), session.scalars(select(PoolShare)).one()
        assert (item.quantity, share.quantities, share.text_version) == (20.0, {item.ref: 8.0}, 1)
        assert None not in (share.joined_at, share.joined_by_id, share.invited_by_id)
        verbs = session.scalars(select(Entry.verb).where(Entry.verb.like("needs.pool_%")).order_by(Entry.id)).all()
    assert verbs == ["needs.pool_invited", "needs.pool_joined"]
    assert "Fassung 1, angenommen am" in bea.get(f"/me/needs/{ref}/pool").text
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 303
    page = TestClient(bea.app).get(f"/needs/{ref}/{only_need(sessions).slug}").text
    for said in ("<dt>Werk SE</dt><dd>12 P", "<dt>Hafen AG</dt><dd>8 P", "<strong>20 Personen", "Hafen, Halle 3"):
        assert said in page, said
    with sessions() as session:
        to = session.scalars(select(Letter.to).order_by(Letter.id)).all()
    assert to == ["zoe@hafen.example", "bea@werk.example", "zoe@hafen.example"]
    assert zoe.post(path, data={"do": "leave"}).status_code == 409
    assert bea.post(f"/me/needs/{ref}/pool", data={"do": "remove"}).status_code == 409


def test_what_changes_after_the_partner_has_accepted_is_accepted_anew_or_not_published(
    drafted: tuple[TestClient, str], zoe: TestClient, sessions: Sessions
) -> None:
    bea, ref = drafted
    asked(bea, ref)
    old = seen(zoe.get(page_of(zoe)).text)
    bea.post(f"/me/needs/{ref}/place", data={"place": "Guben", "site": "Tor 7", "execution_from": day(60)})
    path = page_of(zoe)
    item = re.findall(r'name="(quantity-\w+)"', zoe.get(path).text)[0]
    given = {"do": "join", item: "8", "note": "Kurse nur montags", "accepted": "yes"}
    stale = zoe.post(path, data=given | {"seen": old})
    assert (stale.status_code, "Kurse nur montags" in stale.text) == (409, True)
    assert zoe.post(path, data=given | {"seen": seen(stale.text)}).status_code == 303
    assert "neu annehmen" not in zoe.get("/me").text
    bea.post(f"/me/needs/{ref}/place", data={"place": "Guben", "site": "Tor 9", "execution_from": day(60)})
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 409
    assert bea.post(f"/me/needs/{ref}/pool", data={"do": "ask"}).status_code == 303
    joins(zoe, "9")
    with sessions() as session:
        assert session.scalars(select(Item.quantity)).one() == 21
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 303


@pytest.mark.parametrize("way", ["leave", "remove", "decline"])
def test_until_publication_a_partner_leaves_or_is_taken_out_and_its_quantity_goes_with_it(
    drafted: tuple[TestClient, str], zoe: TestClient, sessions: Sessions, way: str
) -> None:
    bea, ref = drafted
    asked(bea, ref)
    path = page_of(zoe) if way == "decline" else joins(zoe)
    if way == "remove":
        assert bea.post(f"/me/needs/{ref}/pool", data={"do": "remove"}).status_code == 303
    else:
        assert zoe.post(path, data={"do": way}).status_code == 303
    with sessions() as session:
        assert session.scalars(select(Item.quantity)).one() == 12
    assert zoe.get(path).status_code == 404
    assert bea.post(f"/me/needs/{ref}", data={"do": "publish"}).status_code == 303
    assert "Hafen AG" not in TestClient(bea.app).get(f"/needs/{ref}/{only_need(sessions).slug}").text


def test_nothing_else_of_the_leading_partner_is_seen_and_others_see_nothing_before_publication(
    drafted: tuple[TestClient, str], zoe: TestClient, enter: Enter, sessions: Sessions
) -> None:
    bea, ref = drafted
    other = bea.post("/me/needs/new", data={"procedure": "quotation", "title": "Ganz anderer Bedarf"})
    asked(bea, ref)
    path = joins(zoe)
    third = enter("kim@dritte.example", "admin", firm="Dritte SE", is_partner=True)
    firm = enter("fred@firma.example", "admin", firm="Firma GmbH")
    reader = enter("rita@hafen.example", "reader", firm="Hafen AG", is_partner=True)
    for stranger in (third, firm, bea):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, data={"do": "leave"}).status_code == 404
    assert reader.get(path).status_code == 200
    assert reader.post(path, data={"do": "leave"}).status_code == 403
    seen_by = {"": 404, "/pool": 404, "/basics": 404, "/preview": 404, "/firms": 404, "/questions": 404}
    for client in (zoe, third, firm):
        assert {end: client.get(f"/me/needs/{ref}{end}").status_code for end in seen_by} == seen_by
        assert client.get(f"/needs/{ref}").status_code == 404
    pages = "".join(zoe.get(one).text for one in ("/me", "/me/needs", path))
    assert "Ganz anderer Bedarf" not in pages
    assert "bea@werk.example" not in pages
    assert other.status_code == 303


def test_whoever_asks_together_neither_bids_nor_asks_nor_watches(
    drafted: tuple[TestClient, str], zoe: TestClient, sessions: Sessions
) -> None:
    bea, ref = drafted
    bea.post(f"/me/needs/{ref}/audience", data={"visibility": "verified"})
    asked(bea, ref)
    joins(zoe)
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    assert zoe.get(f"/needs/{ref}/{only_need(sessions).slug}").status_code == 200
    assert zoe.post(f"/needs/{ref}/questions", data={"text": "Darf ich das fragen?"}).status_code == 403
    assert zoe.post(f"/needs/{ref}/watch").status_code == 403
    with sessions() as session:
        need = session.scalars(select(Need)).one()
        hafen = session.scalars(select(Organisation.id).where(Organisation.name == "Hafen AG")).one()
        assert need.buyers == {need.organisation_id, hafen}


def test_a_copy_of_a_pooled_need_has_the_leading_partners_part(
    drafted: tuple[TestClient, str], zoe: TestClient, sessions: Sessions
) -> None:
    bea, ref = drafted
    asked(bea, ref)
    joins(zoe)
    bea.post(f"/me/needs/{ref}", data={"do": "copy"})
    with sessions() as session:
        assert sorted(session.scalars(select(Item.quantity))) == [12, 20]


def test_opened_offers_are_read_by_the_partner_that_joined_and_by_no_other_before_or_after(
    drafted: tuple[TestClient, str], zoe: TestClient, enter: Enter, sessions: Sessions
) -> None:
    bea, ref = drafted
    asked(bea, ref)
    path = joins(zoe)
    bea.post(f"/me/needs/{ref}", data={"do": "publish"})
    enter("fred@firma.example", "admin", firm="Bietende GmbH")
    before = zoe.get(path).text
    assert "Geöffnete Gebote" not in before
    assert "Wer geboten hat" not in before
    with sessions.begin() as session:
        need, item = session.scalars(select(Need)).one(), session.scalars(select(Item)).one()
        for move in ("close", "evaluate"):
            needs.move(session, OPERATOR, need, move, utc_now())
        firm = session.scalars(select(Organisation).where(Organisation.name == "Bietende GmbH")).one()
        given = {"lines": {item.ref: {"price": "12.52", "remark": ""}}, "requirements": {}}
        facts = {"state": "opened", "need_version": 1, "size": 1, "sha256": "x", "commitment": "x"}
        session.add(
            Bid(need=need, organisation=firm, content=given, received_at=utc_now(), changed_at=utc_now(), **facts)
        )
    asked_first = zoe.get(path).text
    assert "Wer geboten hat" in asked_first
    assert "Bietende GmbH" in asked_first
    assert "250,40" not in asked_first
    unsaid = zoe.post(f"{path}/declaration", data={})
    assert unsaid.status_code == 422
    assert "Bietende GmbH" in unsaid.text
    reader = enter("rita@hafen.example", "reader", firm="Hafen AG", is_partner=True)
    assert reader.post(f"{path}/declaration", data={"conflict": "no"}).status_code == 404
    zita = enter("zita@hafen.example", "buyer", firm="Hafen AG", is_partner=True)
    own = {"conflict": "yes", "note": "Mein Bruder arbeitet dort"}
    assert zita.post(f"{path}/declaration", data=own).status_code == 303
    assert zoe.post(f"{path}/declaration", data={"conflict": "no"}).status_code == 303
    page = zoe.get(path).text
    assert "Bietende GmbH" in page
    assert "250,40" in page
    assert "Bietende GmbH" not in zita.get(path).text
    assert zita.post(f"{path}/declaration", data={"conflict": "no"}).status_code == 409
    assert "zoe (Hafen AG)" in bea.get(f"/me/needs/{ref}/declaration").text
    third = enter("kim@dritte.example", "buyer", firm="Dritte SE", is_partner=True)
    with sessions() as session:
        for name, reads in (("Hafen AG", True), ("Dritte SE", False), ("Werk SE", True)):
            one = session.scalars(select(Organisation).where(Organisation.name == name)).one()
            viewer = Viewer("x", "person", 999, organisation_id=one.id, roles=frozenset({"buyer"}))
            assert (session.scalar(visible_bids(viewer)) is not None) is reads, name
    assert third.get(path).status_code == 404
    assert third.post(f"{path}/declaration", data={"conflict": "no"}).status_code == 404
