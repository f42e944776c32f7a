"""A firm at the wizard, as forms send it."""

from typing import Any

from starlette.testclient import TestClient

KINDS: dict[str, dict[str, Any]] = {
    "service": {
        "title": "Rohrleitungen aus Edelstahl schweißen",
        "trades": ["piping-construction"],
        "facts": {"crew_size": "6", "work_place": ["on_site", "workshop"], "more": ["shift_work"]},
        "details": {"crew_size": 6, "work_place": ["on_site", "workshop"], "shift_work": True},
    },
    "training": {
        "title": "Schweißerprüfung nach EN ISO 9606-1",
        "trade": "Schweißerausbildung und Schweißerprüfung",
        "facts": {
            "qualification": "EN ISO 9606-1, 135",
            "rows-sessions": "2",
            "sessions-0-starts_on": "2027-03-01",
            "sessions-0-ends_on": "5.3.2027",
            "sessions-0-seats_min": "4",
            "sessions-0-seats_max": "8",
            "sessions-0-place": "Werkhalle 3",
            "sessions-0-seat_price": "1.249,50",
            "sessions-0-language": "de",
            "sessions-1-language": "de",
            "rows-welding": "1",
            "welding-0-standard": "EN ISO 9606-1",
            "welding-0-process": "135",
            "welding-0-product": "plate",
            "welding-0-positions": "PA, PF",
        },
        "details": {"qualification": "EN ISO 9606-1, 135"},
    },
    "lab_test": {
        "title": "Zugversuch an Stahlproben",
        "trade": "Zugversuch",
        "facts": {
            "rows-methods": "1",
            "methods-0-parameter": "Zugfestigkeit",
            "methods-0-matrix": "Stahl",
            "methods-0-standard": "DIN EN ISO 6892-1",
            "methods-0-price": "58,50",
        },
        "details": {
            "methods": [
                {"parameter": "Zugfestigkeit", "matrix": "Stahl", "standard": "DIN EN ISO 6892-1", "price": 58.5}
            ]
        },
    },
    "residual": {
        "title": "Walzzunder, trocken",
        "trade": "walzz",
        "facts": {
            "direction": "available",
            "material": "Walzzunder",
            "legal_status": "waste",
            "ewc": "10 02 10 Walzzunder",
            "quantity": "1.200",
            "unit": "TNE",
            "per": "year",
        },
        "details": {"direction": "available", "ewc_code": "10 02 10", "quantity": 1200.0},
    },
    "rail": {
        "title": "Rangieren im Werkbahnhof",
        "trade": "Rangierdienst",
        "facts": {
            "services": ["shunting"],
            "useful_length_m": "620",
            "axle_load_t": "22,5",
            "gauge_mm": "1435",
            "rows-slots": "1",
            "slots-0-day": "2027-02-01",
            "slots-0-window": "6:00 - 10:00",
            "slots-0-capacity": "2",
            "slots-0-unit": "train",
            "dangerous_goods": ["3", "8"],
        },
        "details": {
            "services": ["shunting"],
            "slots": [{"day": "2027-02-01", "window": "06:00-10:00", "capacity": 2, "unit": "train"}],
        },
    },
}
WHERE = {"place": "15890 Eisenhüttenstadt", "reach": "60", "price_mode": "from", "price": "58", "unit": "HUR"}


def begin(client: TestClient, kind: str = "service", **more: str) -> str:
    """Screen 1; the reference of the draft."""
    form = {"title": KINDS[kind]["title"], "kind": kind} | more
    answer = client.post("/me/offerings/new", data=form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].split("/")[3])


def through(client: TestClient, kind: str) -> str:
    """Screens 1 to 4; the reference of the draft."""
    ref, given = begin(client, kind), KINDS[kind]
    trade = {"trades": given["trades"]} if "trades" in given else {"trade": given["trade"]}
    for part, form in (("trade", trade), ("facts", given["facts"]), ("where", WHERE)):
        answer = client.post(f"/me/offerings/{ref}/{part}", data=form)
        assert answer.status_code == 303, answer.text
    return ref
