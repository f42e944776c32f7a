"""Letters that are due: what fits a firm, and what a saved search has found; several things of one sort in one letter.

What is over by the time of the letter is left out, and a letter with nothing in it is not written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from market.accounts import people
from market.accounts.models import Person
from market.i18n import Words, language_of, words
from market.mail import letters
from market.needs import effort, labels
from market.needs import letters as need_letters
from market.needs.models import Need
from market.notifications import orders, rules, service
from market.notifications.finding import THINGS
from market.notifications.models import Alert, Notice, SavedSearch
from market.values import local_day
from market.web.languages import localised
from search.documents import IndexName

LETTERS: Final = 20
"""Letters a transaction."""
SHOWN: Final = 20
"""Things a letter names; the others are behind its link."""


def write_due(session: Session, now: datetime, base_url: str) -> int:
    """A share of the letters that are due by now; how many recipients were dealt with, 0 when nobody is left."""
    due = (Alert.due_at <= now, Alert.written_at.is_(None))
    of_firms = select(Alert.person_id, Notice.organisation_id).join(Alert.notice).where(*due).distinct()
    done = 0
    for person_id, organisation_id in session.execute(of_firms.limit(LETTERS)).all():
        alerts = select(Alert).join(Alert.notice).where(*due, Alert.person_id == person_id)
        _of_firm(session, _taken(session, alerts.where(Notice.organisation_id == organisation_id), now), now, base_url)
        done += 1
    of_searches = select(Alert.search_id).where(*due, Alert.search_id.is_not(None)).distinct()
    for search_id in session.scalars(of_searches.limit(LETTERS)).all():
        _of_search(
            session, _taken(session, select(Alert).where(*due, Alert.search_id == search_id), now), now, base_url
        )
        done += 1
    return done


def _taken(session: Session, query: Select[Alert], now: datetime) -> list[Alert]:
    """The alerts, marked as told: whatever becomes of the letter, they are not taken up again."""
    alerts = list(session.scalars(query.order_by(Alert.id)))
    for alert in alerts:
        alert.written_at = now
    return alerts


def _of_firm(session: Session, alerts: Sequence[Alert], now: datetime, base_url: str) -> None:
    """One letter to one person about needs that fit one firm, the best first."""
    notices = [alert.notice for alert in alerts if alert.notice is not None]
    firm = notices[0].organisation
    person = next((one for one in rules.listeners(session, firm) if one.id == alerts[0].person_id), None)
    if person is None or not rules.may_hear(firm):
        return
    open_ids = rules.open_to(firm).where(Need.id.in_([one.need_id for one in notices])).with_only_columns(Need.id)
    is_open = set(session.scalars(open_ids.order_by(None)))
    invited = service.invitations(session, firm.id, list(is_open))
    told = {need_id for need_id, one in invited.items() if one.told_at is not None}  # by the letter that invites
    fitting = [one for one in notices if one.need_id in is_open - told and _is_worth_it(one, now)]
    if not fitting:
        return
    fitting.sort(key=lambda one: (-one.score, one.id))
    speak = words(language_of(person.language))
    wish = orders.wish_of(session, person, now)
    proofs = effort.proofs(session, firm.id, [one.need for one in fitting[:SHOWN]], local_day(now))
    to = _address(base_url, speak)
    reader = people.Reader.of(person)
    answers = [need_letters.way(session, one.need, firm, reader, now) for one in fitting[:SHOWN]]
    letters.write(
        session,
        now,
        person.email,
        speak.language,
        "notifications/needs",
        secret=any(answers),
        unsubscribe=f"{base_url}/api/alerts/{wish.token}",
        firm=firm.name,
        needs=[
            _need(speak, notice, to, now) | {"effort": held.text(speak), "answer": base_url + answer if answer else ""}
            for notice, held, answer in zip(fitting, proofs, answers, strict=False)
        ],
        more=max(0, len(fitting) - SHOWN),
        inbox=to("/me/inbox"),
        settings=to(f"/alerts/{wish.token}"),
    )


def _is_worth_it(notice: Notice, now: datetime) -> bool:
    until = notice.need.bids_until
    return notice.stage != "passed" and (until is None or until > now)


def _address(base_url: str, speak: Words) -> Callable[[str], str]:
    return lambda path: base_url + localised(path, speak.language)


def _need(speak: Words, notice: Notice, to: Callable[[str], str], now: datetime) -> dict[str, Any]:
    need = notice.need
    title, lang = speak.in_language(need.text_in("title"), need.lang)
    return {
        "title": title,
        "lang": lang,
        "buyer": need.organisation.name,
        "town": need.town,
        "procedure": labels.procedure(speak, need.procedure),
        "deadline": labels.deadline(speak, need.bids_until) if need.bids_until else "",
        "left": labels.remaining(speak, need.bids_until, now) if need.bids_until else "",
        "reasons": notice.reasons.get(speak.language, []),
        "link": to(f"/needs/{need.ref}/{need.slug}"),
    }


@dataclass(frozen=True)
class Reader:
    """Where the letters of a saved search go."""

    email: str
    language: str


def reader_of(search: SavedSearch, person: Person | None) -> Reader | None:
    """None where nobody may be written to: unconfirmed, erased, an address that takes no letters."""
    if search.confirmed_at is None:
        return None
    email, language = (person.email, person.language) if person else (search.email, search.language)
    return Reader(email, language) if letters.postable(email) else None


def _of_search(session: Session, alerts: Sequence[Alert], now: datetime, base_url: str) -> None:
    """One letter about what a saved search has found: public facts, as they are now."""
    search = alerts[0].search
    if search is None:
        return
    reader = reader_of(search, search.person)
    found = documents(session, search.tab, [alert.thing for alert in alerts], now)  # type: ignore[arg-type]
    if reader is None or not found:
        return
    speak = words(language_of(reader.language))
    to = _address(base_url, speak)
    letters.write(
        session,
        now,
        reader.email,
        speak.language,
        "notifications/found",
        unsubscribe=f"{base_url}/api/alerts/{search.token}",
        name=search.name,
        things=[_thing(speak, search, document, to, now) for document in found[:SHOWN]],
        number=len(found),
        more=max(0, len(found) - SHOWN),
        page=to("/search") + newest(search.query),
        settings=to(f"/alerts/{search.token}"),
    )


def newest(query: str) -> str:
    """The address of the search with what is new on top."""
    kept = [(key, value) for key, value in parse_qsl(query) if key != "sort"]
    return f"?{urlencode([*kept, ('sort', 'newest')])}"


def documents(session: Session, tab: IndexName, refs: Sequence[str], now: datetime) -> list[dict[str, Any]]:
    """Public documents in the order of the references; what is public no more is left out."""
    model, make, public = THINGS[tab]
    query = public().where(model.ref.in_(refs)).with_only_columns(model.id, model.ref).order_by(None)
    refs_by_id = {row.id: row.ref for row in session.execute(query)}
    made = {refs_by_id[id_]: one for id_, one in make(session, list(refs_by_id), local_day(now)) if one is not None}
    return [made[ref] for ref in refs if ref in made]


def _thing(
    speak: Words, search: SavedSearch, document: dict[str, Any], to: Callable[[str], str], now: datetime
) -> dict[str, Any]:
    title, lang = speak.in_language({document["lang"]: document["title"], **document["titles"]}, document["lang"])
    seconds = document.get("bids_until")
    until = datetime.fromtimestamp(seconds, now.tzinfo) if seconds else None
    firm = document["organisation"] if search.tab != "providers" else ""
    return {
        "title": title,
        "lang": lang,
        "line": ", ".join(part for part in (firm, document["town"]) if part),
        "deadline": labels.deadline(speak, until) if until else "",
        "link": to(f"/{search.tab}/{document['id']}/{document['slug']}"),
    }
