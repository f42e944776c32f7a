"""`/look-ahead`: planned work of all partners by its time, a page each, and the list as feed and calendar."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import icalendar
from sqlalchemy import func, select
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.bookings.calendar import new_calendar
from market.errors import NotFound
from market.i18n import N_
from market.lookaheads import labels, service
from market.lookaheads.models import Lookahead
from market.lookaheads.rules import is_open, may_pledge, visible_lookaheads
from market.needs.models import Need
from market.needs.rules import visible_needs
from market.offerings import labels as offering_labels
from market.offerings.views import code_labels, trade_names
from market.web import atom
from market.web.answering import tagged
from market.web.endpoint import Call, endpoint

PER_PAGE: Final = 20
CACHE: Final = "public, max-age=300"


def index(call: Call) -> Response:
    """The list. A kind that means nothing is ignored, and so is a page beyond the last."""
    asked = call.request.query_params
    kind = asked.get("kind", "") if asked.get("kind") in labels.KINDS else ""
    counted = select(Lookahead.kind, func.count()).join(Lookahead.organisation)
    counted = counted.where(is_open(), Lookahead.last_on >= call.today).group_by(Lookahead.kind)
    counts: dict[str, int] = {row[0]: row[1] for row in call.session.execute(counted)}
    total = counts.get(kind, 0) if kind else sum(counts.values())
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(1, int(asked["page"])), pages) if asked.get("page", "").isdecimal() else 1
    return call.render(
        "lookaheads/list.html",
        entries=_open(call, kind, PER_PAGE, (page - 1) * PER_PAGE),
        kind=kind,
        kinds=[(code, counts[code]) for code in labels.KINDS if counts.get(code)],
        total=total,
        page=page,
        pages=pages,
        state={"kind": kind},
        labels=labels,
    )


def _open(call: Call, kind: str, most: int, beyond: int = 0) -> Sequence[Lookahead]:
    query = select(Lookahead).join(Lookahead.organisation).where(is_open(), Lookahead.last_on >= call.today)
    query = query.where(Lookahead.kind == kind) if kind else query
    return call.session.scalars(query.order_by(Lookahead.first_on, Lookahead.id).limit(most).offset(beyond)).all()


def shown(call: Call, ref: str) -> Lookahead:
    """One that was published, or of one's own. Raises NotFound; locked for a write."""
    query = visible_lookaheads(call.viewer).where(Lookahead.ref == ref)
    entry = call.session.scalar(query.with_for_update(of=Lookahead) if call.request.method == "POST" else query)
    if entry is None:
        raise NotFound(f"no planned work {ref}")
    return entry


def show(call: Call, ref: str, slug: str = "") -> Response:
    """Its page; 308 from an old or short address."""
    entry = shown(call, ref)
    if slug != entry.slug:
        return RedirectResponse(call.link("lookaheads:show", ref=ref, slug=entry.slug), 308)
    me = call.session.get(Organisation, call.viewer.organisation_id or 0)
    return call.render(
        "lookaheads/show.html",
        entry=entry,
        own=call.viewer.acts_for(entry.organisation_id),
        pledges=bool(me and may_pledge(call.viewer, me, entry) and entry.state == "published"),
        unchecked=bool(me and me.verified_on is None),
        held=service.pledge_of(call.session, entry, me.id) if me else None,
        need=_need(call, entry),
        offering_labels=offering_labels,
        **facts(call, entry),
    )


def facts(call: Call, entry: Lookahead) -> dict[str, Any]:
    """What its page and that of its partner show alike."""
    return {
        "trades": trade_names(call, entry.trades),
        "codes": code_labels(call, "cpv", entry.cpv),
        "labels": labels,
        "ended": call.words(labels.ENDED[entry.state]) if entry.state in labels.ENDED else "",
    }


def _need(call: Call, entry: Lookahead) -> Need | None:
    """What it has become, where that is out and for this viewer's eyes."""
    query = visible_needs(call.viewer).where(Need.id == (entry.need_id or 0))
    need = call.session.scalar(query)
    return need if need is not None and need.is_shown else None


def feed(call: Call) -> Response:
    """The open ones as Atom."""
    w, base = call.words, call.pages.base_url
    entries = [
        atom.Entry(
            title=one.title,
            id=f"{base}/look-ahead/{one.ref}",
            href=base + call.link("lookaheads:show", ref=one.ref, slug=one.slug),
            updated=one.updated_at,
            author=one.organisation.name,
            summary=f"{w(labels.KINDS[one.kind])}, {labels.confidence(w, one.confidence)} · {labels.window(w, one)}"
            f" · {labels.place(one)}",
        )
        for one in _open(call, "", 50)
    ]
    page, own = (base + call.link(name) for name in ("lookaheads", "lookaheads:atom"))
    body = atom.feed(w.language, w(N_("Werkplatz Ostbrandenburg: planned work")), own, page, entries)
    return _kept(call, body, "application/atom+xml; charset=utf-8")


def calendar(call: Call) -> Response:
    """The open ones as whole days; what is not fixed is tentative."""
    made = new_calendar(call.words(N_("Werkplatz Ostbrandenburg: planned work")), call.language)
    for entry in _open(call, "", 200):
        made.add_component(_event(call, entry))
    return _kept(call, bytes(made.to_ical()), "text/calendar; charset=utf-8")


def _event(call: Call, entry: Lookahead) -> icalendar.Event:
    w, base = call.words, call.pages.base_url
    event = icalendar.Event()
    event.add("uid", f"{entry.ref}@{urlsplit(base).hostname}")
    event.add("dtstamp", entry.updated_at)  # of the record, so that the same days are the same text
    event.add("dtstart", entry.first_on)
    event.add("dtend", entry.last_on + timedelta(days=1))  # the day after the last one, as the standard counts
    event.add("summary", entry.title)
    event.add("location", labels.place(entry))
    event.add("description", f"{w(labels.KINDS[entry.kind])}, {labels.confidence(w, entry.confidence)}")
    event.add("url", base + call.link("lookaheads:show", ref=entry.ref, slug=entry.slug))
    event.add("status", "CONFIRMED" if entry.confidence == "fixed" else "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return event


def _kept(call: Call, body: bytes, media_type: str) -> Response:
    answer = Response(body, headers={"content-language": call.language}, media_type=media_type)
    return tagged(call.request, answer, CACHE)


routes: list[BaseRoute] = [
    Route("/look-ahead", endpoint(index), name="lookaheads", methods=["GET"]),
    Route("/look-ahead.atom", endpoint(feed), name="lookaheads:atom", methods=["GET"]),
    Route("/look-ahead.ics", endpoint(calendar), name="lookaheads:ics", methods=["GET"]),
    Route("/look-ahead/{ref}/{slug}", endpoint(show), name="lookaheads:show", methods=["GET"]),
    Route("/look-ahead/{ref}", endpoint(show), name="lookaheads:short", methods=["GET"]),
]
