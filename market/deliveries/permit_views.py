"""`/me/permits`: what a recipient may take; `/operator/permits`: the operator looks at the decisions."""

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import rules as accounts
from market.accounts.me import RUNS_OUT, TODOS, Todo, operator_only, own
from market.accounts.models import Organisation
from market.certificates.intake import settle, take_file
from market.deliveries import labels, letters, permits, service
from market.deliveries.forms import PermitForm, ReasonForm
from market.deliveries.models import Permit
from market.deliveries.refusals import Refusal
from market.deliveries.rules import may_edit, visible_permits
from market.deliveries.tonnes import TONNE
from market.errors import Forbidden, NotFound
from market.files.models import File
from market.i18n import N_
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

PURPOSE = "permit"
AT = {"permit_code": "codes", "permit_days": "valid_until"}
"""Where in the form a refusal stands."""


def index(call: Call) -> Response:
    organisation = own(call)
    held = call.session.scalars(
        visible_permits(call.viewer).where(Permit.organisation_id == organisation.id).order_by(Permit.id)
    ).all()
    year = call.today.year
    return call.render(
        "deliveries/permits.html",
        held=held,
        standing={one.id: one.standing(call.today) for one in held},
        left={
            one.id: [(y, service.left(call.session, one, y)) for y in (year, year + 1)]
            for one in held
            if one.state == "verified"
        },
        edits=accounts.may_edit(call.viewer, organisation),
        labels=labels,
    )


def new(call: Call) -> Response:
    organisation = own(call)
    if not accounts.may_edit(call.viewer, organisation):
        raise Forbidden("only admins and editors keep the permits")
    if call.request.method == "POST":
        return _take(call, organisation)
    return _form(call, Filled(dict.fromkeys(PermitForm.model_fields, "")))


def edit(call: Call, ref: str) -> Response:
    permit = _editable(call, ref)
    if call.request.method == "POST":
        return _take(call, permit.organisation, permit)
    return _form(call, Filled(_values(call, permit)), permit)


def withdraw(call: Call, ref: str) -> Response:
    """Asks first (GET), then takes it out (POST)."""
    permit = _editable(call, ref)
    said = ""
    if call.request.method == "POST":
        try:
            permits.withdraw(call.session, call.viewer, permit, call.now)
            return call.redirect("permits")
        except Refusal as refusal:
            said = refusal.said(call.words)
    return call.render("deliveries/withdraw.html", status=409 if said else 200, permit=permit, said=said)


def _editable(call: Call, ref: str) -> Permit:
    organisation = own(call)
    permit = call.session.scalar(
        visible_permits(call.viewer).where(Permit.ref == ref, Permit.organisation_id == organisation.id)
    )
    if permit is None:
        raise NotFound(f"no permit {ref}")
    if not may_edit(call.viewer, permit):
        raise Forbidden("only admins and editors keep the permits")
    return permit


def _values(call: Call, permit: Permit) -> dict[str, str]:
    def written(kg: int) -> str:
        plain = f"{kg / TONNE:.3f}".rstrip("0").rstrip(".")
        return plain if call.language == "en" else plain.replace(".", ",")

    return {
        "number": permit.number,
        "authority": permit.authority,
        "codes": "\n".join(permit.codes),
        "tonnes": written(permit.kg_per_year),
        "elsewhere": written(permit.kg_elsewhere) if permit.kg_elsewhere else "",
        "valid_from": permit.valid_from.isoformat() if permit.valid_from else "",
        "valid_until": permit.valid_until.isoformat() if permit.valid_until else "",
        "kept": "",
    }


