"""What a bidder does, through the pages: write, save, look once more, hand in, confirm, take back."""

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from market.bids import keys as keys_module
from market.bids import receipts
from market.bids.models import Draft, DraftFile
from market.config import Settings
from market.db import Sessions
from tests.bids.stand import Stand, keyroom_at
from tests.files.test_checks import PDF

Enter = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def keyroom(settings: Settings, cheap: None) -> Iterator[None]:
    with keyroom_at(settings):
        yield


@pytest.fixture
def stand(sessions: Sessions, settings: Settings) -> Stand:
    return Stand(sessions, settings)


@pytest.mark.parametrize("procedure", ["tender", "quotation"])
def test_a_bid_is_written_looked_at_handed_in_and_answered_with_a_receipt_that_holds(
    stand: Stand, enter: Enter, procedure: str
) -> None:
    stand.post(procedure)
    window = enter("bo@rohr.example", "bidder", firm="Rohr Probe GmbH")
    assert "412" not in window.get(stand.page).text
    kept = window.post(stand.page, data=stand.typed(**{f"value.{stand.requirement}": "yes", "quote_number": "A-7"}))
    assert (kept.status_code, kept.headers["location"]) == (303, f"{stand.page}?edit=1")
    page = window.get(f"{stand.page}?edit=1").text
    assert 'value="412,50"' in page
    assert "74.250\xa0€" in page  # 180 m
    upload = window.post(
        stand.page,
        data=stand.typed(seen="1", do="attach"),
        files={"files": ("Konzept.pdf", PDF, "application/pdf")},
    )
    assert upload.status_code == 303, upload.text
    check = window.get(f"{stand.page}/check").text
    assert "Konzept.pdf" in check
    assert "1 Position ohne Preis" in check
    unsigned = stand.hand_in(window, binding="")
    assert unsigned.status_code == 422
    done = stand.hand_in(window)
    assert done.status_code == 303, done.text
    receipt = window.get(done.headers["location"])
    assert receipt.status_code == 200
    said = json.loads(window.get(done.headers["location"] + "/json").content)
    public = keys_module.Keys(stand.settings.keys_socket).public()
    assert receipts.fault(said, {said["key"]: public}) == ""
    assert said["signature"] in receipt.text
    assert [(bid.state, bid.content) for bid in stand.bids()] == [("submitted", {})]
    with stand.sessions() as session:
        assert session.scalars(select(Draft)).all() == []
        assert session.scalars(select(DraftFile)).all() == []
    assert "Ihr Gebot" in window.get(stand.page).text
    assert done.headers["location"] in window.get("/me/bids").text
