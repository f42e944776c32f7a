"""The key process: what it gives out, when, and what it writes down. Over its real socket, with a clock of the test."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from market.bids.keyroom import Door, Keyroom, Ledger, Refused
from market.bids.keys import Keys
from market.bids.receipts import fault
from market.bids.sealing import moment
from market.cli import main
from market.errors import Conflict, Unavailable
from tests.bids.test_sealing import DEADLINE, SAID
from tests.support.town import until

SHARE = b"s" * 32
DAY = timedelta(days=1)


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock(DEADLINE - DAY)


Begin = Callable[[], Keys]


@pytest.fixture
def begin(tmp_path: Path, clock: Clock) -> Iterator[Begin]:
    """Starts a key process's inside anew on the same log."""
    running: list[tuple[Door, Ledger]] = []

    def end() -> None:
        while running:
            door, ledger = running.pop()
            door.shutdown()
            door.server_close()
            ledger.close()

    def begin() -> Keys:
        end()
        ledger = Ledger(tmp_path / "keys.log")
        door = Door(tmp_path / "keys.sock", Keyroom("k" * 40, ledger, clock))
        running.append((door, ledger))
        threading.Thread(target=door.serve_forever, args=(0.02,), daemon=True).start()
        return Keys(tmp_path / "keys.sock", 1)

    yield begin
    end()


def test_the_share_comes_out_from_the_deadline_on_and_not_before(begin: Begin, clock: Clock) -> None:
    keys = begin()
    wrapped = keys.wrap(SHARE, "t", DEADLINE)
    assert SHARE not in wrapped
    for early in (DAY, timedelta(milliseconds=1), timedelta(microseconds=1)):
        clock.now = DEADLINE - early
        with pytest.raises(Conflict, match="before the deadline"):
            keys.release(wrapped, "t", DEADLINE)
    clock.now = DEADLINE
    assert keys.release(wrapped, "t", DEADLINE) == SHARE


def test_a_deadline_moved_in_the_database_breaks_the_share(begin: Begin, clock: Clock) -> None:
    keys = begin()
    wrapped = keys.wrap(SHARE, "t", DEADLINE)
    for moved in (-DAY, timedelta(microseconds=-1)):
        clock.now = DEADLINE - timedelta(seconds=1)
        with pytest.raises(Conflict):
            keys.release(wrapped, "t", DEADLINE + moved)
    clock.now = DEADLINE + 2 * DAY
    for wrong in (DEADLINE - DAY, DEADLINE + DAY):
        with pytest.raises(Conflict, match="not a share"):
            keys.release(wrapped, "t", wrong)
    with pytest.raises(Conflict, match="not a share"):
        keys.release(wrapped, "u", DEADLINE)


def test_a_deadline_moves_to_later_only_and_the_earlier_share_is_dead_then(begin: Begin, clock: Clock) -> None:
    keys = begin()
    wrapped = keys.wrap(SHARE, "t", DEADLINE)
    for until_ in (DEADLINE - timedelta(microseconds=1), DEADLINE):
        with pytest.raises(Conflict, match="only moves to later"):
            keys.extend(wrapped, "t", DEADLINE, until_)
    later = keys.extend(wrapped, "t", DEADLINE, DEADLINE + DAY)
    clock.now = DEADLINE + timedelta(hours=1)
    with pytest.raises(Conflict, match="only moves to later"):  # not into the past either
        keys.extend(wrapped, "t", DEADLINE, clock.now)
    again = begin()  # it remembers across a start, from its log
    for blob, deadline in ((wrapped, DEADLINE), (later, DEADLINE + DAY)):
        with pytest.raises(Conflict, match="before the deadline"):
            again.release(blob, "t", deadline)
    clock.now = DEADLINE + DAY
    assert again.release(later, "t", DEADLINE + DAY) == SHARE


def test_a_share_for_a_deadline_that_is_over_is_not_made(begin: Begin, clock: Clock) -> None:
    keys = begin()
    with pytest.raises(Conflict, match="over"):
        keys.wrap(SHARE, "t", clock.now)


def test_receipts_are_signed_for_now_and_never_dated_back_or_ahead(begin: Begin, clock: Clock) -> None:
    keys = begin()
    clock.now = datetime.fromisoformat(SAID["received_at"]) + timedelta(seconds=2)
    receipt = keys.sign(SAID)
    assert fault(receipt, {receipt["key"]: keys.public()}) == ""
    for off in (timedelta(minutes=11), timedelta(seconds=-6)):
        clock.now = datetime.fromisoformat(SAID["received_at"]) + off
        with pytest.raises(Conflict, match="another time"):
            keys.sign(SAID)


def test_everything_is_written_down_and_a_changed_log_is_noticed(begin: Begin, clock: Clock, tmp_path: Path) -> None:
    keys = begin()
    wrapped = keys.wrap(SHARE, "t", DEADLINE)
    with pytest.raises(Conflict):
        keys.release(wrapped, "t", DEADLINE)
    keys.extend(wrapped, "t", DEADLINE, DEADLINE + DAY)
    path = tmp_path / "keys.log"
    assert [json.loads(line)["what"] for line in path.read_text().splitlines()] == ["wrapped", "refused", "extended"]
    with path.open("a") as file:
        file.write('{"at": "torn')  # killed while writing: never answered
    begin().wrap(SHARE, "u", DEADLINE)
    whole = path.read_text()
    assert "torn" not in whole
    for changed in (whole.replace(moment(DEADLINE + DAY), moment(DEADLINE)), "".join(whole.splitlines(True)[1:])):
        path.with_name("other.log").write_text(changed)
        with pytest.raises(Refused, match="changed"):
            Ledger(path.with_name("other.log"))
    with pytest.raises(Refused, match="another key process"):
        Ledger(path)


