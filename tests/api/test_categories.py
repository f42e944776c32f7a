from starlette.testclient import TestClient


def test_codes_and_trades_for_a_text(client: TestClient) -> None:
    answer = client.get("/api/v1/categories/suggest", params={"text": "Gerüstbauarbeiten. Fassade der Halle 4"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["codes"][0] | {"score": 1} == {
        "scheme": "cpv",
        "code": "45262100",
        "label": "Gerüstbau",
        "score": 1,
    }
    assert found["trades"][0]["id"] == "scaffolding"
    assert found["trades"][0]["name"] == "Gerüstbau"


def test_labels_follow_the_language_of_the_address(client: TestClient) -> None:
    answer = client.get("/pl/api/v1/categories/suggest", params={"text": "Gerüstbauarbeiten"})
    assert answer.json()["trades"][0]["name"] == "Rusztowania"


def test_no_text_no_codes(client: TestClient) -> None:
    assert client.get("/api/v1/categories/suggest").json() == {"codes": [], "trades": []}


def test_an_unknown_parameter_is_named(client: TestClient) -> None:
    answer = client.get("/api/v1/categories/suggest", params={"q": "x"})
    assert answer.status_code == 400
    assert answer.json()["fields"] == {"q": "unknown parameter"}


def test_it_is_described(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()
    assert "/api/v1/categories/suggest" in described["paths"]
    assert "Categories" in described["components"]["schemas"]
