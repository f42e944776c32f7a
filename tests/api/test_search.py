"""The JSON search as docs/interface says it: parameters, answers, refusals; on the demo data."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from market.api.parameters import PARAMETERS
from market.catalogue.criteria import SORTS, Asked
from search.documents import INDEXES
from search.query import Criteria

Answer = dict[str, Any]
Conforms = Callable[[str, Any], None]


def get(client: TestClient, tab: str, **params: Any) -> Answer:
    answer = client.get(f"/api/v1/search/{tab}", params=params)
    assert answer.status_code == 200, answer.text
    found: Answer = answer.json()
    return found


def test_the_description_is_valid_openapi_and_names_its_own_address(described: Answer) -> None:
    validate(described)
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "http://testserver"}]


def test_the_api_takes_what_the_page_takes() -> None:
    of_the_page = set(Asked("offerings", Criteria()).address()) - {"tab"}
    assert {parameter.name for parameter in PARAMETERS} == of_the_page | {"limit"}


@pytest.mark.parametrize("tab", INDEXES)
def test_an_answer_says_all_it_promises(seeded: TestClient, conforms: Conforms, tab: str) -> None:
    answer = seeded.get(f"/api/v1/search/{tab}", params={"near": "Guben", "radius_km": 100, "limit": 100})
    conforms(f"/api/v1/search/{tab}", answer)
    found = answer.json()
    assert found["limited"] is False
    assert 0 < len(found["hits"]) == min(found["total"], 100)
    for hit in found["hits"]:
        assert {"ref", "url", "kind", "title", "organisation", "place", "distance_km", "score", "reasons"} <= set(hit)
        assert hit["distance_km"] <= 100
        assert hit["url"].startswith(f"http://testserver/{tab}/{hit['ref']}/")
    assert seeded.get(found["hits"][0]["url"]).status_code == 200
    assert set(found["facets"]) <= {parameter.name for parameter in PARAMETERS}
    assert found["facets"]


def test_filters_hold_for_every_hit(seeded: TestClient) -> None:
    whole = get(seeded, "offerings", limit=100)
    for kind in ("service", "training", "lab_test", "residual", "rail"):
        found = get(seeded, "offerings", kind=kind, limit=100)
        assert {hit["kind"] for hit in found["hits"]} == {kind}
        assert found["total"] == whole["facets"]["kind"][kind]
    two = get(seeded, "offerings", kind=["rail", "lab_test"], limit=100)
    assert {hit["kind"] for hit in two["hits"]} == {"rail", "lab_test"}
    for name in ("trade", "language", "district"):
        value, number = next(iter(whole["facets"][name].items()))
        assert get(seeded, "offerings", **{name: value})["total"] == number, (name, value)


def test_several_certificates_have_to_hold_together(seeded: TestClient) -> None:
    found = get(seeded, "offerings", limit=100)["facets"]["certificate"]
    first, second = list(found)[:2]
    both = get(seeded, "offerings", certificate=[first, second])["total"]
    assert both <= min(found[first], found[second])
    late = get(seeded, "offerings", certificate=first, valid_on="2099-01-01")["total"]
    assert late <= get(seeded, "offerings", certificate=first)["total"]


def test_pages_follow_one_another_without_gap_or_double(seeded: TestClient) -> None:
    whole = get(seeded, "offerings", limit=60, sort="newest")["hits"]
    parts = [get(seeded, "offerings", limit=20, page=page, sort="newest")["hits"] for page in (1, 2, 3)]
    assert [hit["ref"] for part in parts for hit in part] == [hit["ref"] for hit in whole]
    assert len({hit["ref"] for hit in whole}) == 60
    assert get(seeded, "offerings", limit=100, page=100)["hits"] == []


def test_the_order_by_distance_is_one(seeded: TestClient) -> None:
    for tab in INDEXES:
        found = get(seeded, tab, near="03172", sort="distance", limit=50)["hits"]
        distances = [hit["distance_km"] for hit in found if hit["distance_km"] is not None]
        assert distances == sorted(distances)
        assert distances[0] < 20


def test_places_on_both_sides_are_known_by_name_and_postcode(seeded: TestClient) -> None:
    by_name, by_code = get(seeded, "offerings", near="Słubice"), get(seeded, "offerings", near="69-100")
    assert by_name["hits"]
    assert [hit["ref"] for hit in by_name["hits"]] == [hit["ref"] for hit in by_code["hits"]]


def test_reasons_speak_the_language_of_the_address(seeded: TestClient) -> None:
    texts = {}
    for prefix in ("", "/en", "/pl"):
        answer = seeded.get(f"{prefix}/api/v1/search/offerings", params={"q": "schweißen", "near": "Guben", "limit": 5})
        found = answer.json()
        assert all(f"testserver{prefix}/offerings/" in hit["url"] for hit in found["hits"])
        texts[prefix] = str([hit["reasons"] for hit in found["hits"]])
    assert len(set(texts.values())) == 3


WRONG: list[tuple[str, Any]] = [
    ("kind", "services"),
    ("trade", "no-such-trade"),
    ("cpv", "welding"),
    ("cpv", "4"),
    ("ewc", "12"),
    ("direction", "sideways"),
    ("near", "Atlantis"),
    ("radius_km", "0"),
    ("radius_km", "501"),
    ("radius_km", "near"),
    ("radius_km", "-5"),
    ("certificate", "iso-0"),
    ("certificate", "en-1090-2:EXC9"),
    ("valid_on", "31.02.2027"),
    ("valid_on", "tomorrow"),
    ("available_by", "2027-13-01"),
    ("language", "german"),
    ("employees", "many"),
    ("district", "Brandenburg"),
    ("procedure", "auction"),
    ("verified", "perhaps"),
    ("exact", "2"),
    ("sort", "price_desc"),
    ("page", "0"),
    ("page", "101"),
    ("page", "one"),
    ("limit", "0"),
    ("limit", "101"),
    ("limit", "-1"),
    ("limit", "1e1"),
    ("limit", "٢٠"),
    ("limit", ""),
    ("tab", "needs"),
    ("color", "red"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_what_is_not_understood_is_refused_by_name(
    seeded: TestClient, conforms: Conforms, name: str, value: str
) -> None:
    answer = seeded.get("/api/v1/search/offerings", params={name: value})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    conforms("/api/v1/search/offerings", answer)
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", 400)
    assert list(problem["fields"]) == [name]
    assert name in problem["detail"]


def test_all_that_is_wrong_is_named_at_once(seeded: TestClient) -> None:
    answer = seeded.get("/api/v1/search/needs?page=0&radius_km=x&near=Atlantis&what=ever&limit=1000")
    assert set(answer.json()["fields"]) == {"page", "radius_km", "near", "what", "limit"}


def test_orders_are_those_of_the_tab(seeded: TestClient, described: Answer) -> None:
    for tab in INDEXES:
        said = described["paths"][f"/api/v1/search/{tab}"]["get"]["parameters"]
        orders = next(p["schema"]["enum"] for p in said if p["name"] == "sort")
        assert tuple(orders) == SORTS[tab]
        for order in {order for orders in SORTS.values() for order in orders}:
            answer = seeded.get(f"/api/v1/search/{tab}", params={"sort": order})
            assert answer.status_code == (200 if order in SORTS[tab] else 400), (tab, order)


def test_there_is_no_search_for_anything_else(seeded: TestClient) -> None:
    for path in ("/api/v1/search/bids", "/api/v1/search/", "/api/v2", "/api/", "/en/api/v1/nothing"):
        answer = seeded.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path


def test_suggestions_begin_with_the_letters(seeded: TestClient, conforms: Conforms) -> None:
    answer = seeded.get("/api/v1/suggest", params={"q": "schwei"})
    conforms("/api/v1/suggest", answer)
    found = answer.json()["suggestions"]
    assert 0 < len(found) <= 8
    for one in found:
        assert seeded.get(one["url"]).status_code == 200
    assert seeded.get("/api/v1/suggest").json() == {"suggestions": []}
    assert seeded.get("/api/v1/suggest", params={"q": " "}).json() == {"suggestions": []}
    assert seeded.get("/api/v1/suggest", params={"q": "x", "limit": 3}).json()["fields"] == {
        "limit": "unknown parameter"
    }


def test_what_somebody_has_already_is_not_sent_again(seeded: TestClient, conforms: Conforms) -> None:
    for path, params in (("/api/v1/search/offerings", {"q": "kran"}), ("/api/v1/suggest", {"q": "kr"})):
        first = seeded.get(path, params=params)
        again = seeded.get(path, params=params, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
        assert again.status_code == 304
        conforms(path, again)


def test_programs_elsewhere_are_counted_and_this_machine_is_not(seeded: TestClient) -> None:
    far = TestClient(seeded.app, client=("203.0.113.77", 4711))
    answers = [far.get("/api/v1/nothing") for _ in range(70)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert refused[0].headers["content-type"] == "application/problem+json"
    assert sum(answer.status_code == 404 for answer in answers) >= 50
    near = TestClient(seeded.app, client=("127.0.0.1", 4711))
    assert {near.get("/api/v1/nothing").status_code for _ in range(70)} == {404}


VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            *(
                "",
                "0",
                "1",
                "-1",
                "1e9",
                "9" * 30,
                "NaN",
                "true",
                "\x00",
                "\u202e",
                "' or 1=1 --",
                '"',
                "*",
                "{}",
                "[]",
            ),
            *("45", "45231100-6", "Guben", "03172", "2027-02-30", "0000-01-01", "9999-12-31", "de", "iso-9001", "rail"),
            *("price", "distance", "deadline", "a" * 5000, "-" * 200, '"offen', "müll", "🏗" * 99, "%", "\\", "../.."),
        ]
    ),
)
NAMES = st.sampled_from([parameter.name for parameter in PARAMETERS])


@pytest.mark.parametrize("tab", INDEXES)
def test_whatever_is_asked_there_is_an_answer(seeded: TestClient, conforms: Conforms, tab: str) -> None:
    path = f"/api/v1/search/{tab}"

    @settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(st.tuples(NAMES, VALUES), max_size=6))
    def ask(params: list[tuple[str, str]]) -> None:
        answer = seeded.get(path, params=[*params])
        assert answer.status_code in (200, 400), (params, answer.text)
        conforms(path, answer)
        page = seeded.get("/search", params=[("tab", tab), *params])
        assert page.status_code == 200, params

    ask()


def test_bytes_that_are_no_text_are_an_answer_too(seeded: TestClient) -> None:
    for query in ("q=%ff%fe", "q=%00", "q=%ED%A0%80", "near=%C3", "q[]=x", "&&&==", "q=" + "%20" * 4000, "limit=%31"):
        answer = seeded.get(f"/api/v1/search/offerings?{query}")
        assert answer.status_code in (200, 400), query
        assert seeded.get(f"/api/v1/suggest?{query}").status_code in (200, 400), query
        assert seeded.get(f"/search?{query}").status_code == 200, query
