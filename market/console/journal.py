"""`/operator/journal`: what happened, and whether the record of it is whole."""

import json
from datetime import date

from pydantic import field_validator
from sqlalchemy import func, select
from starlette.datastructures import FormData, QueryParams
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market import seals
from market.console import trail
from market.console.gate import page
from market.console.trail import Filter
from market.console.verbs import said
from market.errors import NotFound
from market.journal import Entry
from market.web.endpoint import Call
from market.web.forms import Filled, Form, read

MOST_VERIFIED = 10_000
"""Entries one look at the chain goes through; `market journal verify` goes through all."""
MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class FilterForm(Form):
    verb: str = ""
    actor: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None

    @field_validator("verb", "actor", "subject")
    @classmethod
    def is_short(cls, value: str) -> str:
        return value[:254]


def _wanted(call: Call) -> tuple[Filter, Filled[FilterForm]]:
    """The filter in the address; what cannot be read is said and left out."""
    query: QueryParams = call.request.query_params
    filled = read(FormData(dict(query)), FilterForm, call.words)
    if filled.data is None:
        kept = {name: filled.values[name] for name in ("verb", "actor", "subject")}
        return Filter(**kept), filled
    return Filter(**filled.data.model_dump()), filled


def journal(call: Call) -> Response:
    verified = _verified(call) if "verify" in call.request.query_params else None
    wanted, filled = _wanted(call)
    total = trail.count(call.session, wanted)
    pages = max(1, -(-total // trail.PER_PAGE))
    number = _page(call.request.query_params.get("page", ""), pages)
    query = trail.entries(call.session, wanted).limit(trail.PER_PAGE).offset((number - 1) * trail.PER_PAGE)
    found = list(call.session.scalars(query))
    waiting = select(func.count()).select_from(Entry).where(Entry.place.is_(None))
    return call.render(
        "console/journal.html",
        status=422 if filled.errors else 200,
        entries=[(entry, said(call.words, entry.verb), _more(entry)) for entry in found],
        names=trail.names(call.session, found),
        filled=filled,
        address=wanted.address(),
        total=total,
        page=number,
        pages=pages,
        too_many=total > trail.MOST_EXPORTED,
        most=trail.MOST_EXPORTED,
        head=seals.head(call.session),
        waiting=call.session.scalar(waiting) or 0,
        verified=verified,
        most_verified=MOST_VERIFIED,
    )


def _more(entry: Entry) -> str:
    return json.dumps(entry.data, ensure_ascii=False, sort_keys=True) if entry.data else ""


def _page(text: str, pages: int) -> int:
    return min(pages, max(1, int(text))) if text.isdecimal() and len(text) < 8 else 1


def _verified(call: Call) -> tuple[int, int, seals.Fault | None]:
    """From and to which place was looked, and the first fault."""
    head = seals.head(call.session)
    after = max(0, head.place - MOST_VERIFIED)
    return after + 1, head.place, seals.verify(call.session, after)


def export(call: Call, form: str) -> Response:
    """All entries the filter lets through; refused above what one answer can hold."""
    if form not in MEDIA:
        raise NotFound(f"no export as {form}")
    wanted, filled = _wanted(call)
    if filled.errors or trail.count(call.session, wanted) > trail.MOST_EXPORTED:
        return journal(call)
    found = call.session.scalars(trail.entries(call.session, wanted).execution_options(yield_per=1000))
    text = trail.as_csv(found) if form == "csv" else trail.as_json(found)
    name = f"journal-{call.today.isoformat()}.{form}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=MEDIA[form], headers=headers)


routes: list[BaseRoute] = [
    Route("/operator/journal", page(journal), name="operator:journal", methods=["GET"]),
    Route("/operator/journal.{form}", page(export), name="operator:journal_export", methods=["GET"]),
]
