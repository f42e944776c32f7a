"""A file of a bid comes piece by piece, and goes on where the network broke it off."""

import io
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from starlette.testclient import TestClient

from market import clock
from market.bids import uploads
from market.bids.draft_models import DraftFile, DraftUpload, UploadPiece
from market.config import Settings
from market.db import Sessions
from market.files.checks import MOST_BYTES
from market.values import utc_now
from tests import factories as make
from tests.bids.stand import Stand
from tests.files.test_checks import PDF
from tests.support.keyroom import key_process

Enter = Callable[..., TestClient]
BO = ("bo@rohr.example", "bidder")
BIG = PDF + os.urandom(2 * uploads.PIECE)
"""Three pieces of a PDF."""


@pytest.fixture(autouse=True)
def keyroom(settings: Settings, cheap: None) -> Iterator[None]:
    with key_process(settings.var, utc_now):
        yield


@pytest.fixture
def stand(sessions: Sessions, settings: Settings) -> Stand:
    return Stand(sessions, settings).post()


class Bringing:
    """What the script of the page does, step by step."""

    def __init__(self, window: TestClient, stand: Stand) -> None:
        self.window, self.page = window, stand.page
        window.post(stand.page, data=stand.typed(do="autosave"))
        self.to = ""

    def begin(self, content: bytes = BIG, name: str = "Konzept.pdf", **more: Any) -> Any:
        said = {"name": name, "type": "application/pdf", "size": len(content), "modified": "1700000000000"} | more
        answer = self.window.post(f"{self.page}/files", data=said)
        self.to = answer.json().get("to", "")
        return answer

    def send(self, start: int, content: bytes) -> Any:
        files = {"piece": ("piece", content)} if content else {}
        return self.window.post(self.to, data={"start": str(start)}, files=files)

    def rest(self, content: bytes, came: int = 0) -> Any:
        """All that is missing, piece by piece; the last answer."""
        while True:
            answer = self.send(came, content[came : came + uploads.PIECE])
            if "came" not in answer.json() or answer.status_code != 200:
                return answer
            came = answer.json()["came"]


@pytest.fixture
def bo(stand: Stand, enter: Enter) -> Bringing:
    return Bringing(enter(*BO), stand)


def left(stand: Stand) -> tuple[int, int, int]:
    """Files, uploads and pieces that have rows."""
    with stand.sessions() as session:
        files, coming, pieces = (
            session.scalar(select(func.count()).select_from(table)) for table in (DraftFile, DraftUpload, UploadPiece)
        )
        return files or 0, coming or 0, pieces or 0


def bytes_kept(settings: Settings) -> list[bytes]:
    folder = settings.var / "files"
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_a_file_in_three_pieces_becomes_an_attachment_and_the_pieces_go(
    stand: Stand, bo: Bringing, settings: Settings
) -> None:
    begun = bo.begin().json()
    assert (begun["came"], begun["piece"]) == (0, uploads.PIECE)
    answer = bo.rest(BIG)
    assert answer.status_code == 200, answer.text
    done = answer.json()["held"]
    assert (done["name"], done["size"]) == ("Konzept.pdf", "1 MB")
    assert left(stand) == (1, 0, 0)
    (kept,) = bytes_kept(settings)
    assert len(kept) > len(BIG)
    assert BIG[:40] not in kept
    page = bo.window.get(f"{stand.page}?edit=1").text
    assert f'value="{done["ref"]}"' in page
    handed = stand.hand_in(bo.window)
    assert handed.status_code == 303, handed.text
    assert left(stand) == (0, 0, 0)


def test_what_was_broken_off_goes_on_from_there_on_another_device_too(stand: Stand, bo: Bringing, enter: Enter) -> None:
    bo.begin()
    assert bo.send(0, BIG[: uploads.PIECE]).json() == {"came": uploads.PIECE}
    page = bo.window.get(f"{stand.page}?edit=1").text
    assert "Konzept.pdf" in page
    assert "524 kB von 1 MB sind da" in page
    assert "Konzept.pdf" in bo.window.get(f"{stand.page}/check").text  # what is not whole is not part of the bid
    again = Bringing(enter(*BO), stand)
    assert again.begin().json()["came"] == uploads.PIECE
    assert again.send(0, BIG[: uploads.PIECE]).status_code == 409  # sent twice: told what is here
    assert again.send(0, BIG[: uploads.PIECE]).json() == {"came": uploads.PIECE}
    assert again.begin(modified="1700000000001").json()["came"] == 0  # another file of that name
    again.begin()
    held = again.rest(BIG, uploads.PIECE).json()["held"]
    assert held["name"] == "Konzept.pdf"
    assert left(stand) == (1, 1, 0)
    assert bo.send(uploads.PIECE, BIG[uploads.PIECE :]).json() == {"held": held}  # the first window learns of it
    again.window.post(stand.page, data=stand.typed(seen="1", do="save", off=held["ref"]))
    assert bo.send(uploads.PIECE, BIG[uploads.PIECE :]).status_code == 404


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"MZ", "Programm.exe", "Diese Art von Datei"),
        (b"", "leer.pdf", "leer"),
        (b"x" * (MOST_BYTES + 1), "Plan.pdf", "20\u00a0MB"),
    ],
)
def test_what_name_and_size_rule_out_is_said_before_a_byte_is_sent(
    stand: Stand, bo: Bringing, content: bytes, name: str, said: str
) -> None:
    refused = bo.begin(content, name)
    assert refused.status_code == 422
    assert said in refused.json()["said"]
    assert left(stand) == (0, 0, 0)


