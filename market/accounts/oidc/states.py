"""What waits between a question and its answer from a provider or a passkey.

Kept in the database, bound to the browser, used once.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import JSON, LargeBinary, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.db import Base, Moment

LASTS: Final = timedelta(minutes=10)
SEEN_FOR: Final = timedelta(minutes=15)


class OidcState(Base):
    """One journey to a provider. Several tabs have one each."""

    __tablename__ = "oidc_states"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


class SeenToken(Base):
    """Logout tokens that came already (`jti`), so that none works twice."""

    __tablename__ = "oidc_seen_tokens"

    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)


def _key(*parts: str) -> bytes:
    return hashlib.sha256("\n".join(parts).encode()).digest()


def keep(
    session: Session,
    provider: str,
    browser: str,
    state: str,
    data: dict[str, Any],
    now: datetime,
    lasts: timedelta = LASTS,
) -> None:
    session.execute(delete(OidcState).where(OidcState.expires_at < now))
    session.add(OidcState(key=_key(provider, browser, state), data=data, expires_at=now + lasts))


def take(session: Session, provider: str, browser: str, state: str, now: datetime) -> dict[str, Any] | None:
    """The data of a journey, once; None for a state that is unknown, used, too old or of another browser."""
    if not state or not browser:
        return None
    gone = delete(OidcState).where(OidcState.key == _key(provider, browser, state))
    row = session.execute(gone.returning(OidcState.data, OidcState.expires_at)).first()
    return row.data if row is not None and row.expires_at > now else None


def look(session: Session, provider: str, browser: str, state: str, now: datetime) -> dict[str, Any] | None:
    """The same data without using it up."""
    wanted = select(OidcState.data).where(OidcState.key == _key(provider, browser, state), OidcState.expires_at > now)
    return session.scalar(wanted)


def is_new(session: Session, issuer: str, jti: str, now: datetime) -> bool:
    """Remember a logout token; False if it came before."""
    session.execute(delete(SeenToken).where(SeenToken.expires_at < now))
    try:
        with session.begin_nested():
            session.add(SeenToken(key=_key(issuer, jti), expires_at=now + SEEN_FOR))
    except IntegrityError:
        return False
    return True
