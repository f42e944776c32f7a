"""The public page of an offering, and what stands there once it is closed."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Text, case, or_, select, type_coerce
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.certificates import labels as proofs
from market.certificates.documents import public
from market.certificates.models import Certificate
from market.certificates.service import of_organisations
from market.errors import NotFound
from market.offerings import labels, schema_org, sessions
from market.offerings.board import board
from market.offerings.kinds.rail import Rail
from market.offerings.kinds.training import CONFIRM_MONTHS
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.slots import coming
from market.taxonomy.models import Code
from market.taxonomy.trades import by_id
from market.web.endpoint import Call, endpoint

CLOSED = ("paused", "expired", "archived")
PARTS: list[Callable[[Call, Offering], dict[str, Any]]] = []
"""What higher slices add to the page, by name in the template; without it the page is whole, too."""
OTHERS = 6
"""Other offerings of the firm, or similar ones, shown beside."""


def show(call: Call, ref: str, slug: str = "") -> Response:
    """The page; 404 unknown or suspended, 410 closed by its firm, 308 from an old or short address."""
    offering = call.session.scalar(select(Offering).where(Offering.ref == ref))
    if offering is None or not offering.organisation.is_public:
        raise NotFound(f"no offering {ref}")
    if offering.status in CLOSED and offering.published_at:
        return closed(call, offering)
    if not offering.is_public:
        raise NotFound(f"offering {ref} is {offering.status}")
    if slug != offering.slug:
        return RedirectResponse(call.link("offerings:show", ref=ref, slug=offering.slug), 308)
    anonymous = is_anonymous(offering)
    parts: dict[str, Any] = {"map": None}
    for part in PARTS:
        parts |= part(call, offering)
    title, title_lang = call.words.in_language(offering.text_in("title"), offering.lang)
    summary, summary_lang = call.words.in_language(offering.text_in("summary"), offering.lang)
    text, text_lang = call.words.in_language(offering.text_in("description"), offering.lang)
    address = call.pages.base_url + call.link("offerings:show", ref=ref, slug=slug)
    dates = sessions.of_offerings(call.session, [offering.id])[offering.id] if offering.kind == "training" else []
    details = sessions.counted(offering.details, dates)
    data = schema_org.offering(offering, address, title, summary, title_lang, call.today, details)
    return call.render(
        "offerings/show.html",
        offering=offering,
        details=details,
        labels=labels,
        proofs=proofs,
        anonymous=anonymous,
        title=title,
        title_lang=title_lang,
        summary=summary,
        summary_lang=summary_lang,
        text=text,
        text_lang=text_lang,
        foreign=next((lang for lang in (title_lang, text_lang) if lang != call.language), ""),
        trades=trade_names(call, offering.trades),
        codes=code_labels(call, "ewc", details.waste_codes()),
        board=board(coming(call.session, offering.id, call.today), call.request.query_params.get("week"), call.today)
        if isinstance(details, Rail)
        else None,
        certificates=[] if anonymous else certificates_of(call, offering),
        others=[] if anonymous else others_of(call, offering),
        similar=similar_to(call, offering) if anonymous else [],
        structured=schema_org.script(data),
        confirm_months=CONFIRM_MONTHS,
        dates_ahead=[row for row in dates if row.starts_on >= call.today],
        **parts,
    )


def closed(call: Call, offering: Offering) -> Response:
    """Gone, but whoever came here was looking for something: what comes near it."""
    title, title_lang = call.words.in_language(offering.text_in("title"), offering.lang)
    return call.render(
        "offerings/closed.html",
        status=410,
        labels=labels,
        offering=offering,
        title=title,
        title_lang=title_lang,
        similar=similar_to(call, offering),
    )


def trade_names(call: Call, ids: Iterable[str]) -> list[dict[str, str]]:
    """Id and name of each trade we know."""
    return [{"id": id_, "name": by_id()[id_].names[call.language]} for id_ in ids if id_ in by_id()]


def code_labels(call: Call, scheme: str, codes: Sequence[str]) -> dict[str, str]:
    """Official label of each code we know, in the reader's language where there is one."""
    query = select(Code).where(Code.scheme == scheme, Code.code.in_(codes))
    return {code.code: code.label(call.language) for code in call.session.scalars(query)} if codes else {}


def is_anonymous(offering: Offering) -> bool:
    """Whether the listing keeps its firm's name to itself (residual materials only)."""
    return bool(getattr(offering.details, "anonymous", False))


def certificates_of(call: Call, offering: Offering) -> list[Certificate]:
    """Certificates of the firm that hold today and are no person's own, those that hold longest first."""
    held = of_organisations(call.session, [offering.organisation_id])[offering.organisation_id]
    return [certificate for certificate in public(held) if certificate.valid_on(call.today)]


def others_of(call: Call, offering: Offering) -> list[Offering]:
    """Other published offerings of the same firm. An anonymous one would be unmasked here."""
    query = visible().where(Offering.organisation_id == offering.organisation_id, Offering.id != offering.id)
    found = call.session.scalars(query.order_by(Offering.kind != offering.kind, Offering.title))
    return [other for other in found if not is_anonymous(other)][:OTHERS]


def similar_to(call: Call, offering: Offering) -> list[Offering]:
    """Published offerings of the same trades, the main one first; else of the same kind."""
    listed = type_coerce(Offering.trades, Text)  # as it is kept, `;a;b;`
    same = [listed.contains(f";{trade};", autoescape=True) for trade in offering.trades]
    query = visible().where(Offering.id != offering.id, Offering.kind == offering.kind)
    if same:
        rank = case(*((condition, place) for place, condition in enumerate(same)), else_=len(same))
        found = call.session.scalars(query.where(or_(*same)).order_by(rank, Offering.title).limit(OTHERS)).all()
        if found:
            return list(found)
    return list(call.session.scalars(query.order_by(Offering.updated_at.desc()).limit(OTHERS)))


routes: list[BaseRoute] = [
    Route("/offerings/{ref}/{slug}", endpoint(show), name="offerings:show"),
    Route("/offerings/{ref}", endpoint(show), name="offerings:short"),
]
