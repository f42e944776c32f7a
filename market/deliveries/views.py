"""`/me/deliveries`: what a firm gives away and takes, proposed, agreed and delivered."""

from datetime import date, timedelta

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import rules as accounts
from market.accounts.me import TODOS, WAITED_FOR, Todo, own, signed_in
from market.accounts.models import Organisation
from market.deliveries import by_rail, labels, letters, lifecycle, service, sidings
from market.deliveries.forms import ProposalForm, ReasonForm
from market.deliveries.models import Delivery
from market.deliveries.refusals import Refusal
from market.deliveries.rules import may_move, other_of, visible_deliveries
from market.deliveries.tonnes import month_of, next_month
from market.errors import Forbidden, NotFound
from market.i18n import N_
from market.offerings import labels as offering_labels
from market.offerings.kinds.residual import Residual
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

ORDER = ("yours", "ours", "agreed", "delivered", "declined", "cancelled")
"""What waits for a hand stands on top."""


def index(call: Call) -> Response:
    """Streams of one's own with what is matched, then every delivery given and taken."""
    organisation = own(call)
    found = sorted(
        call.session.scalars(visible_deliveries(call.viewer)),
        key=lambda one: (ORDER.index(labels.state_key(one, organisation)), one.starts_on, one.id),
    )
    streams = call.session.scalars(
        select(Offering)
        .where(Offering.organisation_id == organisation.id, Offering.kind == "residual", Offering.status == "published")
        .order_by(Offering.title)
    ).all()
    covers = [(stream, service.coverage(call.session, stream, call.today)) for stream in streams]
    return call.render(
        "deliveries/list.html",
        organisation=organisation,
        given=[one for one in found if one.holder_id == organisation.id],
        taken=[one for one in found if one.holder_id != organisation.id],
        covers=[(stream, cover) for stream, cover in covers if cover is not None],
        permits=[
            (permit, service.left(call.session, permit, call.today.year))
            for permit in service.permits_of(call.session, organisation.id)
        ],
        labels=labels,
    )


def show(call: Call, ref: str) -> Response:
    organisation, delivery = _one(call, ref)
    return _page(call, organisation, delivery, Filled({"reason": ""}))


def _one(call: Call, ref: str) -> tuple[Organisation, Delivery]:
    """One's own organisation and a delivery it is a side of."""
    organisation = own(call)
    delivery = call.session.scalar(visible_deliveries(call.viewer).where(Delivery.ref == ref))
    if delivery is None:
        raise NotFound(f"no delivery {ref}")
    return organisation, delivery


def _page(
    call: Call,
    organisation: Organisation,
    delivery: Delivery,
    filled: Filled[ReasonForm],
    status: int = 200,
    said: str = "",
) -> Response:
    other, named = other_of(delivery, organisation)
    moves = lifecycle.MOVES[delivery.state] if accounts.may_edit(call.viewer, organisation) else {}
    permit = delivery.permit if delivery.recipient_id == organisation.id else None
    return call.render(
        "deliveries/show.html",
        status=status,
        organisation=organisation,
        delivery=delivery,
        other=other if named else None,
        moves=[name for name in moves if may_move(delivery, organisation, name)],
        begun=service.begun(delivery, call.today),
        years=sorted(delivery.amount.by_year().items()),
        by_rail=sidings.of_delivery(call.session, delivery) if named else None,
        rails=by_rail,
        permit=permit,
        left={
            year: service.left(call.session, permit, year) for year in delivery.amount.by_year() if permit is not None
        },
        filled=filled,
        said=said,
        labels=labels,
    )


def _movable(call: Call, ref: str, move: str) -> tuple[Organisation, Delivery]:
    organisation, delivery = _one(call, ref)
    if not accounts.may_edit(call.viewer, organisation):
        raise Forbidden("only admins and editors agree on deliveries")
    if not may_move(delivery, organisation, move):
        raise Forbidden("the other side does this")
    return organisation, delivery


def agree(call: Call, ref: str) -> Response:
    organisation, delivery = _movable(call, ref, "agree")
    try:
        with call.session.begin_nested():
            service.agree(call.session, call.viewer, delivery, call.now)
    except Refusal as refusal:
        return _page(call, organisation, delivery, Filled({"reason": ""}), 409, refusal.said(call.words))
    for side in (delivery.holder, delivery.recipient):
        letters.write(call.session, delivery, side, call.now, call.pages.base_url)
    return call.redirect("deliveries:show", ref=ref)


def deliver(call: Call, ref: str) -> Response:
    organisation, delivery = _movable(call, ref, "deliver")
    if not service.begun(delivery, call.today):
        said = call.words(N_("It begins on %(day)s."), day=call.words.day(delivery.starts_on, "long"))
        return _page(call, organisation, delivery, Filled({"reason": ""}), 409, said)
    service.deliver(call.session, call.viewer, delivery, call.now)
    _tell_other(call, organisation, delivery)
    return call.redirect("deliveries:show", ref=ref)


def cancel(call: Call, ref: str) -> Response:
    """Withdraw, decline or cancel, with a sentence for the other side."""
    organisation, delivery = _movable(call, ref, "cancel")
    filled: Filled[ReasonForm] = read(call.form, ReasonForm, call.words)
    if filled.data is None:
        return _page(call, organisation, delivery, filled, 422)
    holder = delivery.holder_id == organisation.id
    service.cancel(call.session, call.viewer, delivery, filled.data.reason, call.now, by_holder=holder)
    _tell_other(call, organisation, delivery)
    return call.redirect("deliveries:show", ref=ref)


