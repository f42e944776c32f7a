"""Codes and trades for a text, as JSON."""

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from market.api import answers
from market.api.parameters import CATEGORIES, MAX_PROSE, known_only
from market.db import read_only
from market.taxonomy import trades
from market.taxonomy.suggest import Scheme, split_head, suggester
from market.values import Language, readable
from market.web.answering import answered
from market.web.endpoint import Ask

SCHEMES: tuple[Scheme, ...] = ("cpv", "ewc")
LIMIT = 8


async def categories(ask: Ask) -> Response:
    """The best codes of both schemes and the best trades, each list best first."""
    params = known_only(ask.request.query_params, CATEGORIES)
    text = readable(params.get("text", ""))[:MAX_PROSE]
    found = await run_in_threadpool(lambda: _found(ask, text))
    return answered(ask.request, found, "public, max-age=60")


def _found(ask: Ask, text: str) -> answers.Categories:
    head, rest = split_head(text)
    with read_only(ask.request.app.state.sessions) as session:
        codes = [one for scheme in SCHEMES for one in _codes(session, scheme, head, rest, ask.language)]
        kinds = suggester(session, "trade").best(head, rest, None, LIMIT)
    return answers.Categories(
        codes=codes,
        trades=[
            answers.SuggestedTrade(id=id_, name=trades.name(id_, ask.language), score=score) for id_, score in kinds
        ],
    )


def _codes(session: Session, scheme: Scheme, head: str, rest: str, language: Language) -> list[answers.SuggestedCode]:
    entries = suggester(session, scheme)
    return [
        answers.SuggestedCode(scheme=scheme, code=code, label=entries.label(code, language), score=score)
        for code, score in entries.best(head, rest, None, LIMIT)
    ]
