"""`/me/certificates`: the wallet of a firm."""

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import rules as accounts
from market.accounts.me import LATER, RUNS_OUT, TODOS, Todo, own
from market.accounts.models import Organisation
from market.certificates import halves, labels, service
from market.certificates.choosing import groups, matching
from market.certificates.courses import next_courses
from market.certificates.forms import CertificateForm, ConfirmForm
from market.certificates.intake import settle, take_file
from market.certificates.models import Certificate
from market.certificates.reasons import REASONS
from market.certificates.rules import may_edit, visible_certificates
from market.certificates.timeline import timelines
from market.errors import Conflict, Forbidden, NotFound
from market.files.models import File
from market.files.views import store_of
from market.i18n import N_
from market.taxonomy import certificates as catalogue
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

ORDER = ("declined", "expiring", "expired", "waiting", "valid", "coming")
"""What needs a hand stands on top."""
COUNTS = {
    "valid": N_("%(number)s valid"),
    "expiring": N_("%(number)s running out soon"),
    "waiting": N_("%(number)s being checked"),
    "declined": N_("%(number)s not taken"),
    "coming": N_("%(number)s to begin"),
    "expired": N_("%(number)s expired"),
}


def wallet(call: Call) -> Response:
    organisation = own(call)
    held = _held(call, organisation)
    standing = {c.id: c.standing(call.today) for c in held}
    counts = [(name, list(standing.values()).count(name)) for name in COUNTS]
    renewable = [c.type for c in held if standing[c.id] in ("expiring", "expired")]
    return call.render(
        "certificates/wallet.html",
        organisation=organisation,
        firms=[c for c in held if not c.is_private],
        persons=[c for c in held if c.is_private],
        standing=standing,
        counts=[call.words(COUNTS[name], number=call.words.number(count)) for name, count in counts if count],
        drawings=timelines(call.words, held, call.today) if held else [],
        courses=next_courses(call.session, renewable, call.today, organisation.point),
        renewed={c.replaces_id for c in held if c.state == "uploaded" and c.replaces_id},
        edits=accounts.may_edit(call.viewer, organisation),
        labels=labels,
    )


def _held(call: Call, organisation: Organisation) -> list[Certificate]:
    query = visible_certificates(call.viewer).where(Certificate.organisation_id == organisation.id)

    def place(certificate: Certificate) -> tuple[int, int, int]:
        return ORDER.index(certificate.standing(call.today)), certificate.until_number, certificate.id

    return sorted(call.session.scalars(query), key=place)


def _one(call: Call, ref: str) -> Certificate:
    """A certificate of one's own firm, held against changes by others where the call changes something."""
    organisation = own(call)
    query = visible_certificates(call.viewer).where(
        Certificate.ref == ref, Certificate.organisation_id == organisation.id
    )
    certificate = call.session.scalar(query.with_for_update() if call.request.method == "POST" else query)
    if certificate is None:
        raise NotFound(f"no certificate {ref}")
    return certificate


def _editable(call: Call, ref: str) -> Certificate:
    certificate = _one(call, ref)
    if not may_edit(call.viewer, certificate):
        raise Forbidden("only admins and editors keep the certificates")
    return certificate


def show(call: Call, ref: str) -> Response:
    certificate = _one(call, ref)
    return _show(call, certificate, Filled({"confirmed_on": call.today.isoformat()}))


def _show(call: Call, certificate: Certificate, filled: Filled[ConfirmForm], status: int = 200) -> Response:
    return call.render(
        "certificates/show.html",
        status=status,
        filled=filled,
        due=halves.due_on(certificate),
        certificate=certificate,
        standing=certificate.standing(call.today),
        renewal=service.waiting_for(call.session, certificate),
        reason=call.words(REASONS[certificate.reason]) if certificate.reason else "",
        edits=may_edit(call.viewer, certificate),
        labels=labels,
    )


def new(call: Call) -> Response:
    """First the type, by letters or by group, then its facts on a page of its own."""
    organisation = own(call)
    if not accounts.may_edit(call.viewer, organisation):
        raise Forbidden("only admins and editors keep the certificates")
    if call.request.method == "POST":
        return _take(call, organisation)
    asked = call.request.query_params
    type_, level = asked.get("type", ""), asked.get("level", "")
    if type_ in catalogue.types():
        return _form(call, Filled({"type": type_, "level": level, "endless": ""}))
    typed = asked.get("q", "").strip()[:100]
    exact = catalogue.find(typed) if typed else None
    if exact is not None:
        return _form(call, Filled({"type": exact[0], "level": exact[1], "endless": ""}))
    return call.render(
        "certificates/choose.html",
        typed=typed,
        found=matching(typed, call.language) if typed else [],
        groups=groups(call.words),
        labels=labels,
    )


def edit(call: Call, ref: str) -> Response:
    certificate = _editable(call, ref)
    if call.request.method == "POST":
        return _take(call, certificate.organisation, certificate, "edit")
    return _form(call, Filled(_values(certificate)), certificate, "edit")


def replace(call: Call, ref: str) -> Response:
    """Hand in the next one of the same type; the old one counts meanwhile."""
    certificate = _editable(call, ref)
    if certificate.state != "verified":
        return call.redirect("certificates:edit", ref=ref)
    waiting = service.waiting_for(call.session, certificate)
    if waiting is not None:
        return call.redirect("certificates:show", ref=waiting.ref)
    if call.request.method == "POST":
        return _take(call, certificate.organisation, certificate, "replace")
    values = _values(certificate) | {"valid_from": "", "valid_until": ""}
    return _form(call, Filled(values), certificate, "replace")


