"""Before the opening no byte of a bid is anywhere: every table, every file, every log, in whatever dress."""

import base64
import gzip
import io
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, inspect, select, text
from starlette.datastructures import Headers, UploadFile

from market.accounts.account import ABOUT
from market.backups import making
from market.bids import admissions, drafts, joint, opening, uploads
from market.bids.contents import Content, written
from market.bids.models import Bid, LogEntry, Receipt
from market.bids.store import store_in
from market.bids.terms import Terms
from market.db import connect
from market.teams import pairs
from market.teams import service as teams
from market.values import local_day
from tests import factories as make
from tests.bids.conftest import DEADLINE, Scene
from tests.files.test_checks import PDF

MARK = "MARKERQXZ"
SECRET = "s" * 40


def dresses(mark: str) -> list[bytes]:
    """The marker as it is, in hex, in UTF-16 and in base64 at each of its three places."""
    raw = mark.encode()
    shifted = [base64.b64encode(b"\0" * n + raw)[4 if n else 0 : -4] for n in range(3)]
    return [raw, raw.hex().encode(), mark.encode("utf-16-le"), *shifted]


def everything(engine: Engine, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every column of every row of the database, the database's own file, and every file of the folder."""
    with engine.connect().execution_options(market_read_only=True) as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'select * from "{table}"')).mappings():
                for column, value in row.items():
                    raw = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    yield f"{table}.{column}", raw
    if engine.dialect.name == "sqlite":
        for path in Path(str(engine.url.database)).parent.glob("market.db*"):
            # By another process: where this one closes a file of SQLite's, SQLite's own locks on it are gone.
            yield path.name, subprocess.run(["cat", str(path)], capture_output=True, check=True).stdout
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def places(engine: Engine, folder: Path) -> set[str]:
    dressed = dresses(MARK)
    return {name for name, raw in everything(engine, folder) if any(dress in raw for dress in dressed)}


def backed_up(engine: Engine, scene: Scene, folder: Path) -> set[str]:
    """Parts of a backup that hold the marker."""
    making.make(engine, store_in(scene.session), folder, scene.clock.now, lambda part: None)
    parts = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert any(name.startswith("files/") for name in parts)
    plain = {name: gzip.decompress(raw) if name.endswith(".gz") else raw for name, raw in parts.items()}
    return {name for name, raw in plain.items() if any(dress in raw for dress in dresses(MARK))}


def draft(scene: Scene) -> None:
    kept = drafts.save(
        scene.session,
        scene.viewer(scene.bidder, scene.firm),
        scene.need,
        scene.firm,
        {"remark": MARK, "price-1": f"{MARK}-PREIS"},
        SECRET,
        scene.clock.now,
    )
    assert kept is not None
    paper = Headers({"content-type": "application/pdf"})
    upload = UploadFile(io.BytesIO(PDF + MARK.encode()), filename=f"{MARK}.pdf", headers=paper)
    brought = drafts.bring(store_in(scene.session), SECRET, kept.ref, upload)
    drafts.add(scene.session, kept, brought, scene.clock.now)
    assert drafts.values(kept, SECRET)["remark"] == MARK
    (file,) = drafts.attachments(scene.session, kept, SECRET)
    assert file.name == f"{MARK}.pdf"
    (row,) = drafts.files(scene.session, kept)
    assert drafts.opened(store_in(scene.session), SECRET, kept.ref, row.key) == PDF + MARK.encode()
    piece = PDF + MARK.encode()  # and the first piece of another
    said = {"name": f"{MARK}-2.pdf", "type": "application/pdf", "size": len(piece) + 1, "modified": "1"}
    upload = uploads.begin(scene.session, kept, said, SECRET, scene.clock.now)
    taken = uploads.lay(store_in(scene.session), SECRET, kept.ref, piece)
    uploads.take(scene.session, upload, taken, len(piece), scene.clock.now)
    assert [one.name for one in uploads.coming(scene.session, kept, SECRET)] == [f"{MARK}-2.pdf"]