def test_the_limit_of_the_whole_bid_counts_what_is_coming(stand: Stand, bo: Bringing) -> None:
    for number in range(3):
        assert bo.begin(b"x" * MOST_BYTES, f"Plan-{number}.pdf").status_code == 200
    refused = bo.begin(PDF, "noch-einer.pdf")
    assert (refused.status_code, "60\u00a0MB" in refused.json()["said"]) == (422, True)
    assert bo.begin(b"x" * MOST_BYTES, "Plan-1.pdf").status_code == 200  # it is one of them


def test_what_is_not_what_its_name_says_is_refused_and_gone(stand: Stand, bo: Bringing, settings: Settings) -> None:
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    bo.begin(out.getvalue(), "Konzept.pdf")
    refused = bo.rest(out.getvalue())
    assert refused.status_code == 422
    assert "passt nicht" in refused.json()["said"]
    assert left(stand) == (0, 0, 0)
    assert bytes_kept(settings) == []


@pytest.mark.parametrize("sent", [BIG[: uploads.PIECE + 1], b"", BIG])
def test_a_piece_is_as_long_as_it_may_be(stand: Stand, bo: Bringing, sent: bytes) -> None:
    bo.begin(BIG[: uploads.PIECE + 9])
    assert bo.send(0, sent).status_code == 422
    assert left(stand) == (0, 0, 0)


def test_a_store_that_is_away_loses_nothing(stand: Stand, bo: Bringing, settings: Settings) -> None:
    bo.begin()
    assert bo.send(0, BIG[: uploads.PIECE]).status_code == 200
    folder = settings.var / "files"
    aside = folder.rename(folder.with_name("aside"))
    folder.write_text("in the way")
    away = bo.send(uploads.PIECE, BIG[uploads.PIECE : 2 * uploads.PIECE])
    assert (away.status_code, away.json()["came"]) == (503, uploads.PIECE)
    folder.unlink()
    aside.rename(folder)
    assert bo.send(uploads.PIECE, BIG[uploads.PIECE : 2 * uploads.PIECE]).status_code == 200
    lost = sorted(folder.rglob("*"))[-1]
    lost.rename(folder.with_name("lost"))
    away = bo.send(2 * uploads.PIECE, BIG[2 * uploads.PIECE :])  # all is here, and cannot be put together
    assert (away.status_code, away.json()["came"]) == (503, len(BIG))
    folder.with_name("lost").rename(lost)
    assert bo.begin().json()["came"] == len(BIG)
    assert bo.send(len(BIG), b"").json()["held"]["name"] == "Konzept.pdf"
    assert left(stand) == (1, 0, 0)


def test_it_is_forgotten_when_somebody_says_so_after_two_days_and_with_the_bid(
    stand: Stand, bo: Bringing, settings: Settings
) -> None:
    bo.begin()
    bo.send(0, BIG[: uploads.PIECE])
    assert bo.window.post(bo.to, data={"off": "1"}).json() == {}
    assert (left(stand), bytes_kept(settings)) == ((0, 0, 0), [])
    upload = bo.begin().json()["upload"]
    bo.send(0, BIG[: uploads.PIECE])
    bo.window.post(stand.page, data=stand.typed(seen="1", off=upload))
    assert (left(stand), bytes_kept(settings)) == ((0, 0, 0), [])
    bo.begin()
    bo.send(0, BIG[: uploads.PIECE])
    for hours, there in ((47, 1), (75, 0)):
        with stand.sessions.begin() as session:
            clock.tick(session, stand.now)
            clock.tick(session, stand.now + timedelta(hours=hours))
        assert left(stand)[1] == there
    assert bytes_kept(settings) == []
    bo.begin()
    bo.send(0, BIG[: uploads.PIECE])
    assert stand.hand_in(bo.window).status_code == 303
    assert left(stand) == (0, 0, 0)


def test_only_the_firm_itself_while_it_is_signed_in_and_until_the_deadline(
    stand: Stand, bo: Bringing, enter: Enter, window: Callable[[], TestClient]
) -> None:
    bo.begin()
    outside = window().post(bo.to, data={"start": "0"}, files={"piece": ("piece", PDF)})
    assert (outside.status_code, "sign_in" in outside.json()) == (401, True)
    assert window().post(f"{stand.page}/files", data={"name": "a.pdf", "size": "9"}).status_code == 401
    with stand.sessions.begin() as session:
        make.organisation(session, stand.now, name="Fremde GmbH")
    stranger = enter("eva@fremd.example", "bidder", firm="Fremde GmbH")
    assert stranger.post(f"{stand.page}/files", data={"name": "a.pdf", "size": "9"}).status_code == 404  # no draft
    stranger.post(stand.page, data=stand.typed(do="autosave"))
    assert stranger.post(bo.to, data={"start": "0"}, files={"piece": ("piece", PDF)}).status_code == 404
    stand.deadline(utc_now() - timedelta(seconds=1))
    assert bo.send(0, BIG[: uploads.PIECE]).status_code == 409