def confirm(call: Call, ref: str) -> Response:
    """The welding supervisor has confirmed on that day."""
    certificate = _editable(call, ref)
    filled: Filled[ConfirmForm] = read(call.form, ConfirmForm, call.words)
    if filled.data is None:
        return _show(call, certificate, filled, 422)
    try:
        day = filled.data.confirmed_on or call.today
        halves.confirm(call.session, call.viewer, certificate, day, call.today, call.now)
    except Conflict as refusal:
        return _show(call, certificate, filled.refuse("confirmed_on", call.words(str(refusal))), 422)
    return call.redirect("certificates:show", ref=ref)


def withdraw(call: Call, ref: str) -> Response:
    """Asks first (GET), then takes it out (POST)."""
    certificate = _editable(call, ref)
    if call.request.method == "POST":
        service.withdraw(call.session, call.viewer, store_of(call), certificate, call.now)
        return call.redirect("certificates")
    return call.render("certificates/withdraw.html", certificate=certificate, labels=labels)


def _values(certificate: Certificate) -> dict[str, object]:
    """What stands in the form before anybody types."""
    names = ("type", "level", "holder", "issuer", "number", "scope")
    days = {name: getattr(certificate, name) for name in ("valid_from", "valid_until")}
    return {
        **{name: getattr(certificate, name) for name in names},
        **{name: day.isoformat() if day else "" for name, day in days.items()},
        "endless": "" if certificate.valid_until else "yes",
    }


def _take(call: Call, organisation: Organisation, certificate: Certificate | None = None, way: str = "new") -> Response:
    """Take the form, or give it back with a sentence at each field and the file kept."""
    filled: Filled[CertificateForm] = read(call.form, CertificateForm, call.words)
    given = filled.data
    for name, sentence in given.faults(call.today) if given else ():
        filled.refuse(name, call.words(sentence))
    file = take_file(call, organisation, filled, needed=way != "edit" or certificate is None or not certificate.file)
    if certificate is not None and given is not None and given.type != certificate.type:
        filled.refuse("type", call.words(N_("Please choose one of the options.")))
    if filled.data is None or given is None:
        return _form(call, filled, certificate, way, 503 if filled.values.get("away") else 422)
    facts = given.facts()
    if way == "edit":
        assert certificate is not None
        _correct(call, certificate, facts, file)
        return call.redirect("certificates:show", ref=certificate.ref)
    assert file is not None
    if certificate is not None:
        try:
            made = service.replace(call.session, call.viewer, certificate, settle(file), call.now, **facts)
        except Conflict as refusal:
            return _form(call, filled.refuse("file", call.words(str(refusal))), certificate, way, 409)
    else:
        made = service.upload(call.session, call.viewer, organisation, settle(file), call.now, **facts)
    return call.redirect("certificates:show", ref=made.ref)


def _correct(call: Call, certificate: Certificate, facts: dict[str, object], file: File | None) -> None:
    if file is None:
        service.correct(call.session, call.viewer, certificate, call.now, **facts)
        return
    old = certificate.file
    service.correct(call.session, call.viewer, certificate, call.now, **facts, file=settle(file))
    if old is not None:
        service.forget_file(call.session, call.viewer, store_of(call), old, call.now)


def _form(
    call: Call,
    filled: Filled[CertificateForm],
    certificate: Certificate | None = None,
    way: str = "new",
    status: int = 200,
) -> Response:
    type_ = str(filled.values.get("type", ""))
    kind = catalogue.types().get(type_)
    if kind is None:
        return call.redirect("certificates:new")
    waiting = call.session.scalar(select(File).where(File.ref == str(filled.values.get("kept", ""))))
    return call.render(
        "certificates/form.html",
        status=status,
        filled=filled,
        certificate=certificate,
        way=way,
        kind=kind,
        levels=[(level, labels.level_name(call.words, level)) for level in (*kind.levels, *kind.variants)],
        waiting=waiting,
        labels=labels,
    )


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """What there is to do about certificates, for `/me`."""
    if not accounts.may_edit(call.viewer, organisation):
        return []
    held = _held(call, organisation)
    renewed = {c.replaces_id for c in held if c.state == "uploaded"}
    standing = [c.standing(call.today) for c in held if c.id not in renewed]
    w, href = call.words, call.link("certificates")
    rows = (
        ("declined", N_("Certificates not taken"), N_("Read why, correct them or hand in another file")),
        ("expiring", N_("Certificates running out"), N_("Hand in the new ones; the old ones count meanwhile")),
        ("expired", N_("Certificates expired"), N_("They no longer count. Hand in the new ones or withdraw them")),
        ("waiting", N_("Certificates being checked"), N_("We write to you when we have looked at them")),
    )
    return [
        Todo(standing.count(name), w(text), w(more), href, LATER if name == "waiting" else RUNS_OUT)
        for name, text, more in rows
        if name in standing
    ]


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/certificates", endpoint(wallet), name="certificates", methods=["GET"]),
    Route("/me/certificates/new", endpoint(new), name="certificates:new", methods=["GET", "POST"]),
    Route("/me/certificates/{ref}", endpoint(show), name="certificates:show", methods=["GET"]),
    Route("/me/certificates/{ref}/edit", endpoint(edit), name="certificates:edit", methods=["GET", "POST"]),
    Route("/me/certificates/{ref}/replace", endpoint(replace), name="certificates:replace", methods=["GET", "POST"]),
    Route("/me/certificates/{ref}/confirm", endpoint(confirm), name="certificates:confirm", methods=["POST"]),
    Route("/me/certificates/{ref}/withdraw", endpoint(withdraw), name="certificates:withdraw", methods=["GET", "POST"]),
]
