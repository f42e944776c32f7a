from datetime import UTC, date, datetime

import pytest
from starlette.testclient import TestClient

from market.values import local_day

POLISH = {
    "title": "Spawanie rur i rurociągów",
    "description": "Szukamy spawaczy do rurociągów technologicznych ze stali czarnej i nierdzewnej, metoda TIG 141.",
    "place": "Eisenhüttenstadt",
}


def test_a_polish_need_finds_the_pipe_welders_with_polish_reasons(seeded: TestClient) -> None:
    answer = seeded.post("/pl/api/v1/match", json=POLISH)
    assert answer.status_code == 200
    found = answer.json()["matches"]
    best = found[0]
    assert best["organisation"] == "Oderadler Rohrbau GmbH"
    assert best["lang"] == "de"
    assert abs(sum(reason["points"] for reason in best["reasons"]) - best["score"]) < 1e-9
    trade = next(reason for reason in best["reasons"] if reason["criterion"] == "trades")
    assert trade["text"].startswith("Ta sama branża: ")
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


def test_asking_twice_gives_the_same_answer(seeded: TestClient) -> None:
    one, other = (seeded.post("/api/v1/match", json=POLISH).json() for _ in range(2))
    assert one == other


def test_a_kind_is_kept_to_and_rail_is_found_by_everyday_words(seeded: TestClient) -> None:
    need = {"title": "Rangierlok mit Personal für Wagenzustellung", "kind": "rail", "place": "Guben"}
    found = seeded.post("/api/v1/match", json=need).json()["matches"]
    assert found
    assert {one["kind"] for one in found} == {"rail"}


def test_a_residual_needs_a_recipient_whose_permit_covers_its_code(seeded: TestClient) -> None:
    need = {"title": "Abnehmer für Altholz", "kind": "residual", "ewc": ["17 02 01"]}
    answer = seeded.post("/api/v1/match", json=need).json()
    covered = {one["title"] for one in answer["matches"]}
    assert any("Altholz" in title for title in covered)
    other = seeded.post("/api/v1/match", json=need | {"ewc": ["17 01 06*"]}).json()
    assert not any("Altholz" in one["title"] for one in other["matches"])
    assert {one["criterion"] for one in other["near"]} <= {"permit", "verified"}
    assert any("17 01 06*" in one["text"] for one in other["near"])


def test_a_certificate_that_ends_before_the_work_leads_to_the_next_course(seeded: TestClient) -> None:
    today = local_day(datetime.now(UTC))
    need = {
        "title": "Mobile Schweißer für Stillstand und Reparatur (111, 135, 136, 141)",
        "certificates": ["scc:SCC**"],
        "on_date": date(today.year + 1, today.month, 1).isoformat(),
        "place": "Eisenhüttenstadt",
    }
    answer = seeded.post("/api/v1/match", json=need).json()
    near = next(one for one in answer["near"] if one["organisation"] == "Funkenflug Schweißmontagen GmbH")
    assert near["criterion"] == "certificate"
    assert "SCC" in near["text"]
    assert near["title"] not in [one["title"] for one in answer["matches"]]
    course = near["offers"][0]
    assert "SGU" in course["title"]
    assert course["on"] >= today.isoformat()


def test_excluded_ones_are_never_returned(seeded: TestClient) -> None:
    best = seeded.post("/api/v1/match", json=POLISH).json()["matches"][0]
    for name in (best["external_id"], best["ref"]):
        found = seeded.post("/api/v1/match", json=POLISH | {"exclude": [name]}).json()["matches"]
        assert best["ref"] not in [one["ref"] for one in found]


def test_the_limit_is_kept(seeded: TestClient) -> None:
    assert len(seeded.post("/api/v1/match?limit=2", json=POLISH).json()["matches"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"{", 400, "no JSON object"),
        (b"[]", 400, "no JSON object"),
        (b"{}", 422, "'title' is missing"),
        (b'{"title": "x", "titel": "y"}', 422, "did you mean 'title'"),
        (b'{"title": "x", "certificates": ["nonsense-9"]}', 422, "no certificate we know"),
    ],
)
def test_a_wrong_need_is_refused_and_says_why(seeded: TestClient, body: bytes, status: int, told: str) -> None:
    answer = seeded.post("/api/v1/match", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert told in answer.json()["detail"]


def test_a_wrong_limit_is_refused(seeded: TestClient) -> None:
    assert seeded.post("/api/v1/match?limit=0", json=POLISH).status_code == 400
    assert seeded.post("/api/v1/match?q=1", json=POLISH).status_code == 400


def test_it_is_described(seeded: TestClient) -> None:
    described = seeded.get("/api/v1/openapi.json").json()
    assert described["paths"]["/api/v1/match"]["post"]["operationId"] == "match"
    assert described["components"]["schemas"]["Need"]["required"] == ["title"]
