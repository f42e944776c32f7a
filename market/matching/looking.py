"""Who is looked at for a need: candidates the index finds by its words, codes and trades."""

import asyncio
from collections.abc import Awaitable

from market.matching import rules
from market.matching.asked import Asked
from search.client import Client
from search.criteria import any_of, certificate_field
from search.evidence import Document, Filter, Meant, Sought, candidates
from search.terms import Frequencies, Terms, frequencies, terms

WORDS, NEAR_WORDS = 4, 2
"""Telling words asked for by themselves; and for those who may lack a certificate."""
LOOKED_AT = 60
NEAR_LOOKED_AT = 40
"""Candidates compared word by word; and of those who lack a certificate."""


async def found_by_search(client: Client, asked: Asked, meaning: Awaitable[Asked], today: int) -> list[Document]:
    """Candidates that hold every certificate asked for, and some that may lack one; `meaning` is the same need with
    its meaning, which may be awaited more than once. Raises SearchUnavailable."""
    often = await frequencies(client, "offerings")
    open_ = kind_filter(asked)
    strict = [*open_, *certificate_filters(asked, today)]

    async def meant() -> Meant:
        whole = await meaning
        return Meant(whole.codes, whole.likely)

    looks = [candidates(client, "offerings", Sought(telling_words(asked, often, WORDS), meant()), strict, LOOKED_AT)]
    if len(strict) > len(open_):
        sought = Sought(telling_words(asked, often, NEAR_WORDS), meant())
        looks.append(candidates(client, "offerings", sought, open_, NEAR_LOOKED_AT))
    return list({d["id"]: d for found in await asyncio.gather(*looks) for d in found}.values())


def telling_words(asked: Asked, often: Frequencies, most: int) -> Terms:
    return terms(asked.title, asked.text, often, most)


def kind_filter(asked: Asked) -> list[Filter]:
    return [any_of("kind", [asked.kind])] if asked.kind else []


def certificate_filters(asked: Asked, today: int) -> list[Filter]:
    day = rules.day_of_work(asked, today)
    fields = [certificate_field(one.partition(":")[0]) for one in asked.certificates if rules.is_public(one)]
    return [
        condition
        for name in fields
        for condition in (f"certificate_until.{name} >= {day}", f"certificate_from.{name} <= {day}")
    ]
