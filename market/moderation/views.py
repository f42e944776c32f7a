"""`/operator`: what waits for the operator, and the firms to be checked. Not there for anybody else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import people
from market.accounts.me import operator_only
from market.accounts.models import Organisation
from market.certificates import labels as proofs
from market.certificates import review
from market.certificates.models import EXPIRING, Certificate
from market.certificates.rules import visible_waiting as waiting_certificates
from market.errors import Conflict, NotFound
from market.i18n import N_, words
from market.moderation import rules, service
from market.moderation.forms import QUESTIONS, SOURCES, AskForm, VerifyForm
from market.values import LANGUAGES
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

PAGE = 50
SHOWN = 10
"""Of each queue on the first page."""
REGISTERS = {
    "DE-HRB": "HRB",
    "DE-HRA": "HRA",
    "DE-VR": "VR",
    "DE-GNR": "GnR",
    "PL-KRS": "KRS",
    "PL-NIP": "NIP",
    "PL-REGON": "REGON",
    "EU-VAT": "USt-IdNr.",
}


@dataclass(frozen=True)
class Figure:
    """A number on the operator's first page. `href` is where it is worked on."""

    name: str
    number: int
    more: str
    href: str = ""


FIGURES: list[Callable[[Call], list[Figure]]] = []
"""What slices above add to the first page."""


@dataclass(frozen=True)
class Waiting:
    """One line of the queue on the first page."""

    since: datetime
    firm: str
    town: str
    what: str
    href: str
    late: bool


def start(call: Call) -> Response:
    operator_only(call)
    lines = _lines(call)
    return call.render(
        "operator/start.html",
        figures=[figure for more in (_figures, *FIGURES) for figure in more(call)],
        lines=lines[:SHOWN],
        total=_count_firms(call) + _count_certificates(call),
        late=sum(line.late for line in lines),
        now=call.now,
        promised=review.PROMISED,
    )


def _count_firms(call: Call) -> int:
    waiting = rules.visible_waiting(call.viewer).order_by(None).subquery()
    return call.session.scalar(select(func.count()).select_from(waiting)) or 0


def _count_certificates(call: Call) -> int:
    waiting = waiting_certificates(call.viewer).order_by(None).subquery()
    return call.session.scalar(select(func.count()).select_from(waiting)) or 0


def _figures(call: Call) -> list[Figure]:
    w, session = call.words, call.session
    public = select(func.count(Organisation.id)).where(Organisation.suspended_at.is_(None))
    fresh = public.where(Organisation.created_at > call.now - timedelta(days=7))
    ending = select(func.count(Certificate.id)).where(
        Certificate.state == "verified",
        Certificate.valid_until >= call.today,
        Certificate.valid_until <= call.today + timedelta(days=EXPIRING),
    )
    new = w.number(session.scalar(fresh) or 0)
    firms, certificates = _count_firms(call), _count_certificates(call)
    return [
        Figure(w(N_("Firms listed")), session.scalar(public) or 0, w(N_("%(number)s new in 7 days"), number=new)),
        Figure(w(N_("Firms to check")), firms, w(N_("oldest first")), call.link("operator:firms")),
        Figure(w(N_("Certificates to check")), certificates, w(N_("oldest first")), call.link("operator:certificates")),
        Figure(w(N_("Certificates running out")), session.scalar(ending) or 0, w(N_("within 90 days"))),
    ]


def _lines(call: Call) -> list[Waiting]:
    """The oldest of both queues, merged."""
    w = call.words

    def late(since: datetime) -> bool:
        return call.now - since > review.PROMISED

    firms = call.session.scalars(rules.visible_waiting(call.viewer).limit(PAGE))
    certificates = call.session.scalars(waiting_certificates(call.viewer).limit(PAGE))
    lines = [
        Waiting(
            review.since(one),
            one.organisation.name,
            one.organisation.town,
            proofs.title(w, one),
            call.link("operator:certificate", ref=one.ref),
            late(review.since(one)),
        )
        for one in certificates
    ]
    lines += [
        Waiting(
            firm.created_at,
            firm.name,
            firm.town,
            w(N_("New firm")),
            call.link("operator:firm", ref=firm.ref),
            late(firm.created_at),
        )
        for firm in firms
    ]
    return sorted(lines, key=lambda line: line.since)


