"""`/operator/searches`: what people look for and do not find, what a synonym would change; the code lists."""

import asyncio
from dataclasses import dataclass

from pydantic import field_validator
from sqlalchemy import func, select
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.catalogue import missed
from market.catalogue.finder import Finder
from market.console.gate import live_page, page
from market.i18n import N_
from market.taxonomy import certificates, trades
from market.taxonomy.models import Code, CodeList, Place
from market.web.endpoint import Ask, Call
from market.web.forms import Filled, Form, read
from search.criteria import Criteria
from search.hits import Hit

COMPARED = 500
"""Offerings of each question that are compared."""
SHOWN = 30


class SynonymForm(Form):
    word: str
    synonym: str

    @field_validator("word", "synonym")
    @classmethod
    def is_short(cls, value: str) -> str:
        if len(value) > 80:
            raise ValueError(N_("Please write it shorter, with at most 80 characters."))
        return value


@dataclass(frozen=True)
class Preview:
    """Offerings found by the word, by the synonym, and those the word would find more."""

    word: int
    synonym: int
    more: list[Hit]


async def searches(ask: Ask) -> Response:
    filled: Filled[SynonymForm] = Filled({"word": "", "synonym": ""})
    preview, away = None, False
    query = ask.request.query_params
    if "synonym" in query:
        filled = read(FormData(dict(query)), SynonymForm, ask.words)
        if filled.data is not None:
            preview = await _preview(ask.request.app.state.finder, filled.data)
            away = preview is None
    elif query.get("word"):
        filled.values["word"] = query["word"][:80]
    return ask.render(
        "console/searches.html",
        status=422 if filled.errors else 200,
        missed=await ask.in_database(missed.frequent),
        filled=filled,
        preview=preview,
        shown=SHOWN,
        away=away,
    )


async def _preview(finder: Finder, asked: SynonymForm) -> Preview | None:
    """The word as people ask for it, the synonym as it stands there; None while the search server does not answer."""
    questions = Criteria(q=asked.word, per_page=COMPARED), Criteria(q=asked.synonym, per_page=COMPARED, exact=True)
    word, synonym = await asyncio.gather(*(finder.find("offerings", question) for question in questions))
    if word.limited or synonym.limited:
        return None
    known = {hit.ref for hit in word.hits.hits}
    more = [hit for hit in synonym.hits.hits if hit.ref not in known]
    return Preview(word.hits.total, synonym.hits.total, more)


def taxonomy(call: Call) -> Response:
    """The lists as they are loaded; they change only by command, from the files of those who publish them."""
    codes = call.session.execute(
        select(Code.scheme, Code.source, func.count()).group_by(Code.scheme, Code.source).order_by(Code.scheme)
    )
    places = call.session.execute(
        select(Place.country, Place.source, func.count()).group_by(Place.country, Place.source).order_by(Place.country)
    )
    return call.render(
        "console/taxonomy.html",
        codes=list(codes),
        places=list(places),
        loaded=list(call.session.scalars(select(CodeList).order_by(CodeList.name))),
        trades=len(trades.by_id()),
        certificates=len(certificates.types()),
    )


routes: list[BaseRoute] = [
    Route("/operator/searches", live_page(searches), name="operator:searches", methods=["GET"]),
    Route("/operator/taxonomy", page(taxonomy), name="operator:taxonomy", methods=["GET"]),
]
