"""The postman against a real mail server in this process: taken, refused, away, hanging."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Peer
from sqlalchemy import Engine, select

from market.db import Sessions
from market.mail.models import Letter
from market.mail.post import GIVEN_UP, Post


class Mailbox:
    """Takes letters, refuses some addresses as mail servers do."""

    def __init__(self) -> None:
        self.letters: list[Message] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, peer: Peer, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("busy"):
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, peer: Peer, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content))
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


def waiting(sessions: Sessions, now: datetime, to: str, **more: object) -> None:
    with sessions.begin() as session:
        given = {
            "language": "de",
            "event": "x",
            "subject": "Grüße aus Słubice",
            "text": "Schön.\n",
            "html": "<p>Schön.</p>",
        }
        session.add(Letter(to=to, created_at=now, not_before=now, **(given | more)))


def only(sessions: Sessions) -> Letter:
    with sessions() as session:
        return session.scalars(select(Letter)).one()


def test_a_letter_is_sent_once_in_both_forms(
    engine: Engine, sessions: Sessions, now: datetime, mailbox: tuple[Mailbox, str]
) -> None:
    box, url = mailbox
    waiting(sessions, now, "ute@probe.example", secret=True, unsubscribe="https://x.example/stop")
    post = Post(engine, url, "https://werkplatz.example")
    assert post.deliver(now) == 1
    assert post.deliver(now) == 0
    (sent,) = box.letters
    assert [part.get_content_type() for part in sent.walk()][1:] == ["text/plain", "text/html"]
    assert sent["List-Unsubscribe"] == "<https://x.example/stop>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    letter = only(sessions)
    assert letter.state == "sent"
    assert letter.text == letter.html == ""
    assert letter.ref in sent["Message-ID"]


def test_a_mailbox_that_does_not_exist_is_a_bounce(
    engine: Engine, sessions: Sessions, now: datetime, mailbox: tuple[Mailbox, str]
) -> None:
    waiting(sessions, now, "nobody@probe.example")
    waiting(sessions, now, "ute@probe.example")
    assert Post(engine, mailbox[1], "https://w.example").deliver(now) == 2
    with sessions() as session:
        states = {letter.to: (letter.state, letter.error) for letter in session.scalars(select(Letter))}
    assert states["ute@probe.example"] == ("sent", "")
    assert states["nobody@probe.example"][0] == "bounced"
    assert "no such mailbox" in states["nobody@probe.example"][1]


def test_a_busy_mailbox_is_tried_again_later(
    engine: Engine, sessions: Sessions, now: datetime, mailbox: tuple[Mailbox, str]
) -> None:
    waiting(sessions, now, "busy@probe.example")
    post = Post(engine, mailbox[1], "https://w.example")
    assert post.deliver(now) == 0
    first = only(sessions)
    assert (first.state, first.attempts) == ("waiting", 1)
    assert "try again later" in first.error
    post.deliver(now + timedelta(seconds=1))
    assert only(sessions).attempts == 1
    post.deliver(first.not_before)
    assert only(sessions).attempts == 2


def test_a_server_that_is_away_loses_nothing(
    engine: Engine, sessions: Sessions, now: datetime, mailbox: tuple[Mailbox, str]
) -> None:
    waiting(sessions, now, "ute@probe.example")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = Post(engine, f"smtp://127.0.0.1:{nobody.getsockname()[1]}", "https://w.example")
        assert gone.deliver(now) == 0
    letter = only(sessions)
    assert letter.state == "waiting"
    assert "Refused" in letter.error
    assert Post(engine, mailbox[1], "https://w.example").deliver(letter.not_before) == 1
    assert only(sessions).state == "sent"


def test_after_three_days_a_letter_is_given_up(
    engine: Engine, sessions: Sessions, now: datetime, mailbox: tuple[Mailbox, str]
) -> None:
    waiting(sessions, now, "busy@probe.example", secret=True)
    Post(engine, mailbox[1], "https://w.example").deliver(now + GIVEN_UP + timedelta(seconds=1))
    letter = only(sessions)
    assert letter.state == "bounced"
    assert letter.text == ""


def test_an_outbox_keeps_its_letters(engine: Engine, sessions: Sessions, now: datetime) -> None:
    waiting(sessions, now, "ute@probe.example", secret=True)
    assert Post(engine, "outbox:", "https://w.example").deliver(now) == 0
    assert only(sessions).text == "Schön.\n"
