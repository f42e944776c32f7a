"""The page of an offering: who may see it, in which words, and what it keeps to itself."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from market.accounts import service as accounts
from market.db import Sessions
from market.offerings import service as offerings
from market.offerings.models import Offering
from market.values import LANGUAGES, local_day
from market.web.headers import HEADERS
from tests import factories
from tests.catalogue.conftest import PREFIXES, structured

SLUG = "/offerings/{0.ref}/{0.slug}"
DETAILS: dict[str, dict[str, Any]] = {
    "service": {"crew_size": 6, "emergency_24_7": True},
    "training": {
        "qualification": "Schweißer nach EN ISO 9606-1",
        "welding": [{"process": "135", "product": "plate", "positions": ["PA", "PF"]}],
        "sessions": [{"starts_on": "2099-05-04", "ends_on": "2099-05-08", "seats_min": 4, "seats_max": 10}],
    },
    "lab_test": {
        "methods": [
            {"parameter": "Rm", "matrix": "Stahl", "standard": "DIN EN ISO 6892-1", "accredited": True, "price": 42.5}
        ]
    },
    "residual": {
        "direction": "wanted",
        "material": "Feuerfestausbruch",
        "ewc_code": "16 11 04",
        "composition": [{"name": "MgO", "percent_min": 60, "percent_max": 80}],
        "permit": {"codes": ["16 11 04"], "tonnes_per_year": 3000, "tonnes_used": 1150},
    },
    "rail": {"services": ["shunting"], "locomotives": ["V 60"], "facility": {"useful_length_m": 640}},
}


def make(sessions: Sessions, now: datetime, **fields: Any) -> Offering:
    with sessions.begin() as session:
        return factories.offering(session, now, **fields)


@pytest.mark.parametrize("kind", DETAILS)
@pytest.mark.parametrize("details", ["full", "bare"])
def test_every_kind_has_its_page_in_every_language(
    pages: TestClient, sessions: Sessions, now: datetime, kind: str, details: str
) -> None:
    given = DETAILS if details == "full" else factories.DETAILS
    offering = make(sessions, now, kind=kind, details=given[kind], town="" if details == "bare" else "Guben")
    for language, prefix in PREFIXES.items():
        page = pages.get(prefix + SLUG.format(offering))
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text
        assert page.headers["content-language"] == language
        for other in LANGUAGES:
            twin = f'hreflang="{other}" href="http://testserver{PREFIXES[other]}{SLUG.format(offering)}"'
            assert twin in page.text
        for leftover in (">None<", "%(", "nan&nbsp;", "undefined"):
            assert leftover not in page.text
        assert HEADERS.items() <= dict(page.headers).items()
        data = structured(page.text)
        assert (data["@context"], data["name"]) == ("https://schema.org", offering.title)
        assert data["url"] == f"http://testserver{prefix}{SLUG.format(offering)}"


def test_an_old_slug_leads_to_the_page(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    offering = make(sessions, now)
    for prefix in PREFIXES.values():
        for old in (f"/offerings/{offering.ref}", f"/offerings/{offering.ref}/old-name"):
            answer = pages.get(prefix + old)
            assert (answer.status_code, answer.headers["location"]) == (308, prefix + SLUG.format(offering))


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_what_was_never_public_does_not_exist(
    pages: TestClient, sessions: Sessions, now: datetime, status: str
) -> None:
    offering = make(sessions, now, status=status)
    for prefix in PREFIXES.values():
        page = pages.get(prefix + SLUG.format(offering))
        assert page.status_code == 404
        assert offering.title not in page.text
        assert HEADERS.items() <= dict(page.headers).items()
    assert pages.get("/offerings/nosuchref/x").status_code == 404


def test_offerings_of_a_suspended_firm_do_not_exist(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    offering = make(sessions, now)
    with sessions.begin() as session:
        merged = session.merge(offering)
        offerings.move(session, factories.TESTER, merged, "pause", now)
        accounts.suspend(session, factories.TESTER, merged.organisation, "test", now)
    assert pages.get(SLUG.format(offering)).status_code == 404


@pytest.mark.parametrize("move", ["pause", "expire", "archive"])
def test_a_closed_one_is_gone_and_names_similar_ones(
    pages: TestClient, sessions: Sessions, now: datetime, move: str
) -> None:
    closed = make(sessions, now, trades=("piping-construction", "scaffolding"))
    near = make(sessions, now, title="Rohrbau nebenan", trades=("piping-construction",))
    far = make(sessions, now, title="Etwas anderes", trades=("industrial-cleaning",))
    with sessions.begin() as session:
        offerings.move(session, factories.TESTER, session.merge(closed), move, now)
    for prefix in PREFIXES.values():
        page = pages.get(prefix + SLUG.format(closed))
        assert page.status_code == 410
        assert closed.title in page.text
        assert prefix + SLUG.format(near) in page.text
        assert SLUG.format(far) not in page.text
        assert 'name="robots" content="noindex"' in page.text
        assert HEADERS.items() <= dict(page.headers).items()


@pytest.mark.parametrize(("status", "answer"), [("paused", 410), ("expired", 410), ("archived", 404)])
def test_one_planted_closed_was_public_only_where_the_lifecycle_says_so(
    pages: TestClient, sessions: Sessions, now: datetime, status: str, answer: int
) -> None:
    """An archived one may have been a draft all its life."""
    assert pages.get(SLUG.format(make(sessions, now, status=status))).status_code == answer


def test_text_in_another_language_is_marked_and_labelled(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    texts = {"pl": {"title": "Budowa rurociągów", "description": "Spawamy."}}
    offering = make(sessions, now, title="Rohrbau", description="Wir schweißen.", texts=texts)
    german = pages.get(SLUG.format(offering)).text
    assert '<h1 id="h1">Rohrbau</h1>' in german
    assert 'class="tip"' not in german
    polish = pages.get("/pl" + SLUG.format(offering)).text
    assert '<h1 id="h1">Budowa rurociągów</h1>' in polish
    english = pages.get("/en" + SLUG.format(offering)).text
    assert '<h1 id="h1" lang="de">Rohrbau</h1>' in english
    assert "This text is in German. The provider has not given it in English." in english
    assert '<div class="prose" lang="de">' in english


def test_an_expired_certificate_is_gone_the_same_day(pages: TestClient, sessions: Sessions, now: datetime) -> None:
    today = local_day(now)
    offering = make(sessions, now)
    with sessions.begin() as session:
        firm = session.merge(offering).organisation
        for number, until in (("EX-LAST", today), ("EX-OVER", today - timedelta(days=1))):
            factories.certificate(session, now, firm, number=number, valid_until=until)
        factories.certificate(session, now, firm, number="EX-LATER", valid_from=today + timedelta(days=1))
        factories.certificate(session, now, firm, number="EX-NO", state="declined")
        factories.certificate(session, now, firm, type="welder-9606", number="EX-PERSON", scope="Karla Beispiel")
    for path in (SLUG, "/providers/{0.organisation.ref}/{0.organisation.slug}"):
        page = pages.get(path.format(offering)).text
        assert "EX-LAST" in page
        for hidden in ("EX-OVER", "EX-LATER", "EX-NO", "EX-PERSON", "Karla Beispiel"):
            assert hidden not in page


def test_an_anonymous_listing_never_shows_its_firm(
    client: TestClient, deliver: Callable[[], int], sessions: Sessions, now: datetime
) -> None:
    name = "Verschwiegene Schlacken GmbH"
    with sessions.begin() as session:
        firm = factories.organisation(
            session,
            now,
            name=name,
            street="Geheimweg 7",
            phone="+49 30 23125-799",
            email="ute@verschwiegen.example",
            website="https://verschwiegen.example",
            contact="Ute Schlacke",
            imprint=f"{name}, Geheimweg 7",
            verified_on=date(2026, 1, 1),
        )
        details = {"direction": "available", "material": "Schlacke", "legal_status": "by_product", "anonymous": True}
        hidden = factories.offering(session, now, firm, kind="residual", title="Hüttensand abzugeben", details=details)
        closed = factories.offering(session, now, firm, kind="residual", title="Alter Hüttensand", details=details)
        factories.offering(session, now, kind="residual", title="Anderer Hüttensand")
        factories.certificate(session, now, firm, number="EX-SECRET")
        offerings.move(session, factories.TESTER, closed, "archive", now)
    deliver()
    secrets = (name, "verschwiegen", "Verschwiegene", "Geheimweg", "23125-799", "Ute Schlacke", "EX-SECRET", firm.ref)
    paths = [prefix + SLUG.format(it) for prefix in PREFIXES.values() for it in (hidden, closed)]
    paths += ["/search?q=Hüttensand", "/api/v1/search/offerings?q=Hüttensand", "/api/v1/suggest?q=Hüttensand"]
    for path in [*paths, "/sitemap/offerings-1.xml"]:
        answer = client.get(path)
        assert answer.status_code in (200, 410), path
        assert path.startswith("/api/v1/suggest") or "uettensand" in answer.text or "Hüttensand" in answer.text
        for secret in secrets:
            assert secret not in answer.text, (path, secret)
    assert "Hüttensand abzugeben" not in client.get(f"/providers/{firm.ref}").text


def test_a_material_that_is_looked_for_is_not_called_offered(
    pages: TestClient, sessions: Sessions, now: datetime
) -> None:
    wanted = make(sessions, now, kind="residual", details=DETAILS["residual"], description="Trocken, sortenrein.")
    offered = make(sessions, now, description="Mit eigenem Kran.")
    assert "Was gesucht wird</h2>" in pages.get(SLUG.format(wanted)).text
    assert "Was angeboten wird</h2>" in pages.get(SLUG.format(offered)).text


def test_among_the_others_a_course_says_its_date_and_a_material_is_not_called_free(
    pages: TestClient, sessions: Sessions, now: datetime
) -> None:
    with sessions.begin() as session:
        firm = factories.organisation(session, now)
        first = factories.offering(session, now, firm)
        factories.offering(session, now, firm, kind="training", details=DETAILS["training"], title="Kurs")
    page = pages.get(SLUG.format(first)).text
    assert "nächster Termin 4. Mai" in page
    with sessions.begin() as session:
        other = factories.organisation(session, now)
        second = factories.offering(session, now, other)
        factories.offering(session, now, other, kind="residual", details=DETAILS["residual"], title="Ausbruch")
    page = pages.get(SLUG.format(second)).text
    assert "Ausbruch" in page
    assert "sofort frei" not in page


def test_one_act_of_a_page_is_yellow(seeded: TestClient) -> None:
    """A laboratory takes orders, so that asking it is the second way; else asking is the first."""
    for asked in ("kind=lab_test&q=Spodumen", "kind=service&q=Rohrleitungsbau", "kind=residual&q=Alumosilikat"):
        hit = seeded.get(f"/api/v1/search/offerings?{asked}").json()["hits"][0]
        assert seeded.get(hit["url"]).text.count("btn-signal") == 1, asked


def test_a_proof_of_many_years_is_counted_in_years(seeded: TestClient) -> None:
    hit = seeded.get("/api/v1/search/offerings?kind=rail&q=Akku-Rangierlok").json()["hits"][0]
    page = seeded.get(hit["url"]).text
    assert re.search(r"noch 1\d Jahre", page)
    assert not re.search(r"noch \d{3} Monate", page)