def together(scene: Scene) -> None:
    """A joint bid, from what the two agreed to what is sealed; the roles carry the mark."""
    session, now = scene.session, scene.clock.now
    checked = local_day(now)
    scene.firm.verified_on = checked
    other = make.organisation(session, now, name="Gerüst Probe GmbH", verified_on=checked)
    session.flush()
    said = {"remark": "", "contact": "", "email": "", "phone": ""}
    lead, partner = (
        teams.declare(session, scene.viewer(scene.bidder, firm), scene.need, firm, now, parts=[part], **said)
        for firm, part in ((scene.firm, "rohre"), (other, "naht"))
    )
    tasks = pairs.Tasks(pairs.Task(("rohre",), f"{MARK} Rohre"), pairs.Task(("naht",), f"{MARK} Naht"))
    viewer = scene.viewer(scene.bidder, scene.firm)
    pair = pairs.propose(session, viewer, lead, partner, now, leads=True, tasks=tasks)
    pairs.answer(session, viewer, pair, other.id, "consent", now)
    inside = joint.inside(session, pair, scene.firm, Content(), Terms())
    assert inside is not None
    assert inside.partner.role == f"{MARK} Naht"
    said = written(Content(remark=MARK, joint=inside))
    scene.hand_in(MARK, files=(PDF + MARK.encode(),), more=said, pair=pair)


def late(scene: Scene) -> str:
    """A late bid comes by its link, which lies in its letter alone."""
    one, token = scene.let_in(at=DEADLINE + timedelta(minutes=1))
    admissions.redeem(scene.session, scene.viewer(scene.bidder, one.organisation), one, scene.clock.now)
    taken = scene.hand_in(MARK, files=(PDF + MARK.encode(),), firm=one.organisation)
    assert isinstance(taken, Receipt)
    return token


def test_nothing_of_a_draft_or_a_bid_lies_anywhere_before_the_opening_and_all_of_it_after(
    kept: Scene, database_url: str, tmp_path: Path
) -> None:
    engine = connect(database_url)
    draft(kept)
    kept.hand_in(MARK, files=(PDF + MARK.encode(),))
    kept.hand_in(MARK, files=(PDF + MARK.encode(),))  # and the one it replaces
    together(kept)
    kept.session.commit()
    assert places(engine, tmp_path) == set()
    assert MARK not in str([more(kept.session, kept.bidder) for more in ABOUT])
    assert backed_up(engine, kept, tmp_path / "backup-before") == set()
    token = late(kept)
    kept.session.commit()
    assert places(engine, tmp_path) == set()
    where = {name for name, raw in everything(engine, tmp_path) if token.encode() in raw}
    assert {name for name in where if not name.startswith("market.db")} == {"letters.html", "letters.text"}
    kept.clock.now = DEADLINE + timedelta(hours=1)
    opening.confirm(kept.session, kept.opener("ada"), kept.seal, "ada opens bids", kept.clock.now)
    kept.session.commit()
    assert places(engine, tmp_path) == set()
    opening.confirm(kept.session, kept.opener("ben"), kept.seal, "ben opens bids", kept.clock.now)
    kept.session.commit()
    found = places(engine, tmp_path)  # the search would have found it
    assert {"bids.content", "files.name", "opening_records.bids"} <= found
    assert any(name.startswith("files/") for name in found)
    assert not {name for name in found if name.split(".")[0] in ("bid_log", "bid_drafts", "letters", "bidding_pairs")}
    assert "tables/bids.jsonl.gz" in backed_up(engine, kept, tmp_path / "backup-after")
    engine.dispose()


def test_who_steals_the_database_has_names_sizes_and_times_but_no_key(kept: Scene, tmp_path: Path) -> None:
    kept.hand_in(MARK)
    kept.session.commit()
    bid = kept.session.scalars(select(Bid)).one()
    assert (bid.content, bid.salt) == ({}, "")
    assert MARK not in str([entry.said for entry in kept.session.scalars(select(LogEntry))])
    assert b"AGE-SECRET-KEY" not in b"".join(raw for _, raw in everything(connect_of(kept), tmp_path))


def connect_of(scene: Scene) -> Engine:
    bind = scene.session.get_bind()
    assert isinstance(bind, Engine)
    return bind
