"""Counts beside the hits: every group without its own choice, certificates on the day asked for.

A kind and one more choice, the most frequent pair, are counted by one query: among what fits either of the two and all
the rest. Of another kind there can only be what fits the other choice; and what is of a chosen kind says so in each of
its values (`WITH_KIND`), so that it is told apart from what only fits the other choice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search.asking import Question
from search.client import Client, State
from search.criteria import FACETS, certificate_field
from search.documents import IndexName
from search.words import WITH_KIND

COUNTED_TYPES = 40
"""Certificate types counted for a day other than today, the most frequent ones and those chosen."""

Answer = dict[str, Any]
_types: dict[tuple[str, IndexName], tuple[str, list[str]]] = {}


async def day_fields(client: Client, state: State, question: Question) -> dict[str, tuple[str, str]]:
    """Type -> the two fields whose values tell how many hold it on `valid_on`; empty where no day is chosen.

    Raises SearchUnavailable.
    """
    c = question.criteria.within(question.index)
    if not c.valid_on:
        return {}
    key = (client.url, question.index)
    known = _types.get(key)
    if known is None or known[0] != state.version:
        query = {"indexUid": question.index, "q": "", "hitsPerPage": 0, "facets": ["certificates"]}
        (answer,) = await client.multi_search([query])
        known = _types[key] = (state.version, list(_counts(answer, "certificates")))
    chosen = [certificate_field(wanted.partition(":")[0]) for wanted in c.certificates]
    types = dict.fromkeys([*chosen, *known[1][:COUNTED_TYPES]])
    return {type_: (f"certificate_until.{type_}", f"certificate_from.{type_}") for type_ in types}


def on_day(answer: Answer, fields: dict[str, tuple[str, str]], day: int) -> dict[str, int]:
    """Who holds each type on a day: those whose last day is not over, less those whose first has not come."""
    found = {}
    for type_, (until, since) in fields.items():
        number = sum(count for value, count in _counts(answer, until).items() if int(float(value)) >= day)
        number -= sum(count for value, count in _counts(answer, since).items() if int(float(value)) > day)
        if number:
            found[type_] = number
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


ONE_KIND: frozenset[IndexName] = frozenset({"offerings", "needs"})
"""Indexes whose documents have one kind at most."""


@dataclass(frozen=True)
class Counting:
    """A query that counts one group without its own choice, or the kinds and another group each without its own."""

    groups: tuple[str, ...]
    query: dict[str, Any]


def countings(question: Question, days: dict[str, tuple[str, str]]) -> list[Counting]:
    """What has to be asked beside the hits, so that each group with a choice is counted without it."""
    found, pair = [], _pair(question, days)
    if pair:
        found.append(Counting(pair, question.either(*pair, facets=("kinds", WITH_KIND[FACETS[pair[1]]]))))
    for group in question.chosen():
        if group not in pair:
            fields = [field for both in days.values() for field in both] if group == "certificates" and days else []
            query = question.without(group).counting(*(fields or [FACETS[group]]))
            found.append(Counting((group,), query))
    return found


def _pair(question: Question, days: dict[str, tuple[str, str]]) -> tuple[str, ...]:
    """The kinds and the choice that is counted with them; empty where there is none."""
    chosen = question.chosen()
    if question.index not in ONE_KIND or "kinds" not in chosen:
        return ()
    others = (group for group in chosen if FACETS[group] in WITH_KIND and not (group == "certificates" and days))
    return next((("kinds", group) for group in others), ())


def main_fields(question: Question, days: dict[str, tuple[str, str]]) -> list[str]:
    """Fields counted along with the hits."""
    fields = question.free_facets()
    if days and "certificates" in fields:
        fields.remove("certificates")
        fields += [field for pair in days.values() for field in pair]
    return [*fields, "kinds"] if _pair(question, days) else fields


def read(
    question: Question,
    main: Answer,
    counted: Sequence[Counting],
    answers: Sequence[Answer],
    days: dict[str, tuple[str, str]],
) -> dict[str, dict[str, int]]:
    """Group -> value -> hits, from the answers to the main query and to `countings`."""
    own = {group: (one, answer) for one, answer in zip(counted, answers, strict=True) for group in one.groups}
    found, free = {}, question.free_facets()
    for group, field in FACETS.items():
        if group not in own and field not in free:
            continue
        one, answer = own.get(group, (None, main))
        if one is not None and len(one.groups) > 1:
            found[group] = _apart(question, main, answer, group)
        elif group == "certificates" and days:
            found[group] = on_day(answer, days, question.criteria.valid_on or 0)
        else:
            found[group] = _counts(answer, field)
    return found


def _apart(question: Question, main: Answer, either: Answer, group: str) -> dict[str, int]:
    """One group of a pair: chosen kinds have what is among the hits, other values what is of a chosen kind."""
    chosen = question.criteria.kinds
    if group == "kinds":
        there = {kind: number for kind, number in _counts(either, "kinds").items() if kind not in chosen}
        return there | {kind: number for kind, number in _counts(main, "kinds").items() if kind in chosen}
    summed: Counter[str] = Counter()
    for both, number in _counts(either, WITH_KIND[FACETS[group]]).items():
        kind, _, value = both.partition("|")
        if kind in chosen:
            summed[value] += number
    return dict(summed.most_common())


def _counts(answer: Answer, field: str) -> dict[str, int]:
    return dict((answer.get("facetDistribution") or {}).get(field) or {})