def test_a_share_stays_while_a_link_for_a_late_bid_is_open_also_after_a_restart(begin: Begin, clock: Clock) -> None:
    wrapped = begin().wrap(SHARE, "t", DEADLINE)
    clock.now = DEADLINE - timedelta(milliseconds=1)
    with pytest.raises(Conflict, match="no time for a link"):
        begin().hold("t", "one", DEADLINE + DAY / 2)
    clock.now = DEADLINE
    for length in (timedelta(), DAY + timedelta(seconds=6)):
        with pytest.raises(Conflict, match="another length"):
            begin().hold("t", "one", DEADLINE + length)
    for link in ("one", "two"):
        begin().hold("t", link, DEADLINE + DAY)
    begin().free("t", "one")
    clock.now = DEADLINE + DAY - timedelta(milliseconds=1)
    with pytest.raises(Conflict, match="link for a late bid is open"):
        begin().release(wrapped, "t", DEADLINE)
    clock.now = DEADLINE + DAY
    assert begin().release(wrapped, "t", DEADLINE) == SHARE
    with pytest.raises(Conflict, match="no time for a link"):
        begin().hold("t", "three", DEADLINE + DAY + DAY / 2)


def test_a_link_that_was_given_back_keeps_nothing_back(begin: Begin, clock: Clock) -> None:
    wrapped, clock.now = begin().wrap(SHARE, "t", DEADLINE), DEADLINE
    begin().hold("t", "one", DEADLINE + DAY)
    begin().free("t", "one")
    assert begin().release(wrapped, "t", DEADLINE) == SHARE


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"do": "open"},
        {"do": "release"},
        {"do": "wrap", "tender": "t", "deadline": "soon", "share": ""},
        [],
        {"do": "sign", "said": 1},
    ],
)
def test_a_question_that_is_none_is_refused(begin: Begin, asked: object) -> None:
    with pytest.raises(Conflict, match="no such question"):
        begin()._ask(asked)  # type: ignore[arg-type]


def test_without_the_key_process_it_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Keys(tmp_path / "nowhere.sock", 0.1).public()


def started(var: Path, *command: str, **more: str) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("MARKET_")}
    env |= {"MARKET_VAR": str(var)} | more
    arguments = [sys.executable, "-m", "market", *command]
    return subprocess.Popen(arguments, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_command_beside_the_key_process_does_not_get_the_key(tmp_path: Path) -> None:
    secret = "only-the-key-process-knows-this-sentence"
    look = (
        "import os, pathlib\n"
        "from market.bids.keys import Keys\n"
        f"print(Keys(pathlib.Path({str(tmp_path / 'keys.sock')!r})).public())\n"
        "print('MARKET_SEALING_KEY' in os.environ, os.environ['MARKET_OTHER'])\n"
        "raise SystemExit(7)"
    )
    process = started(
        tmp_path, "keys", "--", sys.executable, "-c", look, MARKET_SEALING_KEY=secret, MARKET_OTHER="stays"
    )
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 7, errors
    assert said.splitlines()[1] == "False stays"
    assert not (tmp_path / "keys.sock").exists()
    assert not any(secret in path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())


def test_the_web_process_refuses_to_start_with_the_sealing_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MARKET_VAR", str(tmp_path))
    monkeypatch.setenv("MARKET_SEALING_KEY", "k" * 40)
    assert main(["serve"]) == 1
    assert "belongs to the key process alone" in capsys.readouterr().err


def test_a_killed_key_process_comes_back_with_the_same_keys(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.sock", 30)
    first = started(tmp_path, "keys")
    public = keys.public()
    first.send_signal(signal.SIGKILL)
    first.wait()
    second = started(tmp_path, "keys")
    try:
        assert keys.public() == public
        refused = started(tmp_path, "keys")
        assert refused.wait(60) == 1
        assert "another key process" in refused.communicate()[1]
    finally:
        second.terminate()
    assert second.wait(30) == 0
    until(lambda: not (tmp_path / "keys.sock").exists(), 5, "the socket to go")


def test_a_receipt_is_checked_on_the_command_line(
    begin: Begin, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MARKET_VAR", str(tmp_path))
    keys = begin()
    clock.now = datetime.fromisoformat(SAID["received_at"])
    receipt = keys.sign(SAID)
    published = tmp_path / "keys.json"
    published.write_text(json.dumps({"keys": [{"id": receipt["key"], "public": keys.public()}]}))
    for name, content, code, word in (
        ("good", receipt, 0, "in time"),
        ("bad", receipt | {"bidder": "c"}, 1, "signature"),
        ("none", [], 1, "no receipt"),
    ):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(content))
        assert main(["verify-receipt", str(path), "--keys", str(published)]) == code
        said = capsys.readouterr()
        assert word in said.out + said.err
    assert main(["verify-receipt", "/nowhere", "--keys", "/nowhere"]) == 1
    path.write_text("{")
    assert main(["verify-receipt", str(path), "--keys", str(published)]) == 1
