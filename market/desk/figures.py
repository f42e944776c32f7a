"""`/me/figures`: how often a firm was looked at and asked. For itself only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.numbers import format_percent
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.desk import dealings, words
from market.desk.dealings import Dealings
from market.desk.models import DailyViews
from market.enquiries.models import Thread
from market.i18n import N_, Words
from market.matching.views import compared_in_time
from market.offerings import labels
from market.offerings.models import Offering
from market.values import first_of_month, local_day
from market.web.endpoint import Call, endpoint

WEEKS = 8
MONTHS = 6
YEAR = timedelta(days=365)
DAYS = 30
"""Of the sums on the list of offerings."""


@dataclass(frozen=True)
class Chart:
    """One series or two on top of each other, the oldest first: labels and counts. The last is the week or month that
    is not over yet."""

    key: str
    title: str
    period: str
    units: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]
    note: str = ""

    @property
    def most(self) -> int:
        return max((sum(counts) for _, counts in self.rows), default=0)


def figures(call: Call) -> Response:
    organisation = own(call)
    offerings = list(
        call.session.scalars(
            select(Offering)
            .where(Offering.organisation_id == organisation.id, Offering.published_at.is_not(None))
            .order_by(Offering.title, Offering.id)
        )
    )
    found = dealings.of_firm(call.session, call.viewer, call.now - YEAR, call.now)
    sums = sums_of(call.session, [one.ref for one in offerings], call.today)
    return call.render(
        "desk/figures.html",
        charts=[*views_of(call, organisation, offerings), *dealt(call, organisation, found)],
        offerings=offerings,
        sums=sums,
        days=DAYS,
        asked=asked_of(call.session, offerings, call.now),
        words=words.of_firm(call.session, organisation.id, call.today),
        months=words.MONTHS,
        enough=words.ENOUGH,
        answered=answered(call, organisation, found),
        behalf=bool(call.viewer.behalf_of),
        found=compared_in_time(call, [one for one in offerings if one.status == "published"]),
    )


def views_of(call: Call, organisation: Organisation, offerings: Sequence[Offering]) -> list[Chart]:
    """How often profile and offerings were looked at."""
    w, since = call.words, last_weeks(call.today)[0]
    of_profile = viewed(call.session, "provider", [organisation.ref], since)
    of_offerings = viewed(call.session, "offering", [one.ref for one in offerings], since)
    week, units = w(N_("Week from")), (w(N_("Views")),)
    return [
        Chart("profile", w(N_("Views of your profile by week")), week, units, by_week(call, of_profile)),
        Chart("offerings", w(N_("Views of your offerings by week")), week, units, by_week(call, of_offerings)),
    ]


def dealt(call: Call, organisation: Organisation, found: Dealings) -> list[Chart]:
    """Enquiries, invitations, bids and decisions; the last two are the firm's own affair."""
    w, month = call.words, call.words(N_("Month"))
    enquired = asked(call.session, organisation.id)
    charts = [
        Chart("enquiries", w(N_("Enquiries by month")), month, (w(N_("Enquiries")),), by_month(call, enquired)),
        Chart(
            "invitations",
            w(N_("Invitations to needs by month")),
            month,
            (w(N_("Invitations")),),
            by_month(call, found.invited),
        ),
    ]
    if call.viewer.behalf_of:
        return charts
    counted = w(
        N_("In the month of the deadline: bids that were in and not withdrawn. Open deadlines do not count yet.")
    )
    units = (w(N_("Won")), w(N_("Not won")))
    return [
        *charts,
        Chart("bids", w(N_("Bids handed in by month")), month, (w(N_("Bids")),), by_month(call, found.bids), counted),
        Chart(
            "decisions",
            w(N_("Decisions on your bids by month")),
            month,
            units,
            by_month(call, found.won, found.lost),
            share(w, call.today, found),
        ),
    ]


