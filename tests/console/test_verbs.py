"""Whatever a service records is said in words on the operator's page of the journal."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import market.bids.lifecycle
import market.bookings.lifecycle
import market.lookaheads.lifecycle
import market.movements.lifecycle
import market.needs.lifecycle
import market.needs.pooling
import market.offerings.lifecycle
import market.projects.lifecycle
import market.samples.lifecycle
import market.teams.pairs
import market.teams.service
from market.console.verbs import VERBS

SOURCES = Path(market.__file__).parent
VERB = re.compile(r"[a-z]+\.[a-z_]+")
MADE = {
    "bids.": market.bids.lifecycle.STATES,
    "bids.late_": {*market.bids.lifecycle.ADMISSIONS, "admitted", "link_followed"} - {"open", "redeemed"},
    "bookings.": (*market.bookings.lifecycle.VERBS.values(), "waiting", "reserved", "people_named"),
    "enquiries.": ("quoted", "declined", "answered", "written", "dismissed", "warned", "blocked"),
    "imports.": ("done", "failed", "dropped"),
    "lookaheads.": market.lookaheads.lifecycle.VERBS.values(),
    "movements.": market.movements.lifecycle.VERBS.values(),
    "needs.": market.needs.lifecycle.VERBS.values(),
    "needs.pool_": (state for moves in market.needs.pooling.MOVES.values() for state in moves.values()),
    "offerings.": market.offerings.lifecycle.VERBS.values(),
    "permits.": ("verified", "declined"),
    "projects.": market.projects.lifecycle.VERBS.values(),
    "samples.": market.samples.lifecycle.VERBS.values(),
    "teams.interest_": market.teams.service.VERBS.values(),
    "teams.pair_": {*market.teams.pairs.MOVES, "shown"},
}
"""Verbs made of a beginning and a word that varies: what may follow."""


def recorded() -> Iterator[str]:
    """Verbs, and beginnings of verbs: what is given to `record`, and what of the same areas stands elsewhere in the
    modules that write the journal."""
    given, beside = set[str](), set[str]()
    for path in sorted(SOURCES.rglob("*.py")):
        text = path.read_text("utf-8")
        if "record(" not in text or path.name == "verbs.py":
            continue
        for node in ast.walk(ast.parse(text)):
            name = _called(node)
            if name.endswith("record"):
                given |= {*_said(node), *_begun(node)}
            elif name != "ForeignKey":
                beside |= set(_said(node))
    areas = {_area(verb) for verb in (*given, *VERBS)}
    yield from given | {verb for verb in beside if _area(verb) in areas}


def _called(node: ast.AST) -> str:
    func = getattr(node, "func", None)
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def _said(node: ast.AST) -> Iterator[str]:
    texts = (child.value for child in ast.iter_child_nodes(node) if isinstance(child, ast.Constant))
    yield from (text for text in texts if isinstance(text, str) and VERB.fullmatch(text))


def _begun(call: ast.AST) -> Iterator[str]:
    """The fixed beginning of a verb that ends in a word of a table."""
    for given in ast.iter_child_nodes(call):
        if isinstance(given, ast.JoinedStr) and isinstance(given.values[0], ast.Constant):
            yield str(given.values[0].value)


def _area(verb: str) -> str:
    return verb.partition(".")[0]


def test_what_is_recorded_has_words_and_words_are_of_something_recorded() -> None:
    found = set[str]()
    for verb in recorded():
        found |= {verb + end for end in MADE[verb]} if verb in MADE else {verb}
    assert found == set(VERBS)
