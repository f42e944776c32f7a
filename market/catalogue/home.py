"""The landing page: search, the region, what is wanted next, trades."""

from collections import Counter

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.catalogue import figures
from market.catalogue.regionmap import RADIUS_KM, region_map
from market.needs import labels
from market.taxonomy import trades
from market.taxonomy.trades import Trade
from market.values import Language
from market.web.endpoint import Call, endpoint

TRADES_SHOWN = 3
EXAMPLES = 5
SHORT = 26
"""Letters of an example that still fits a button."""
NEEDS_SHOWN = 4


def home(call: Call) -> Response:
    counts = figures.offerings_by_trade(call.session)
    most = sorted(trades.by_id().values(), key=lambda trade: -counts[trade.id])
    groups = []
    for group in trades.groups():
        offered = sorted((t for t in group.trades if counts[t.id]), key=lambda trade: -counts[trade.id])
        if offered:
            groups.append((group, offered[:TRADES_SHOWN]))
    open_total, needs = figures.open_needs(call.session, call.now, NEEDS_SHOWN)
    return call.render(
        "home/show.html",
        counts=counts,
        examples=_examples(most, counts, call.language),
        groups=groups,
        firms=figures.firms(call.session),
        offerings=sum(figures.offerings_by_kind(call.session).values()),
        map=region_map(figures.sites(call.session), (660, 740), names=9, phone=22),
        radius=RADIUS_KM,
        needs=needs,
        open_total=open_total,
        labels=labels,
        now=call.now,
        demo=figures.shows_examples(call.session),
    )


def _examples(most: list[Trade], counts: Counter[str], language: Language) -> list[Trade]:
    """Trades to begin with: of each kind the most offered one with a short name, then the next ones."""
    offered = [trade for trade in most if counts[trade.id] and len(trade.names[language]) <= SHORT]
    first = {trade.kind: trade for trade in reversed(offered)}
    return list(dict.fromkeys([*first.values(), *offered]))[:EXAMPLES]


routes: list[BaseRoute] = [Route("/", endpoint(home), name="home")]
