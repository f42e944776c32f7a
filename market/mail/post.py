"""The postman: takes waiting letters to the mail server, tries again when it is away, keeps every letter's fate.

At least once: a letter is marked after the server took it; a crash in between sends it again, with the same Message-ID.
"""

import logging
import smtplib
import ssl
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from market.db import exclusive, read_only, sessions
from market.mail.letters import clean
from market.mail.models import Letter
from market.values import utc_now

log = logging.getLogger("market.mail")

LOCK = "post"
IDLE_SECONDS = 0.5
TIMEOUT = 10
BATCH = 50
RETRY = (5, 30, 120, 600, 1800, 3600, 7200, 14400)
"""Seconds before the next try, by attempts made."""
GIVEN_UP = timedelta(days=3)


class Post:
    """One postman on one database and one mail server. `outbox:` delivers nothing: letters stay to be read."""

    def __init__(self, engine: Engine, mail_url: str, base_url: str) -> None:
        self.engine = engine
        self.sessions = sessions(engine)
        self.server = urlsplit(mail_url)
        self.host = urlsplit(base_url).hostname or "localhost"

    def run(self, stop: Callable[[], bool]) -> None:
        while not stop():
            sent = 0
            try:
                with exclusive(self.engine, LOCK):
                    sent = self.deliver(utc_now())
            except Exception:  # the database is away: letters wait, and so do we
                log.exception("the postman stumbled")
                time.sleep(5)
            time.sleep(0 if sent else IDLE_SECONDS)

    def deliver(self, now: datetime) -> int:
        """Take due letters to the server; returns how many it took or refused for good."""
        if self.server.scheme == "outbox":
            return 0
        with read_only(self.sessions) as session:
            waiting = (Letter.sent_at.is_(None), Letter.bounced_at.is_(None), Letter.not_before <= now)
            query = select(Letter).where(*waiting)
            due = list(session.scalars(query.order_by(Letter.not_before, Letter.id).limit(BATCH)))
        if not due:
            return 0
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            with self.sessions.begin() as session:
                for letter in due:
                    self._later(session, letter.id, f"{type(error).__name__}: {error}", now)
            return 0
        done = 0
        with server:
            for letter in due:
                done += self._send(server, letter, now)
        return done

    def _connect(self) -> smtplib.SMTP:
        host, secure = self.server.hostname or "localhost", self.server.scheme == "smtps"
        if secure:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self.server.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, self.server.port or 587, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
        if self.server.username:
            server.login(unquote(self.server.username), unquote(self.server.password or ""))
        return server

    def _send(self, server: smtplib.SMTP, letter: Letter, now: datetime) -> int:
        error, bounced = "", False
        try:
            server.send_message(self.message(letter))
        except ValueError as unsendable:
            error, bounced = str(unsendable), True
        except smtplib.SMTPRecipientsRefused as refused:
            code, reason = next(iter(refused.recipients.values()))
            error, bounced = f"{code} {reason.decode(errors='replace')}", code >= 500
        except smtplib.SMTPResponseException as refused:
            said = refused.smtp_error
            text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
            error, bounced = f"{refused.smtp_code} {text}", refused.smtp_code >= 500
        except (OSError, smtplib.SMTPException) as gone:
            error = f"{type(gone).__name__}: {gone}"
        with self.sessions.begin() as session:
            if not error:
                self._sent(session, letter.id, now)
            elif bounced:
                self._bounced(session, letter.id, error, now)
            else:
                self._later(session, letter.id, error, now)
        return not error or bounced

    def message(self, letter: Letter) -> EmailMessage:
        """The letter with its head. Everything in the head is one clean line."""
        message = EmailMessage(policy=SMTP)
        message["Subject"] = clean(letter.subject)
        message["From"] = f"Werkplatz Ostbrandenburg <no-reply@{self.host}>"
        message["To"] = clean(letter.to)
        message["Date"] = letter.created_at
        message["Message-ID"] = f"<{letter.ref}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = letter.language
        if letter.unsubscribe:
            message["List-Unsubscribe"] = f"<{clean(letter.unsubscribe)}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message

    def _sent(self, session: Session, letter_id: int, now: datetime) -> None:
        letter = session.get_one(Letter, letter_id)
        letter.sent_at, letter.error = now, ""
        letter.attempts += 1
        if letter.secret:
            letter.text = letter.html = ""

    def _bounced(self, session: Session, letter_id: int, error: str, now: datetime) -> None:
        letter = session.get_one(Letter, letter_id)
        letter.bounced_at, letter.error = now, error[:1000]
        letter.attempts += 1
        if letter.secret:
            letter.text = letter.html = ""
        log.warning("letter %s was refused for good: %s", letter.ref, error)

    def _later(self, session: Session, letter_id: int, error: str, now: datetime) -> None:
        letter = session.get_one(Letter, letter_id)
        if now - letter.created_at > GIVEN_UP:
            self._bounced(session, letter_id, error, now)
            return
        letter.not_before = now + timedelta(seconds=RETRY[min(letter.attempts, len(RETRY) - 1)])
        letter.attempts += 1
        letter.error = error[:1000]
        log.warning("letter %s has to wait: %s", letter.ref, error)