def _tell_other(call: Call, organisation: Organisation, delivery: Delivery) -> None:
    letters.write(call.session, delivery, other_of(delivery, organisation)[0], call.now, call.pages.base_url)


def new(call: Call, ref: str) -> Response:
    """Propose a delivery to the firm of a listing, named or not."""
    signed_in(call)
    listing = call.session.scalar(visible().where(Offering.ref == ref, Offering.kind == "residual"))
    if listing is None:
        raise NotFound(f"no residual material {ref}")
    organisation = own(call)
    if not accounts.may_edit(call.viewer, organisation) or listing.organisation_id == organisation.id:
        raise Forbidden("only admins and editors of another firm propose a delivery")
    if call.request.method != "POST":
        return _form(call, organisation, listing, Filled(first_values(call.today)))
    filled: Filled[ProposalForm] = read(call.form, ProposalForm, call.words)
    given = filled.data
    for name, sentence in given.faults(call.today) if given else ():
        filled.refuse(name, call.words(sentence))
    offering, recipient = listing, organisation
    if is_wanted(listing):
        recipient = listing.organisation
        found = next((one for one in materials_of(call, organisation) if one.ref == filled.values["material"]), None)
        if found is None:
            filled.refuse("material", call.words(N_("Choose which of your materials it is.")))
        else:
            offering = found
    if filled.data is None:
        return _form(call, organisation, listing, filled, 422)
    by_holder = offering is not listing
    try:
        delivery = service.propose(
            call.session,
            call.viewer,
            offering,
            recipient,
            filled.data.amount(),
            call.now,
            wanted=listing if by_holder else None,
            by_holder=by_holder,
            note=filled.data.note,
        )
    except Refusal as refusal:
        return _form(call, organisation, listing, filled.refuse(refusal.field, refusal.said(call.words)), 409)
    _tell_other(call, organisation, delivery)
    return call.redirect("deliveries:show", ref=delivery.ref)


def first_values(today: date) -> dict[str, str]:
    """A proposal as it begins: twelve months from the next one on."""
    start = next_month(month_of(today))
    end = date(start.year + 1, start.month, 1) - timedelta(days=1)
    return {
        "tonnes": "",
        "per": "month",
        "starts_on": start.isoformat(),
        "ends_on": end.isoformat(),
        "note": "",
        "material": "",
    }


def is_wanted(listing: Offering) -> bool:
    details = listing.details
    return isinstance(details, Residual) and details.direction == "wanted"


def materials_of(call: Call, organisation: Organisation) -> list[Offering]:
    """Residual materials the firm has to give away."""
    query = visible().where(Offering.organisation_id == organisation.id, Offering.kind == "residual")
    return [one for one in call.session.scalars(query.order_by(Offering.title)) if not is_wanted(one)]


def _form(
    call: Call, organisation: Organisation, listing: Offering, filled: Filled[ProposalForm], status: int = 200
) -> Response:
    title, title_lang = call.words.in_language(listing.text_in("title"), listing.lang)
    cover = service.coverage(call.session, listing, call.today)
    return call.render(
        "deliveries/new.html",
        status=status,
        listing=listing,
        title=title,
        title_lang=title_lang,
        anonymous=bool(getattr(listing.details, "anonymous", False)),
        wanted=is_wanted(listing),
        materials=[(one.ref, one.title) for one in materials_of(call, organisation)],
        cover=cover,
        by_rail=sidings.of_listing(call.session, listing, organisation, cover),
        rails=by_rail,
        fit=fit(call, organisation, listing),
        filled=filled,
        labels=labels,
        offering_labels=offering_labels,
    )


def fit(call: Call, organisation: Organisation, listing: Offering) -> list[tuple[str, int, int]]:
    """Number, year and kilograms left of each permit of the firm that covers the material, this year and the next."""
    code = service.code_of(listing)
    return [
        (permit.number, year, service.left(call.session, permit, year))
        for permit in service.permits_of(call.session, organisation.id)
        if code in permit.codes
        for year in (call.today.year, call.today.year + 1)
    ]


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Proposals that wait for an answer, for `/me`."""
    if not accounts.may_edit(call.viewer, organisation):
        return []
    query = visible_deliveries(call.viewer).where(Delivery.state == "proposed")
    waiting = sum(labels.state_key(one, organisation) == "yours" for one in call.session.scalars(query))
    if not waiting:
        return []
    w = call.words
    text, more = w(N_("Deliveries proposed to you")), w(N_("Agree or say why not; nothing is bound until then"))
    return [Todo(waiting, text, more, call.link("deliveries"), WAITED_FOR)]


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/deliveries", endpoint(index), name="deliveries", methods=["GET"]),
    Route("/me/deliveries/new/{ref}", endpoint(new), name="deliveries:new", methods=["GET", "POST"]),
    Route("/me/deliveries/{ref}", endpoint(show), name="deliveries:show", methods=["GET"]),
    Route("/me/deliveries/{ref}/agree", endpoint(agree), name="deliveries:agree", methods=["POST"]),
    Route("/me/deliveries/{ref}/deliver", endpoint(deliver), name="deliveries:deliver", methods=["POST"]),
    Route("/me/deliveries/{ref}/cancel", endpoint(cancel), name="deliveries:cancel", methods=["POST"]),
]