def _take(call: Call, organisation: Organisation, permit: Permit | None = None) -> Response:
    """Take the form, or give it back with a sentence at each field and the file kept."""
    filled: Filled[PermitForm] = read(call.form, PermitForm, call.words)
    given = filled.data
    for name, sentence in given.faults(call.today) if given else ():
        filled.refuse(name, call.words(sentence))
    file = take_file(call, organisation, filled, needed=permit is None or permit.file is None)
    if filled.data is None or given is None:
        return _form(call, filled, permit, 503 if filled.values.get("away") else 422)
    facts = given.facts()
    if file is not None:
        facts["file"] = file
    if permit is None:
        permits.submit(call.session, call.viewer, organisation, call.now, **facts)
    else:
        try:
            with call.session.begin_nested():
                permits.correct(call.session, call.viewer, permit, call.now, **facts)
        except Refusal as refusal:
            filled.refuse(AT.get(refusal.why, "tonnes"), refusal.said(call.words))
            return _form(call, filled, permit, 409)
    if file is not None:
        settle(file).purpose = PURPOSE
    return call.redirect("permits")


def _form(call: Call, filled: Filled[PermitForm], permit: Permit | None = None, status: int = 200) -> Response:
    waiting = call.session.scalar(select(File).where(File.ref == str(filled.values.get("kept", ""))))
    return call.render("deliveries/permit.html", status=status, filled=filled, permit=permit, waiting=waiting)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Permits that do not count, for `/me`."""
    if not accounts.may_edit(call.viewer, organisation):
        return []
    query = visible_permits(call.viewer).where(Permit.organisation_id == organisation.id)
    standing = [one.standing(call.today) for one in call.session.scalars(query)]
    w, href = call.words, call.link("permits")
    rows = (
        ("declined", N_("Permits not taken"), N_("Read why and correct them; until then they do not count")),
        ("expired", N_("Permits expired"), N_("Hand in the ones that hold now or withdraw them")),
    )
    return [
        Todo(standing.count(name), w(text), w(more), href, RUNS_OUT) for name, text, more in rows if name in standing
    ]


def queue(call: Call) -> Response:
    """What waits for the operator, the oldest first, each with its two buttons."""
    operator_only(call)
    return _queue(call, Filled({"reason": ""}))


def _queue(call: Call, filled: Filled[ReasonForm], wrong: str = "", status: int = 200) -> Response:
    waiting = call.session.scalars(
        visible_permits(call.viewer).where(Permit.state == "uploaded").order_by(Permit.submitted_at, Permit.id)
    ).all()
    return call.render(
        "operator/permits.html", status=status, waiting=waiting, filled=filled, wrong=wrong, labels=labels
    )


def _waiting(call: Call, ref: str) -> Permit:
    operator_only(call)
    permit = call.session.scalar(visible_permits(call.viewer).where(Permit.ref == ref))
    if permit is None:
        raise NotFound(f"no permit {ref}")
    return permit


def verify(call: Call, ref: str) -> Response:
    permit = _waiting(call, ref)
    permits.verify(call.session, call.viewer, permit, call.now)
    letters.write_decision(call.session, permit, call.now, call.pages.base_url)
    return call.redirect("operator:permits")


def decline(call: Call, ref: str) -> Response:
    permit = _waiting(call, ref)
    filled: Filled[ReasonForm] = read(call.form, ReasonForm, call.words)
    if filled.data is None:
        return _queue(call, filled, permit.ref, 422)
    permits.decline(call.session, call.viewer, permit, filled.data.reason, call.now)
    letters.write_decision(call.session, permit, call.now, call.pages.base_url)
    return call.redirect("operator:permits")


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/permits", endpoint(index), name="permits", methods=["GET"]),
    Route("/me/permits/new", endpoint(new), name="permits:new", methods=["GET", "POST"]),
    Route("/me/permits/{ref}", endpoint(edit), name="permits:edit", methods=["GET", "POST"]),
    Route("/me/permits/{ref}/withdraw", endpoint(withdraw), name="permits:withdraw", methods=["GET", "POST"]),
    Route("/operator/permits", endpoint(queue), name="operator:permits", methods=["GET"]),
    Route("/operator/permits/{ref}/verify", endpoint(verify), name="operator:permit_verify", methods=["POST"]),
    Route("/operator/permits/{ref}/decline", endpoint(decline), name="operator:permit_decline", methods=["POST"]),
]