def firms(call: Call) -> Response:
    """Firms nobody has looked at yet."""
    operator_only(call)
    total = _count_firms(call)
    asked_for = call.request.query_params.get("page", "1")
    pages = max(-(-total // PAGE), 1)
    page = min(max(int(asked_for) if asked_for.isdecimal() and len(asked_for) < 6 else 1, 1), pages)
    query = rules.visible_waiting(call.viewer).limit(PAGE).offset((page - 1) * PAGE)
    found = list(call.session.scalars(query))
    return call.render(
        "operator/firms.html",
        firms=found,
        asked=service.asked(call.session, [firm.id for firm in found]),
        total=total,
        page=page,
        pages=pages,
        registers=REGISTERS,
        now=call.now,
        promised=review.PROMISED,
    )


def _firm(call: Call, ref: str) -> Organisation:
    operator_only(call)
    query = select(Organisation).where(Organisation.ref == ref)
    firm = call.session.scalar(query.with_for_update() if call.request.method == "POST" else query)
    if firm is None:
        raise NotFound(f"no firm {ref}")
    return firm


def firm(call: Call, ref: str) -> Response:
    return _page(call, _firm(call, ref))


def verify(call: Call, ref: str) -> Response:
    found = _firm(call, ref)
    filled: Filled[VerifyForm] = read(call.form, VerifyForm, call.words)
    if filled.data is None:
        return _page(call, found, verifying=filled, status=422)
    source = filled.data.named()
    try:
        service.verify(call.session, call.viewer, found, source, call.today, call.now, call.pages.base_url)
    except Conflict:
        return _page(call, found, verifying=filled, status=409)
    return call.redirect("operator:firms")


def ask(call: Call, ref: str) -> Response:
    """Ask back by letter; the firm stays in the queue."""
    found = _firm(call, ref)
    filled: Filled[AskForm] = read(call.form, AskForm, call.words)
    if filled.data and filled.data.question == "other" and not filled.data.note():
        filled.refuse("note_de", call.words(N_("Write your question.")))
    if filled.data is None:
        return _page(call, found, asking=filled, status=422)
    try:
        service.ask(
            call.session,
            call.viewer,
            found,
            filled.data.question,
            filled.data.note(),
            call.now,
            call.pages.base_url,
        )
    except Conflict:
        sentence = call.words(N_("Nobody of this firm can be written to. Please call."))
        return _page(call, found, asking=filled.refuse("question", sentence), status=409)
    return call.redirect("operator:firm", ref=ref)


def _page(
    call: Call,
    found: Organisation,
    *,
    verifying: Filled[VerifyForm] | None = None,
    asking: Filled[AskForm] | None = None,
    status: int = 200,
) -> Response:
    return call.render(
        "operator/firm.html",
        status=status,
        firm=found,
        readers=people.readers(call.session, found),
        asked=service.asked(call.session, [found.id]).get(found.id),
        registers=REGISTERS,
        sources=[(code, call.words(text), "") for code, text in SOURCES.items()],
        questions=[(code, call.words(text), "") for code, text in QUESTIONS.items()],
        question_names=QUESTIONS,
        sentences={code: [(one, words(one)(text)) for one in LANGUAGES] for code, text in QUESTIONS.items()},
        verifying=verifying or Filled({"source": ""}),
        asking=asking or Filled({"question": ""}),
        now=call.now,
    )


routes: list[BaseRoute] = [
    Route("/operator", endpoint(start), name="operator", methods=["GET"]),
    Route("/operator/organisations", endpoint(firms), name="operator:firms", methods=["GET"]),
    Route("/operator/organisations/{ref}", endpoint(firm), name="operator:firm", methods=["GET"]),
    Route("/operator/organisations/{ref}/verify", endpoint(verify), name="operator:verify_firm", methods=["POST"]),
    Route("/operator/organisations/{ref}/ask", endpoint(ask), name="operator:ask_firm", methods=["POST"]),
]
