"""`/me/figures`: how often a firm was looked at and asked. For itself only."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.awards.models import Decision
from market.bids.models import Bid
from market.desk import words
from market.desk.models import DailyViews
from market.enquiries.models import Thread
from market.i18n import N_
from market.matching.views import compared_in_time
from market.needs.models import Invitation
from market.offerings import labels
from market.offerings.models import Offering
from market.values import first_of_month, local_day
from market.web.endpoint import Call, endpoint

WEEKS = 8
MONTHS = 6
YEAR = timedelta(days=365)
WON = ("won", "partly")
DAYS = 30
"""Of the sums on the list of offerings."""


@dataclass(frozen=True)
class Chart:
    """One series, the oldest first: labels and counts; the last is the week or month that is not over yet."""

    key: str
    title: str
    period: str
    unit: str
    rows: Sequence[tuple[str, int]]

    @property
    def most(self) -> int:
        return max((count for _, count in self.rows), default=0)


def figures(call: Call) -> Response:
    organisation = own(call)
    offerings = list(
        call.session.scalars(
            select(Offering)
            .where(Offering.organisation_id == organisation.id, Offering.published_at.is_not(None))
            .order_by(Offering.title, Offering.id)
        )
    )
    w = call.words
    weeks, months = last_weeks(call.today), last_months(call.today)
    looked = w(N_("Views"))
    of_profile = viewed(call.session, "provider", [organisation.ref], weeks[0])
    of_offerings = viewed(call.session, "offering", [one.ref for one in offerings], weeks[0])
    charts = [
        Chart("profile", w(N_("Views of your profile by week")), w(N_("Week from")), looked, by_week(call, of_profile)),
        Chart(
            "offerings",
            w(N_("Views of your offerings by week")),
            w(N_("Week from")),
            looked,
            by_week(call, of_offerings),
        ),
        Chart(
            "enquiries",
            w(N_("Enquiries by month")),
            w(N_("Month")),
            w(N_("Enquiries")),
            [
                (w.day(month, "LLL"), count)
                for month, count in zip(months, asked(call.session, organisation.id, months), strict=True)
            ],
        ),
    ]
    sums = sums_of(call.session, [one.ref for one in offerings], call.today)
    return call.render(
        "desk/figures.html",
        charts=charts,
        offerings=offerings,
        sums=sums,
        days=DAYS,
        asked=asked_of(call.session, offerings, call.now),
        words=words.of_firm(call.session, organisation.id, call.today),
        months=words.MONTHS,
        enough=words.ENOUGH,
        answered=answered(call, organisation),
        found=compared_in_time(call, [one for one in offerings if one.status == "published"]),
    )


def answered(call: Call, organisation: Organisation) -> list[tuple[str, str]]:
    """What became of needs in the last year, and how fast enquiries are answered."""
    w, since = call.words, call.now - YEAR
    invited = select(func.count(Invitation.id)).where(
        Invitation.organisation_id == organisation.id, Invitation.told_at > since
    )
    bids = select(func.count(Bid.need_id.distinct())).where(
        Bid.organisation_id == organisation.id, Bid.received_at > since, Bid.state != "withdrawn"
    )
    won = select(func.count(Decision.id)).join(Decision.bid)
    won = won.where(Bid.organisation_id == organisation.id, Decision.told_at > since, Decision.outcome.in_(WON))
    minutes = organisation.answer_minutes
    pace = labels.answers_in(w, minutes) if minutes is not None else w(N_("not known yet"))
    rows = ((N_("Invitations to a need"), invited), (N_("Needs bid for"), bids), (N_("Needs won"), won))
    counts = [(w(name), w.number(call.session.scalar(query) or 0)) for name, query in rows]
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


def by_week(call: Call, counts: Counter[date]) -> list[tuple[str, int]]:
    return [
        (
            call.words.day(monday, "d/M" if call.language == "en" else "d.M."),
            sum(counts[monday + timedelta(days=more)] for more in range(7)),
        )
        for monday in last_weeks(call.today)
    ]


def asked(session: Session, organisation_id: int, months: Sequence[date]) -> list[int]:
    """Enquiries the firm got in these months."""
    query = select(Thread.asked_at).where(Thread.organisation_id == organisation_id)
    days = [local_day(moment) for moment in session.scalars(query)]
    found = Counter(day.replace(day=1) for day in days)
    return [found[month] for month in months]


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
