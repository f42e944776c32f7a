"""What the operator makes of a report: dismissed, or its sender is warned or blocked."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from market import journal
from market.enquiries.models import Thread
from market.errors import Conflict
from market.i18n import N_
from market.viewer import Viewer

VERDICTS: Final = ("dismissed", "warned", "blocked")


def judge(session: Session, viewer: Viewer, thread: Thread, verdict: str, now: datetime) -> None:
    """Decide once. The firm that reported stays free of this sender, whatever is decided.

    Raises Conflict where somebody has decided already.
    """
    if thread.reported_at is None or thread.judged_at is not None:
        raise Conflict(N_("Somebody has decided on this report already."), reason="judged")
    thread.verdict, thread.judged_at = verdict, now
    journal.record(session, viewer, f"enquiries.{verdict}", thread, now, tell=())
