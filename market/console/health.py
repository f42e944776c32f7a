"""`/operator/health`: is everything well, what waits, and trying it again."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select, update
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market import journal, uptime
from market.console import condition
from market.console.gate import page
from market.errors import Conflict, NotFound
from market.i18n import N_
from market.journal import Errand
from market.mail.models import Letter
from market.values import ZONE
from market.web.endpoint import Call

PARTS = {"database": N_("Database"), "mail": N_("Mail server"), "files": N_("Files")}
LOOKED_BACK = timedelta(days=7)
"""For outages of the marketplace."""
INDEXES = {"offerings": N_("Offerings"), "providers": N_("Providers"), "needs": N_("Needs")}


def health(call: Call) -> Response:
    return _page(call)


def _page(call: Call, said: str = "", status: int = 200) -> Response:
    settings, session = call.request.app.state.settings, call.session
    sizes, search_fault = condition.indexes(session, settings)
    last = condition.last_round(session)
    midnight = datetime.combine(call.today, time.min, ZONE).astimezone(UTC)
    return call.render(
        "console/health.html",
        status=status,
        said=said,
        indexes=[(call.words(INDEXES[one.name]), one) for one in sizes],
        search_fault=search_fault,
        outbox=condition.outbox(session),
        post=condition.post(session, midnight),
        kept_back=settings.mail_url.startswith("outbox:"),
        last_round=last,
        late=last is None or call.now - last > condition.LATE,
        outages=uptime.outages(session, call.now - LOOKED_BACK, call.now)[::-1],
        away={part: call.words(text) for part, text in uptime.AWAY.items()},
        checks=[
            (call.words(PARTS[name]), well, line)
            for name, well, line in condition.checks(call.request.app.state.engine, settings)
        ],
    )


def retry_errands(call: Call) -> Response:
    """All that failed is due now; their attempts stay counted."""
    due = update(Errand).where(Errand.attempts > 0).values(not_before=call.now)
    call.session.execute(due)
    return call.redirect("operator:health")


def retry_letter(call: Call, ref: str) -> Response:
    """Send a letter again that waits or was refused for good. One whose text is gone stays as it is."""
    letter = call.session.scalar(select(Letter).where(Letter.ref == ref, Letter.sent_at.is_(None)))
    if letter is None:
        raise NotFound(f"no letter {ref} to send")
    if not letter.text:
        sentence = N_("This letter held a link to sign in and is emptied. The person asks for a new one.")
        return _page(call, call.words(sentence), Conflict.status)
    letter.bounced_at, letter.not_before = None, call.now
    letter.created_at = call.now  # the three days after which a letter is given up count anew
    journal.record(call.session, call.viewer, "mail.tried_again", letter, call.now, tell=())
    return call.redirect("operator:health")


routes: list[BaseRoute] = [
    Route("/operator/health", page(health), name="operator:health", methods=["GET"]),
    Route("/operator/health/outbox", page(retry_errands), name="operator:retry_errands", methods=["POST"]),
    Route("/operator/health/letters/{ref}", page(retry_letter), name="operator:retry_letter", methods=["POST"]),
]
