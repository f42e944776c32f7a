"""Which words people had searched for before they came to a firm: never a search, never who, only counts of words.

A word counts once a day for a visitor and a firm. Addresses, telephone numbers, and words of the names of firms and
people here are not kept at all; what is kept is shown once it was counted `ENOUGH` times.
"""

from collections import Counter
from datetime import date
from functools import cache
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation, Person
from market.db import upsert
from market.desk.models import SearchedWord
from market.taxonomy import trades
from market.values import LANGUAGES, first_of_month, is_personal
from search.words import WORD, fold, stop_words

ENOUGH: Final = 5
MONTHS: Final = 6
"""Counted together, this one too; older ones are deleted."""
MOST: Final = 300
"""Words of a firm and a month, so that nobody fills the table."""
SHOWN: Final = 12
PER_SEARCH: Final = 8
SHORTEST, LONGEST, DIGITS = 3, 40, 5
PAGES: Final = frozenset({"/search", *(f"/{language}/search" for language in LANGUAGES)})


def before(referer: str, host: str) -> set[str]:
    """The telling words of the search page a visitor comes from; none for any other page."""
    try:
        came = urlsplit(referer)
    except ValueError:
        return set()
    if came.netloc != host or came.path not in PAGES:
        return set()
    text = " ".join(parse_qs(came.query).get("q", ()))
    return set() if is_personal(text) else telling(text)


def telling(text: str) -> set[str]:
    words = dict.fromkeys(WORD.findall(text.casefold()))
    kept = (word for word in words if SHORTEST <= len(word) <= LONGEST and fold(word) not in _stops())
    return set([word for word in kept if not (word.isdigit() and len(word) > DIGITS)][:PER_SEARCH])


@cache
def _stops() -> frozenset[str]:
    return frozenset(fold(word) for word in stop_words())


@cache
def _of_trades() -> frozenset[str]:
    return frozenset(_words(" ".join(text for trade in trades.by_id().values() for text in trade.words())))


def _words(text: str) -> list[str]:
    return [fold(word) for word in WORD.findall(text)]


def names(session: Session) -> set[str]:
    """Words that name a firm or a person, and are neither a trade nor a town."""
    firms = session.execute(select(Organisation.name, Organisation.town)).all()
    people = session.scalars(select(Person.name).where(Person.name != ""))
    named = {word for text in (*(firm.name for firm in firms), *people) for word in _words(text)}
    return named - _of_trades() - {word for firm in firms for word in _words(firm.town)}


def add(session: Session, counts: Counter[tuple[int, str]], day: date) -> None:
    """Count words by firm, always in the same order; two processes add up."""
    month = first_of_month(day)
    session.execute(delete(SearchedWord).where(SearchedWord.month < first_month(day)))
    hidden = names(session)
    for (firm, word), count in sorted(counts.items()):
        if fold(word) in hidden or _is_full(session, firm, month, word):
            continue
        row = upsert(session, SearchedWord).values(organisation_id=firm, month=month, word=word, count=count)
        kept = SearchedWord.count + row.excluded.count
        keys = ["organisation_id", "month", "word"]
        session.execute(row.on_conflict_do_update(index_elements=keys, set_={"count": kept}))


def _is_full(session: Session, firm: int, month: date, word: str) -> bool:
    own = (SearchedWord.organisation_id == firm, SearchedWord.month == month)
    if session.scalar(select(SearchedWord.word).where(*own, SearchedWord.word == word)) is not None:
        return False
    return (session.scalar(select(func.count()).select_from(SearchedWord).where(*own)) or 0) >= MOST


def first_month(today: date) -> date:
    return first_of_month(today, 1 - MONTHS)


def of_firm(session: Session, organisation_id: int, today: date) -> list[tuple[str, int]]:
    """Words counted often enough, the most frequent first; names of whoever has joined since are left out, too."""
    total = func.sum(SearchedWord.count)
    query = select(SearchedWord.word, total).where(
        SearchedWord.organisation_id == organisation_id, SearchedWord.month >= first_month(today)
    )
    query = query.group_by(SearchedWord.word).having(total >= ENOUGH).order_by(total.desc(), SearchedWord.word)
    found = [(word, int(count)) for word, count in session.execute(query)]
    hidden = names(session) if found else set()
    return [(word, count) for word, count in found if fold(word) not in hidden][:SHOWN]
