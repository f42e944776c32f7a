"""A need in, the offerings that fit it out: as `market match`, for other programs."""

import json
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market.api import answers
from market.api.parameters import MATCH, known_only
from market.errors import BadRequest, Invalid
from market.exchange.asking import asked
from market.exchange.reasons import Refused, read
from market.exchange.records import NeedRecord
from market.matching import service
from market.matching.reasons import Reason
from market.web.endpoint import Ask

LIMIT, MAX_LIMIT = 20, 100
BODY = 200_000
"""Bytes of a need; one with more words than that reads nobody."""


async def match(ask: Ask) -> Response:
    """Matches and near misses of the need in the body. Public facts only."""
    params = known_only(ask.request.query_params, MATCH)
    written = params.get("limit", str(LIMIT))
    if not (written.isascii() and written.isdecimal() and len(written) < 5 and 1 <= int(written) <= MAX_LIMIT):
        raise BadRequest(f"limit: give a whole number from 1 to {MAX_LIMIT}", fields={"limit": "wrong"})
    record = await record_in(ask.request)
    gazetteer = await ask.request.app.state.finder.gazetteer()
    need = await ask.in_database(lambda session: asked(session, record, gazetteer))
    found = await ask.request.app.state.matcher.for_need(need, ask.language, int(written))
    refs = [one.ref for one in (*found.matches, *found.near)]
    names = await ask.in_database(lambda session: service.names_of(session, refs))
    answer = answers.Matches(
        external_id=record.external_id,
        limited=found.limited,
        matches=[
            answers.Match(
                **_common(ask, one.document, names),
                score=one.score,
                reasons=_reasons(one.reasons),
                missing=_reasons(one.missing),
            )
            for one in found.matches
        ],
        near=[
            answers.NearMiss(
                **_common(ask, one.document, names),
                criterion=one.criterion,
                text=one.text,
                advice=one.advice.text,
                offers=[_offer(ask, offer) for offer in one.advice.offers],
            )
            for one in found.near
        ],
    )
    return Response(answer.model_dump_json(), media_type="application/json", headers={"cache-control": "no-store"})


async def record_in(request: Request) -> NeedRecord:
    """The need in the body; `external_id` may be left out. Raises BadRequest or Invalid."""
    body = await request.body()
    if len(body) > BODY:
        raise BadRequest(f"the need is longer than {BODY} bytes")
    try:
        values = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is no JSON object in UTF-8") from error
    if not isinstance(values, dict):
        raise BadRequest("the body is no JSON object")
    try:
        record: NeedRecord = read(NeedRecord, {"external_id": "need"} | values)
    except Refused as reason:
        raise Invalid(str(reason)) from reason
    return record


def _common(ask: Ask, document: Any, names: dict[str, str]) -> dict[str, Any]:
    link = ask.link("offerings:show", ref=document["id"], slug=document["slug"])
    return {
        "external_id": names[document["id"]],
        "ref": document["id"],
        "url": ask.pages.base_url + link,
        "kind": document["kind"],
        "title": document["title"],
        "lang": document["lang"],
        "organisation": document["organisation"] or None,
        "place": document["town"] or None,
    }


def _offer(ask: Ask, offer: Any) -> answers.Offer:
    link = ask.link("offerings:show", ref=offer.ref, slug=offer.slug)
    return answers.Offer(
        ref=offer.ref,
        url=ask.pages.base_url + link,
        title=offer.title,
        organisation=offer.organisation or None,
        place=offer.place or None,
        on=offer.on,
    )


def _reasons(reasons: Sequence[Reason]) -> list[answers.MatchReason]:
    return [
        answers.MatchReason(criterion=one.criterion, field=one.field, points=one.points, text=one.text)
        for one in reasons
    ]
