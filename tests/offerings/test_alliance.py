"""A module of joint apprenticeship training: what it takes, that form and table give it back whole, how it is shown
and found, and that acting on it means asking."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from starlette.testclient import TestClient

from market.accounts.models import Organisation
from market.catalogue import fallback
from market.db import Sessions
from market.exchange import exporting
from market.exchange.offerings import merged
from market.exchange.reasons import Refused, read_details
from market.i18n import words
from market.intake.details import FIELDS, value_of
from market.intake.reading import Plan
from market.offerings import service
from market.offerings.kinds.training import Training
from market.offerings.models import Offering
from market.publishing.kinds import training as sheet
from market.publishing.kinds.common import come, shown
from market.taxonomy import occupations
from market.values import LANGUAGES, local_day, utc_now
from search.query import Criteria
from tests import factories as make
from tests.factories import ALLIANCE, TESTER

Enter = Callable[..., TestClient]
DETAILS = {"qualification": "Bescheinigung über das Modul", "alliance": ALLIANCE}
TITLE = "Verbundmodul Drehen und Fräsen"

names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=30).filter(
    lambda text: not {";", '"'} & set(text) and text[0] not in "[=+-@'"
)
alliances = st.fixed_dictionaries(
    {
        "occupations": st.lists(st.sampled_from(list(occupations.by_id())), min_size=1, max_size=4, unique=True),
        "weeks": st.integers(1, 52),
    },
    optional={
        "years": st.lists(st.integers(1, 4), min_size=1, unique=True),
        "apprentices_per_year": st.integers(1, 1000),
        "contract": st.just("sending_firm"),
        "lead": names,
        "partners": st.lists(names, min_size=1, max_size=4, unique=True),
        "support_possible": st.just(True),
    },
)


@given(alliance=alliances)
@settings(max_examples=60, deadline=None)
def test_form_and_table_give_a_module_back_as_it_was(alliance: dict[str, Any]) -> None:
    details = {"qualification": "Modul", "alliance": alliance}
    assert Training.model_validate(details).alliance is not None
    filled = shown(sheet, details).filled.values
    typed = [(key, one) for key, value in filled.items() for one in (value if isinstance(value, list) else [value])]
    some = come(FormData([(key, str(value)) for key, value in typed]), sheet, words("de"), whole=True)
    assert some.filled.data is not None, some.filled.errors
    assert sheet.details(some.filled.data, some.rows, {})["alliance"] == alliance
    for language in LANGUAGES:
        cells = {f"details.alliance.{key}": cell(key, value, language) for key, value in alliance.items()}
        plan = Plan("csv", "", "", ["title", *cells], "training")
        assert plan.values(["Modul", *cells.values()])["details"]["alliance"] == alliance


def cell(key: str, value: Any, language: str) -> str:
    """As a firm writes it into its table."""
    if key == "occupations":
        return "; ".join(occupations.name(id_, language) for id_ in value)
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    return "ja" if value is True else str(value)


@pytest.mark.parametrize(
    ("change", "column", "sentence"),
    [
        ({"occupations": ["Bäcker"]}, "details.alliance.occupations", "Den Beruf „Bäcker“ kennen wir nicht"),
        ({"occupations": []}, "details.alliance.occupations", "Mindestens"),
        ({"weeks": 53}, "details.alliance.weeks", "52"),
        ({"years": [5]}, "details.alliance.years.0", "1, 2, 3 oder 4"),
        ({"lead": ""}, "details.alliance.lead", "Namen des Leitbetriebs"),
    ],
)
def test_what_is_wrong_is_told_at_its_column(change: dict[str, Any], column: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_details("training", DETAILS | {"alliance": ALLIANCE | change})
    (fault,) = refused.value.faults
    assert fault.column == column
    assert sentence in words("de")(fault.message, **fault.values).replace(" or ", " oder ")


@pytest.mark.parametrize(
    "written",
    ["Industriemechaniker", "industriemechanikerin", "Industriemechaniker/-in", "Industriemechaniker (m/w/d)",
     "Industriemechaniker*in", "Mechanik przemysłowy", "industrial mechanic", "industrial-mechanic"],
)  # fmt: skip
def test_an_occupation_is_known_however_it_is_written(written: str) -> None:
    assert occupations.named(written) == "industrial-mechanic"
    column = next(one for one in FIELDS if one.key == "details.alliance.occupations")
    assert value_of(column, f"{written}; Bäcker") == ["industrial-mechanic", "Bäcker"]


def test_every_name_of_an_occupation_leads_to_it_alone() -> None:
    for id_, one in occupations.by_id().items():
        for said in (*one.names.values(), *one.also, f"{one.names['de']} (m/w/d)"):
            assert occupations.named(said) == id_


def test_a_table_that_names_one_column_leaves_the_others() -> None:
    after = merged(DETAILS, {"alliance": {"weeks": 6}})
    assert after["alliance"] == ALLIANCE | {"weeks": 6}


def test_the_export_gives_the_module_back_and_changes_nothing(session: Session, now: datetime) -> None:
    offering = make.offering(session, now, kind="training", details=DETAILS)
    session.flush()
    (record,) = exporting.offerings(session, "http://testserver")
    again = session.get_one(Offering, offering.id)
    assert record["details"]["alliance"] == ALLIANCE
    assert not service.change(session, TESTER, again, now, details=record["details"])
    with pytest.raises(ValidationError):
        service.change(session, TESTER, again, now, details=DETAILS | {"alliance": {"weeks": 6}})


def test_a_firm_publishes_a_module_and_another_finds_it_and_asks(
    enter: Enter, sessions: Sessions, client: TestClient, deliver: Callable[[], int]
) -> None:
    firm = enter("adm@probe.example", "editor")
    with sessions.begin() as session:
        mine = session.scalars(select(Organisation).where(Organisation.name == "Probe GmbH")).one()
        draft = make.offering(session, utc_now(), mine, kind="training", status="draft", title=TITLE)
        make.offering(session, utc_now(), kind="training", title="Kurs Kettensäge")
        ref = draft.ref
    page = firm.get(f"/me/offerings/{ref}/facts").text
    assert "Verbundausbildung" in page
    wrong = firm.post(f"/me/offerings/{ref}/facts", data={"qualification": "Modul", "alliance_contract": "lead_firm"})
    assert wrong.status_code == 422
    for sentence in ("mindestens einen Ausbildungsberuf", "wie viele Wochen", "Namen des Leitbetriebs"):
        assert sentence in wrong.text
    form = {
        "qualification": "Bescheinigung über das Modul",
        **{f"alliance_{name}": ALLIANCE[name] for name in ("occupations", "weeks", "years", "contract", "lead")},
        "alliance_apprentices": 12,
        "alliance_partners": "\n".join(ALLIANCE["partners"]),
        "alliance_support": "yes",
    }
    assert firm.post(f"/me/offerings/{ref}/facts", data=form).status_code == 303
    assert "Zerspanungsmechaniker/in" in firm.get(f"/me/offerings/{ref}").text
    assert firm.post(f"/me/offerings/{ref}/publish").status_code == 303
    deliver()
    with sessions() as session:
        kept = session.scalars(select(Offering).where(Offering.ref == ref)).one()
        assert kept.details_json["alliance"] == ALLIANCE
        address = f"/offerings/{ref}/{kept.slug}"
    for prefix, said in (("", "Leitbetrieb"), ("/en", "Machining mechanic"), ("/pl", "Operator obrabiarek")):
        page = client.get(prefix + address).text
        assert said in page
        assert "Probebau, Klein &amp; Co. KG" in page
        assert page.count(f"/enquiries/new?item=o{ref}") == 2, "beside the module, and beside the firm"
        assert "/wish" not in page, "nobody pledges seats in a module: firms ask"
    found = client.get("/api/v1/search/offerings", params={"occupation": "tool-mechanic"}).json()
    assert [hit["ref"] for hit in found["hits"]] == [ref]
    assert found["facets"]["occupation"] == {"machining-mechanic": 1, "tool-mechanic": 1}
    polish = client.get("/pl/search?kind=training&q=obrabiarek").text
    assert TITLE in polish
    assert 'name="occupation" value="tool-mechanic"' in polish
    for word in ("Musterdreh", "Probebau"):
        hits = client.get("/api/v1/search/offerings", params={"q": word, "exact": "1"}).json()["hits"]
        assert not hits, "the other firms of an alliance stand on its page alone"


def test_without_the_search_server_the_occupation_narrows_as_well(session: Session, now: datetime) -> None:
    def titles(**chosen: tuple[str, ...]) -> list[str]:
        hits = fallback.find(session, "offerings", Criteria(**chosen), local_day(now)).hits  # type: ignore[arg-type]
        return [hit.document["title"] for hit in hits]

    make.offering(session, now, kind="training", title=TITLE, details=DETAILS)
    make.offering(session, now, kind="training", title="Kurs Kettensäge")
    make.offering(session, now, kind="residual", title="Hüttensand")
    session.flush()
    assert titles(occupations=("mechatronics", "tool-mechanic")) == [TITLE]
    assert titles(occupations=("mechatronics",)) == []
    assert titles(directions=("available",)) == ["Hüttensand"]
    assert titles(directions=("wanted",)) == []
