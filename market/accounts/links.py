"""Sign-in by a link in a letter: a random token of which only the hash is kept, ten minutes, once.

Mail scanners follow links and some press buttons, so the link alone opens nothing: GET changes nothing, and POST
redeems only in the browser that asked. On another device the letter's code is typed into the window that asked.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import JSON, ColumnElement, LargeBinary, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.accounts.people import address
from market.accounts.sessions import hashed
from market.db import Base, Moment
from market.errors import TooMany

LASTS: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=1)
"""How long used and expired links are kept, because the limits count them."""
CODE_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH: Final = 8
TRIES: Final = 5
"""Wrong codes a window may type."""
Limit = tuple[int, timedelta]
PER_ADDRESS: Final[tuple[Limit, ...]] = ((3, timedelta(minutes=15)), (10, timedelta(days=1)))
PER_CLIENT: Final[tuple[Limit, ...]] = ((10, timedelta(minutes=5)), (50, timedelta(hours=1)))
OVERALL: Final[tuple[Limit, ...]] = ((300, timedelta(minutes=5)),)


class SignInLink(Base):
    """One link asked for; `purpose` says what redeeming it does, `data` with what."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    browser_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    email: Mapped[str] = mapped_column(index=True)
    client_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    purpose: Mapped[str] = mapped_column(default="sign-in")
    """`sign-in`, `register`, `invitation`, `claim`, `step-up`."""
    data: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    next: Mapped[str] = mapped_column(default="")
    """Path to go on to afterwards."""
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Moment, index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


@dataclass(frozen=True)
class Asked:
    """What leaves the house: token and code in the letter, `browser` in the cookie of the window that asked."""

    token: str
    code: str
    browser: str


def ask(
    session: Session,
    email: str,
    client: str,
    now: datetime,
    *,
    browser: str = "",
    purpose: str = "sign-in",
    data: dict[str, str] | None = None,
    next_: str = "",
) -> Asked:
    """A new link for an address, known or not. Raises TooMany past the limits of address, client or all together."""
    client_hash = hashlib.sha256(client.encode()).digest()
    _refuse_too_many(session, address(email), client_hash, now)
    session.execute(delete(SignInLink).where(SignInLink.created_at < now - KEPT))
    browser = browser if 40 <= len(browser) <= 64 else secrets.token_urlsafe(32)
    asked = Asked(secrets.token_urlsafe(32), new_code(), browser)
    session.add(
        SignInLink(
            token_hash=hashed(asked.token),
            browser_hash=hashed(browser),
            code_hash=_code_hash(browser, asked.code),
            email=address(email),
            client_hash=client_hash,
            purpose=purpose,
            data=data or {},
            next=next_,
            created_at=now,
            expires_at=now + LASTS,
        )
    )
    return asked


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def _code_hash(browser: str, code: str) -> bytes:
    """The code is short, but it opens only together with the cookie of the window."""
    return hashed(f"{browser}:{code}")


def _refuse_too_many(session: Session, email: str, client_hash: bytes, now: datetime) -> None:
    """The rows themselves are counted, so the limits hold for any number of web processes."""
    everyone = SignInLink.id.is_not(None)
    of_address, of_client = SignInLink.email == email, SignInLink.client_hash == client_hash
    for whose, limits in ((everyone, OVERALL), (of_client, PER_CLIENT), (of_address, PER_ADDRESS)):
        for most, span in limits:
            if _count(session, whose, now - span) >= most:
                raise TooMany("Too many links were asked for.", seconds=int(span.total_seconds()))


def _count(session: Session, whose: ColumnElement[bool], since: datetime) -> int:
    return session.scalar(select(func.count()).select_from(SignInLink).where(whose, SignInLink.created_at > since)) or 0


def redeem(session: Session, token: str, browser: str, now: datetime) -> SignInLink | None:
    """Use the link up; None if unknown, used, expired or asked for in another browser. Of many at once one wins."""
    return _use(session, SignInLink.token_hash == hashed(token), browser, now)


def redeem_code(session: Session, browser: str, code: str, now: datetime) -> SignInLink | None:
    """Use the link up by the code of its letter, typed into the window that asked; five wrong ones end it."""
    written = "".join(letter for letter in code.upper() if letter.isalnum())
    found = _use(session, SignInLink.code_hash == _code_hash(browser, written), browser, now)
    if found is None:
        wrong = update(SignInLink).where(SignInLink.browser_hash == hashed(browser), SignInLink.used_at.is_(None))
        session.execute(wrong.values(tries=SignInLink.tries + 1))
    return found


def _use(session: Session, which: ColumnElement[bool], browser: str, now: datetime) -> SignInLink | None:
    usable = (
        which,
        SignInLink.browser_hash == hashed(browser),
        SignInLink.used_at.is_(None),
        SignInLink.expires_at > now,
        SignInLink.tries < TRIES,
    )
    used = update(SignInLink).where(*usable).values(used_at=now).returning(SignInLink.id)
    link_id = session.scalar(used)
    return session.get(SignInLink, link_id) if link_id is not None else None


def is_open(session: Session, token: str, now: datetime) -> bool:
    """Whether a link can still be used, by whoever asked for it; changes nothing."""
    query = select(SignInLink.id).where(
        SignInLink.token_hash == hashed(token), SignInLink.used_at.is_(None), SignInLink.expires_at > now
    )
    return session.scalar(query) is not None
