"""From the first screen to the public page: each kind, saved at every step, kept and explained where it is wrong."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.db import Sessions
from market.offerings.models import Offering
from tests.publishing.conftest import KINDS, WHERE, begin, through

Enter = Callable[..., TestClient]


def kept(sessions: Sessions, ref: str) -> Offering:
    with sessions() as session:
        return session.scalars(select(Offering).where(Offering.ref == ref)).one()


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_published_and_found(
    enter: Enter, sessions: Sessions, client: TestClient, deliver: Callable[[], int], kind: str
) -> None:
    firm = enter("adm@probe.example", "editor")
    ref = through(firm, kind)
    assert KINDS[kind]["title"] in firm.get(f"/me/offerings/{ref}").text
    assert client.get(f"/offerings/{ref}/x").status_code == 404, "a draft is nobody's business"
    answer = firm.post(f"/me/offerings/{ref}/publish")
    assert answer.headers["location"].endswith(f"/{ref}/done")
    offering = kept(sessions, ref)
    assert offering.status == "published"
    assert (offering.town, offering.radius_km, offering.price_cents) == ("Eisenhüttenstadt", 60, 5800)
    assert offering.details_json.items() >= KINDS[kind]["details"].items()
    assert f"/offerings/{ref}/{offering.slug}" in firm.get(f"/me/offerings/{ref}/done").text
    deliver()
    hits = client.get("/api/v1/search/offerings", params={"q": KINDS[kind]["title"]}).json()["hits"]
    assert [hit["ref"] for hit in hits] == [ref]
    assert client.get(f"/offerings/{ref}/{offering.slug}").status_code == 200


def test_a_draft_goes_on_in_another_window(enter: Enter, sessions: Sessions) -> None:
    ref = begin(enter("adm@probe.example", "admin"))
    other = enter("adm@probe.example", "admin")
    page = other.get("/me/offerings").text
    assert f'href="/me/offerings/{ref}/trade"' in page
    answer = other.post(f"/me/offerings/{ref}/trade", data={"later": "1"})
    assert answer.headers["location"] == "/me/offerings", "without a trade, but later"
    assert other.post(f"/me/offerings/{ref}/trade", data={}).status_code == 422
    assert kept(sessions, ref).status == "draft"


def test_a_draft_that_lacks_something_is_not_published(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm, "training")
    answer = firm.post(f"/me/offerings/{ref}/publish")
    assert answer.status_code == 422
    assert f"/me/offerings/{ref}/trade?check=1" in answer.text
    assert f"/me/offerings/{ref}/facts?check=1" in answer.text
    assert kept(sessions, ref).status == "draft"


@pytest.mark.parametrize(
    ("kind", "part", "form", "field", "sentence"),
    [
        ("service", "what", {"title": ""}, "title", "was Sie anbieten"),
        ("service", "what", {"title": "x" * 121}, "title", "kürzer"),
        ("service", "trade", {"trade": "Zauberei"}, "trade", "kennen wir nicht"),
        ("service", "facts", {"crew_size": "viele"}, "crew_size", "ganze Zahl"),
        ("service", "where", WHERE | {"place": "Atlantis"}, "place", "kennen diesen Ort nicht"),
        ("service", "where", WHERE | {"price": "billig"}, "price", "Zahl"),
        ("service", "where", WHERE | {"price": ""}, "price", "auf Anfrage"),
        ("service", "where", WHERE | {"reach": "other"}, "km", "Kilometer"),
        ("service", "where", WHERE | {"available_on": "bald"}, "available_on", "Tag"),
        ("training", "facts", {}, "qualification", "Teilnehmenden"),
        ("training", "facts", {"qualification": "S", "rows-sessions": "1", "sessions-0-starts_on": "2027-03-01",
          "sessions-0-seats_max": "x"}, "sessions-0-seats_max", "ganze Zahl"),
        ("training", "facts", {"qualification": "S", "rows-sessions": "1", "sessions-0-starts_on": "2027-03-05",
          "sessions-0-ends_on": "2027-03-01", "sessions-0-seats_max": "8"}, "sessions-0-ends_on", "liegt vor"),
        ("training", "facts", {"qualification": "S", "rows-sessions": "1", "sessions-0-starts_on": "2027-03-05",
          "sessions-0-seats_min": "9", "sessions-0-seats_max": "8"}, "sessions-0-seats_max", "mindestens so viele"),
        ("lab_test", "facts", {}, "methods-0-parameter", "mindestens ein Verfahren"),
        ("lab_test", "facts", {"rows-methods": "1", "methods-0-parameter": "Zug"}, "methods-0-matrix", "füllen Sie"),
        ("residual", "facts", {"direction": "available", "material": "Zunder"}, "ewc", "Abfallschlüssel"),
        ("residual", "facts", {"material": "Zunder", "ewc": "10 02 10"}, "direction", "haben oder nehmen"),
        ("rail", "facts", {}, "services", "mindestens"),
        ("rail", "facts", {"services": ["shunting"], "rows-slots": "1", "slots-0-day": "2027-02-01",
          "slots-0-window": "morgens", "slots-0-capacity": "3"}, "slots-0-window", "06:00-10:00"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field(
    enter: Enter, kind: str, part: str, form: dict[str, Any], field: str, sentence: str
) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm, kind)
    answer = firm.post(f"/me/offerings/{ref}/{part}", data=form)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert sentence in answer.text
    for typed in form.values():
        assert not isinstance(typed, str) or len(typed) > 100 or typed in answer.text, typed


def test_lines_are_added_and_dropped_without_javascript(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm, "lab_test")
    first = {"rows-methods": "1", "methods-0-parameter": "Zug", "methods-0-matrix": "Stahl", "methods-0-standard": "A"}
    page = firm.post(f"/me/offerings/{ref}/facts", data=first | {"add": "methods"})
    assert page.status_code == 200
    assert 'name="methods-1-parameter"' in page.text
    assert 'value="Zug"' in page.text
    both = first | {"rows-methods": "2", "methods-1-parameter": "Biegen", "methods-1-matrix": "Holz"}
    page = firm.post(f"/me/offerings/{ref}/facts", data=both | {"drop": "methods-0"})
    assert 'value="Biegen"' in page.text
    assert 'value="Zug"' not in page.text
    assert 'name="methods-1-parameter"' not in page.text
    assert kept(sessions, ref).details_json == {}, "nothing is kept before it is sent"


def test_a_laboratory_says_from_where_how_surely_and_until_when_it_measures(
    enter: Enter, sessions: Sessions, client: TestClient
) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "lab_test")
    facts = {"methods-0-detection_limit": "0,05 mg/l", "methods-0-uncertainty": "± 5 %", "cut_off": "10:00"}
    assert firm.post(f"/me/offerings/{ref}/facts", data=KINDS["lab_test"]["facts"] | facts).status_code == 303
    details = kept(sessions, ref).details_json
    assert details["cut_off"] == "10:00"
    assert details["methods"][0]["detection_limit"] == "0,05 mg/l"  # type: ignore[index]
    assert 'value="± 5 %"' in firm.get(f"/me/offerings/{ref}/facts").text
    firm.post(f"/me/offerings/{ref}/publish")
    page = client.get(f"/offerings/{ref}/{kept(sessions, ref).slug}").text
    assert "nachweisbar ab 0,05 mg/l, Unsicherheit ±\u00a05\u00a0%" in page
    assert "Proben, die bis 10:00 eintreffen, zählen noch am selben Tag." in page


def test_what_no_form_shows_stays_with_its_line(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "rail")
    with sessions.begin() as session:
        offering = session.scalars(select(Offering).where(Offering.ref == ref)).one()
        slots = [offering.details_json["slots"][0] | {"taken": 7}]  # type: ignore[index]
        offering.details_json = offering.details_json | {"slots": slots}
    form = KINDS["rail"]["facts"] | {"slots-0-was": "0", "slots-0-capacity": "25"}
    assert firm.post(f"/me/offerings/{ref}/facts", data=form).status_code == 303
    (slot,) = json.loads(json.dumps(kept(sessions, ref).details_json["slots"]))
    assert (slot["taken"], slot["capacity"]) == (7, 25)


def test_trades_and_waste_codes_are_found_by_letters(enter: Enter) -> None:
    firm = enter("adm@probe.example", "admin")
    assert "Gerüstbau" in firm.get("/me/offerings/trades", params={"text": "ger"}).json()
    assert firm.get("/me/offerings/trades", params={"text": "ge"}).json() == []
    codes = firm.get("/me/offerings/waste-codes", params={"text": "Walzzunder"}).json()
    assert any(code.startswith("10 02 10 ") for code in codes)
    assert firm.get("/me/offerings/waste-codes", params={"text": "10 02 0"}).json()[0].startswith("10 02 01")


def test_words_for_a_residual_lead_to_codes_to_tick(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm, "residual")
    form = {"direction": "available", "material": "Walzzunder", "ewc": "Walzzunder", "legal_status": "waste"}
    page = firm.post(f"/me/offerings/{ref}/facts", data=form)
    assert page.status_code == 422
    assert 'name="pick" value="10 02 10"' in page.text
    assert firm.post(f"/me/offerings/{ref}/facts", data=form | {"pick": "10 02 10"}).status_code == 303
    assert kept(sessions, ref).details_json["ewc_code"] == "10 02 10"


def test_codes_are_suggested_but_never_forced(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm)
    page = firm.get(f"/me/offerings/{ref}/trade").text
    assert 'name="cpv" value="45231100"' in page
    assert " checked>" not in page
    firm.post(f"/me/offerings/{ref}/trade", data={"trades": "piping-construction"})
    assert kept(sessions, ref).cpv == ()
    firm.post(f"/me/offerings/{ref}/trade", data={"trades": "piping-construction", "cpv": ["45231100", "99999999"]})
    assert kept(sessions, ref).cpv == ("45231100",)


def test_districts_instead_of_a_radius(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm)
    form = WHERE | {"reach": "areas", "areas": ["DE40C", "PL432", "XX"]}
    page = firm.post(f"/me/offerings/{ref}/where", data=form | {"look": "1"})
    assert page.status_code == 200
    assert page.text.count('class="hit"') == 1, "the Polish side has no outline"
    firm.post(f"/me/offerings/{ref}/where", data=form)
    offering = kept(sessions, ref)
    assert (offering.radius_km, offering.areas) == (None, ("DE40C", "PL432"))


def test_texts_in_other_languages(enter: Enter, sessions: Sessions, client: TestClient) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "service")
    texts = {"lang": "de", "title_de": "Rohre schweißen", "title_pl": "Spawanie rur", "languages": ["pl", "de"]}
    firm.post(f"/me/offerings/{ref}/texts", data=texts | {"description_pl": "Spawamy rury."})
    firm.post(f"/me/offerings/{ref}/publish")
    offering = kept(sessions, ref)
    assert offering.texts == {"pl": {"title": "Spawanie rur", "description": "Spawamy rury."}}
    assert offering.languages == ("de", "pl")
    assert "Spawanie rur" in client.get(f"/pl/offerings/{ref}/{offering.slug}").text
    assert 'lang="de"' in client.get(f"/en/offerings/{ref}/{offering.slug}").text, "falls back, labelled"


def test_of_another_firm_nothing_is_there(enter: Enter) -> None:
    ref = begin(enter("adm@probe.example", "admin"))
    other = enter("eva@fremd.example", "admin", firm="Fremd GmbH")
    for path in ("", "/what", "/done", "/archive", "/availability"):
        assert other.get(f"/me/offerings/{ref}{path}").status_code == 404
    for verb in ("publish", "copy", "archive", "confirm", "what"):
        assert other.post(f"/me/offerings/{ref}/{verb}", data={"title": "x"}).status_code == 404
    reader = enter("rea@probe.example", "reader")
    assert reader.get(f"/me/offerings/{ref}").status_code == 200
    assert reader.post(f"/me/offerings/{ref}/publish").status_code == 403


def test_two_windows_do_not_overwrite_each_other(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm)
    seen = mark_of(firm.get(f"/me/offerings/{ref}/what").text)
    first = {"title": "Rohre schweißen", "kind": "service", "summary": "Auch im Stillstand.", "seen": seen}
    assert firm.post(f"/me/offerings/{ref}/what", data=first).status_code == 303
    assert firm.post(f"/me/offerings/{ref}/what", data=first).status_code == 303, "sent twice is no contradiction"
    late = {"title": "Rohre biegen", "kind": "service", "summary": "Bis DN 80.", "seen": seen}
    answer = firm.post(f"/me/offerings/{ref}/what", data=late)
    assert answer.status_code == 409
    assert kept(sessions, ref).title == "Rohre schweißen", "nothing is overwritten unasked"
    assert "Rohre biegen" in answer.text, "what was typed is still there"
    assert "Auch im Stillstand." in answer.text, "and so is what is kept"
    again = late | {"seen": mark_of(answer.text)}
    assert firm.post(f"/me/offerings/{ref}/what", data=again).status_code == 303
    assert kept(sessions, ref).summary == "Bis DN 80."


def test_two_windows_may_edit_two_screens(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "rail")
    firm.post(f"/me/offerings/{ref}/publish")
    facts = mark_of(firm.get(f"/me/offerings/{ref}/facts").text)
    firm.post(f"/me/offerings/{ref}/what", data={"title": "Rangieren in Ziltendorf", "kind": "rail"})
    changed = KINDS["rail"]["facts"] | {"axle_load_t": "20", "seen": facts}
    assert firm.post(f"/me/offerings/{ref}/facts", data=changed).status_code == 303
    assert firm.post(f"/me/offerings/{ref}/facts", data=changed).status_code == 303, "with the defaults it is the same"
    assert kept(sessions, ref).details_json["facility"]["axle_load_t"] == 20.0  # type: ignore[index]


def test_facts_of_a_kind_that_was_changed_elsewhere_are_shown_again(enter: Enter, sessions: Sessions) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = begin(firm)
    firm.post(f"/me/offerings/{ref}/what", data={"title": "Kurs", "kind": "training"})
    answer = firm.post(f"/me/offerings/{ref}/facts", data={"sheet": "service", "crew_size": "37"})
    assert answer.status_code == 409
    assert "37" in answer.text
    assert kept(sessions, ref).details_json == {}


def test_a_session_keeps_its_own_place_and_price_and_a_facility_its_dangerous_goods(
    enter: Enter, sessions: Sessions
) -> None:
    firm = enter("adm@probe.example", "admin")
    course = through(firm, "training")
    session = kept(sessions, course).details_json["sessions"][0]  # type: ignore[index]
    assert (session["place"], session["price_cents"]) == ("Werkhalle 3", 124950)
    assert 'value="1249.5"' in firm.get(f"/me/offerings/{course}/facts").text
    without = {name: value for name, value in KINDS["training"]["facts"].items() if "price" not in name}
    firm.post(f"/me/offerings/{course}/facts", data=without | {"sessions-0-was": "0"})
    assert "price_cents" not in kept(sessions, course).details_json["sessions"][0]  # type: ignore[index]
    yard = through(firm, "rail")
    assert kept(sessions, yard).details_json["facility"]["dangerous_goods"] == ["3", "8"]  # type: ignore[index]
    facts = KINDS["rail"]["facts"]
    assert firm.post(f"/me/offerings/{yard}/facts", data=facts | {"dangerous_goods": ["none", "3"]}).status_code == 422
    firm.post(f"/me/offerings/{yard}/facts", data=facts | {"dangerous_goods": ["none"]})
    assert kept(sessions, yard).details_json["facility"]["dangerous_goods"] == []  # type: ignore[index]
    assert re.search(r'name="dangerous_goods" value="none" checked', firm.get(f"/me/offerings/{yard}/facts").text)


def test_the_last_page_gives_the_address_and_its_code(enter: Enter) -> None:
    firm = enter("adm@probe.example", "admin")
    ref = through(firm, "service")
    firm.post(f"/me/offerings/{ref}/publish")
    page = firm.get(f"/me/offerings/{ref}/done").text
    assert re.search(rf'type="url" value="http[^"]*/offerings/{ref}/[^"]+" readonly', page)
    assert "<svg viewBox=" in page.partition('class="qr"')[2], "without it a smaller drawing is cut off"
    assert re.search(r"<button[^>]*data-copy[^>]*hidden", page), "without scripts there is only the field"


def mark_of(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', page)
    assert found
    return found[1]