def share(w: Words, today: date, found: Dealings) -> str:
    """What part of the bids that were decided in these months was won, in words."""
    first = last_months(today)[0]
    won, lost = (sum(day >= first for day in some) for some in (found.won, found.lost))
    if not won + lost:
        return w(N_("No bid of yours was decided in these months."))
    part = format_percent(round(won / (won + lost), 2), locale=w.locale)
    drawn = w(N_("Filled: won, the whole or a part. Dashed: not won."))
    return f"{drawn} {w(N_('Won: %(won)s of %(all)s, %(share)s.'), won=won, all=won + lost, share=part)}"


def answered(call: Call, organisation: Organisation, found: Dealings) -> list[tuple[str, str]]:
    """What became of needs in the last year, and how fast enquiries are answered."""
    w, minutes = call.words, organisation.answer_minutes
    pace = labels.answers_in(w, minutes) if minutes is not None else w(N_("not known yet"))
    rows = [(N_("Invitations to a need"), found.invited)]
    if not call.viewer.behalf_of:
        rows += [(N_("Needs bid for"), found.bids), (N_("Needs won"), found.won), (N_("Needs not won"), found.lost)]
    counts = [(w(name), w.number(len(some))) for name, some in rows]
    return [*counts, (w(N_("Your pace with enquiries")), pace)]


def last_weeks(today: date) -> list[date]:
    """The Mondays of the last weeks, this one last."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in reversed(range(WEEKS))]


def last_months(today: date) -> list[date]:
    """The first days of the last months, this one last."""
    return [first_of_month(today, -back) for back in reversed(range(MONTHS))]


def viewed(session: Session, kind: str, refs: Iterable[str], since: date) -> Counter[date]:
    """Views of these things together, by day."""
    query = select(DailyViews.day, func.sum(DailyViews.count)).where(
        DailyViews.kind == kind, DailyViews.ref.in_(list(refs)), DailyViews.day >= since
    )
    return Counter({day: int(count) for day, count in session.execute(query.group_by(DailyViews.day))})


def by_week(call: Call, counts: Counter[date]) -> list[tuple[str, list[int]]]:
    return [
        (
            call.words.day(monday, "d/M" if call.language == "en" else "d.M."),
            [sum(counts[monday + timedelta(days=more)] for more in range(7))],
        )
        for monday in last_weeks(call.today)
    ]


def by_month(call: Call, *series: Iterable[date]) -> list[tuple[str, list[int]]]:
    """How many of these days lie in each of the last months."""
    counts = [Counter(day.replace(day=1) for day in days) for days in series]
    return [(call.words.day(month, "LLL"), [one[month] for one in counts]) for month in last_months(call.today)]


def asked(session: Session, organisation_id: int) -> list[date]:
    """Days on which the firm got enquiries."""
    return [
        local_day(moment)
        for moment in session.scalars(select(Thread.asked_at).where(Thread.organisation_id == organisation_id))
    ]


def asked_of(session: Session, offerings: Sequence[Offering], now: datetime) -> dict[int, int]:
    """Enquiries about each offering in the last days, by its id."""
    query = select(Thread.offering_id, func.count(Thread.id)).where(
        Thread.offering_id.in_([one.id for one in offerings]), Thread.asked_at > now - timedelta(days=DAYS)
    )
    found = {id_: int(count) for id_, count in session.execute(query.group_by(Thread.offering_id)) if id_}
    return {one.id: found.get(one.id, 0) for one in offerings}


def sums_of(session: Session, refs: Sequence[str], today: date) -> dict[str, int]:
    """Views of each offering in the last days, by its reference; 0 for one nobody looked at."""
    query = select(DailyViews.ref, func.sum(DailyViews.count)).where(
        DailyViews.kind == "offering", DailyViews.ref.in_(refs), DailyViews.day > today - timedelta(days=DAYS)
    )
    found = {ref: int(count) for ref, count in session.execute(query.group_by(DailyViews.ref))}
    return {ref: found.get(ref, 0) for ref in refs}


routes: list[BaseRoute] = [Route("/me/figures", endpoint(figures), name="figures", methods=["GET"])]
