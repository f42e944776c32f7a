"""Counts beside the hits: every group without its own choice, certificates on the day asked for."""

from collections.abc import Iterable
from typing import Any

from search.asking import Question
from search.client import Client, State
from search.criteria import FACETS, certificate_field
from search.documents import IndexName

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


def group_queries(question: Question, days: dict[str, tuple[str, str]]) -> list[tuple[str, dict[str, Any]]]:
    """One query for each group with a choice: its values are counted without that choice."""
    found = []
    for group in question.chosen():
        fields = [field for pair in days.values() for field in pair] if group == "certificates" and days else []
        found.append((group, question.without(group).counting(*(fields or [FACETS[group]]))))
    return found


def main_fields(question: Question, days: dict[str, tuple[str, str]]) -> list[str]:
    """Fields counted along with the hits."""
    fields = question.free_facets()
    if days and "certificates" in fields:
        fields.remove("certificates")
        fields += [field for pair in days.values() for field in pair]
    return fields


def read(
    question: Question, main: Answer, groups: Iterable[tuple[str, Answer]], days: dict[str, tuple[str, str]]
) -> dict[str, dict[str, int]]:
    """Group -> value -> hits, from the answers to the main query and to `group_queries`."""
    own = dict(groups)
    found = {}
    chosen = question.chosen()
    for group, field in FACETS.items():
        if group in chosen or field in question.free_facets():
            answer = own.get(group, main)
            if group == "certificates" and days:
                found[group] = on_day(answer, days, question.criteria.valid_on or 0)
            else:
                found[group] = _counts(answer, field)
    return found


def _counts(answer: Answer, field: str) -> dict[str, int]:
    return dict((answer.get("facetDistribution") or {}).get(field) or {})
