"""Prove again who one is, before something that cannot be undone.

Who signs in by link confirms with a passkey or a fresh link; who comes from a company, at the company's provider. Where
the provider's word alone is not enough, a passkey is asked for by itself.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from market.accounts.me import signed_in
from market.accounts.models import MAIL, Person
from market.accounts.passkeys import models as passkeys
from market.accounts.sessions import BrowserSession
from market.errors import ConfirmFirst
from market.viewer import Viewer
from market.web.endpoint import Call

FRESH: Final = timedelta(minutes=15)
"""How long a proof counts as just given."""


def is_fresh(session: Session, viewer: Viewer, now: datetime, *, by: str = "") -> bool:
    """Whether this browser's person has just proved who they are; `by` is `passkey` where only that counts."""
    row = session.get(BrowserSession, viewer.session_id or 0)
    if row is None:
        return False
    at = row.passkey_at if by == "passkey" else row.authenticated_at
    return at is not None and now - at < FRESH


def confirmed(call: Call, onward: str, *, by: str = "") -> None:
    """Raises SignInFirst, and ConfirmFirst where the last proof is too old; that leads back to `onward`."""
    signed_in(call)
    if not is_fresh(call.session, call.viewer, call.now, by=by):
        raise ConfirmFirst("prove again who you are", next=onward, **({"by": by} if by else {}))


def page(session: Session, viewer: Viewer, onward: str, *, by: str = "", said: str = "") -> dict[str, Any]:
    """What `accounts/step_up.html` shows."""
    person = session.get_one(Person, viewer.person_id)
    own = passkeys.of_person(session, person.id)
    by_link = person.issuer == MAIL and by != "passkey"
    return {"next": onward, "by": by, "by_link": by_link, "passkeys": len(own), "email": person.email, "said": said}
