"""The page of one slot: enter a train, see whether it fits, ask for the slot. Checking is open to everybody."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, get_args

from sqlalchemy import select
from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own
from market.accounts.models import Organisation
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.movements import labels, letters, recurring, service
from market.movements.forms import GAUGES, TrainForm
from market.movements.models import Movement
from market.movements.plausibility import (
    Finding,
    Track,
    Train,
    check,
    fits,
    most_wagons,
    refusals,
    shortened,
    warnings,
)
from market.movements.recurring import Occurrence
from market.movements.rules import may_request
from market.movements.tracks import facility_of, track_at
from market.offerings import labels as offering_labels
from market.offerings.kinds.rail import RidClass
from market.offerings.models import Offering
from market.offerings.rules import visible
from market.offerings.slots import RailSlot
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

FIELDS = {
    "wagons": "wagons",
    "length": "length_m",
    "axle_load": "axle_load_t",
    "mass": "gross_mass_t",
    "gauge": "gauge_mm",
    "traction": "traction",
    "dangerous": "rid_class",
}
"""Criterion -> the field at which its refusal stands."""
ELSEWHERE = 3
"""Other slots of the same day that are offered."""


def slot(call: Call, ref: str) -> Response:
    asked = _visible(call, ref)
    if call.request.method == "POST":
        return _take(call, asked)
    query = call.request.query_params
    filled: Filled[TrainForm] = Filled({"gauge_mm": "1435", "traction": "diesel", "weekdays": []})
    if "wagons" in query:
        filled = _read(call, FormData([*query.multi_items()]))
    for name, place in (("origin", asked.origin), ("destination", asked.destination)):
        filled.values[name] = filled.values.get(name) or place
    return _page(call, asked, filled)


def _visible(call: Call, ref: str) -> RailSlot:
    """A slot of a published offering. Raises NotFound."""
    query = select(RailSlot).where(
        RailSlot.ref == ref, RailSlot.offering_id.in_(visible().with_only_columns(Offering.id))
    )
    found = call.session.scalar(query)
    if found is None:
        raise NotFound(f"no slot {ref}")
    return found


def _read(call: Call, form: FormData) -> Filled[TrainForm]:
    """The train as entered, with what one field says against another."""
    filled = read(form, TrainForm, call.words)
    train = filled.data
    if train is None:
        return filled
    if train.un_number and not train.rid_class:
        filled.refuse("rid_class", call.words(N_("Choose the class that belongs to the UN number.")))
    if train.rid_class and not train.un_number:
        filled.refuse("un_number", call.words(N_("Give the UN number of the dangerous goods, for example 1005.")))
    return filled


def _page(
    call: Call,
    asked: RailSlot,
    filled: Filled[TrainForm],
    findings: Sequence[Finding] = (),
    failed: Sequence[Occurrence] = (),
    status: int = 200,
) -> Response:
    track, train = track_at(asked), filled.data
    if train is not None and not findings:
        findings = check(train.train(), track)
    organisation = call.session.get(Organisation, call.viewer.organisation_id or 0)
    why = service.obstacle(asked, organisation, 1, call.now) if organisation else ""
    why = why or service.shut(asked, call.now)
    refused = refusals(findings)
    entered = filled.data or (read(_as_form(filled), TrainForm, call.words).data if findings else None)
    return call.render(
        "movements/slot.html",
        status=status,
        slot=asked,
        offering=asked.offering,
        title=call.words.in_language(asked.offering.text_in("title"), asked.offering.lang),
        facility=facility_of(asked.offering),
        track=track,
        filled=filled,
        findings=findings,
        train_shown=entered.train() if entered else None,
        refused=refused,
        warned=warnings(findings),
        ways=_ways(call, asked, filled.values, entered.train(), track) if refused and entered else None,
        failed=failed,
        obstacle=call.words(labels.OBSTACLES[why]) if why else "",
        queued=len(service.queue(call.session, asked.id)),
        may=organisation is not None and may_request(call.viewer, organisation),
        gauges=[(gauge, f"{call.words.number(gauge)}\u00a0mm") for gauge in GAUGES],
        traction=[(code, call.words(text)) for code, text in labels.TRACTION.items()],
        classes=[("", call.words(N_("none")))] + [(code, code) for code in get_args(RidClass)],
        weekdays=_weekdays(call, asked),
        labels=labels,
        named=offering_labels,
    )


def _weekdays(call: Call, asked: RailSlot) -> list[tuple[str, str, str]]:
    monday = asked.day - timedelta(days=asked.day.weekday())
    names = [offering_labels.weekday(call.words, monday + timedelta(days=n)) for n in range(7)]
    return [(str(n), name, "") for n, name in enumerate(names)]


def _ways(call: Call, asked: RailSlot, values: dict[str, Any], train: Train, track: Track) -> dict[str, Any]:
    """What would fit: fewer wagons here, or the same train elsewhere on the same day."""
    query = select(RailSlot).where(
        RailSlot.offering_id.in_(visible().with_only_columns(Offering.id)),
        RailSlot.offering_id != asked.offering_id,
        RailSlot.day == asked.day,
        RailSlot.state == "open",
        RailSlot.starts_at > call.now,
        RailSlot.origin == asked.origin,
        RailSlot.destination == asked.destination,
    )
    others = [
        one
        for one in call.session.scalars(query.order_by(RailSlot.starts_at, RailSlot.id))
        if one.free >= one.places(train.wagons) and fits(train, track_at(one))
    ]
    entered = {key: value for key, value in values.items() if key not in ("weekdays", "until", "rest", "note")}
    wagons = most_wagons(train, track)
    fewer = None
    if wagons:
        short = shortened(train, wagons)
        changed = {"wagons": wagons, "length_m": f"{short.length_m:g}", "gross_mass_t": f"{short.gross_mass_t:g}"}
        fewer = {"train": short, "query": entered | changed}
    return {"fewer": fewer, "elsewhere": others[:ELSEWHERE], "query": entered}


def _as_form(filled: Filled[TrainForm]) -> FormData:
    pairs = [
        (key, one) for key, value in filled.values.items() for one in (value if isinstance(value, list) else [value])
    ]
    return FormData(pairs)


def _take(call: Call, asked: RailSlot) -> Response:
    organisation = own(call)
    if not may_request(call.viewer, organisation):
        raise Forbidden("this role does not ask for movements")
    filled = _read(call, call.form)
    for name in ("origin", "destination"):
        if not filled.values.get(name, "").strip():
            filled.refuse(name, call.words(N_("Please fill in this field.")))
    form = filled.data
    if form is None:
        return _page(call, asked, filled, status=422)
    findings = check(form.train(), track_at(asked))
    for finding in refusals(findings):
        filled.refuse(FIELDS[finding.criterion], labels.sentence(call.words, finding))
    if filled.errors:
        return _page(call, asked, filled, findings, status=422)
    found = _occurrences(call, asked, form, organisation, filled)
    failed = [one for one in found if one.why]
    if not found or len(failed) == len(found) or (failed and not form.rest):
        return _failed(call, asked, filled, findings, failed)
    slots = [one.slot.id for one in found if one.slot is not None and not one.why]
    return _asked(call, organisation, slots, form)


def _occurrences(
    call: Call, asked: RailSlot, form: TrainForm, organisation: Organisation, filled: Filled[TrainForm]
) -> list[Occurrence]:
    days = [asked.day]
    if form.until is not None and not asked.is_run:
        if form.until <= asked.day:
            filled.refuse("until", call.words(N_("The last day has to be after the first.")))
            return []
        weekdays = {int(day) for day in form.weekdays} or {asked.day.weekday()}
        days = recurring.days(asked.day, weekdays, form.until)
    return recurring.occurrences(call.session, asked, days, organisation, form.wagons, call.now)


def _failed(
    call: Call, asked: RailSlot, filled: Filled[TrainForm], findings: Sequence[Finding], failed: Sequence[Occurrence]
) -> Response:
    if len(failed) == 1 and failed[0].day == asked.day:
        filled.refuse("wagons", call.words(labels.OBSTACLES[failed[0].why]))
    return _page(call, asked, filled, findings, failed, status=422)


def _asked(call: Call, organisation: Organisation, slots: Sequence[int], form: TrainForm) -> Response:
    try:
        news = service.request(call.session, call.viewer, organisation, slots, call.now, **form.facts())
    except Conflict as conflict:
        raise Conflict(labels.OBSTACLES.get(str(conflict.details.get("reason")), str(conflict))) from conflict
    letters.tell(call.session, news, call.now, call.pages.base_url)
    if not news:  # asked for already: the form was sent twice
        query = select(Movement).where(Movement.slot_id == slots[0], Movement.organisation_id == organisation.id)
        return call.redirect("movements:show", ref=call.session.scalars(query.order_by(Movement.id.desc())).first().ref)  # type: ignore[union-attr]
    return call.redirect("movements:show", ref=news[0].movement.ref)


routes: list[BaseRoute] = [
    Route("/rail/slots/{ref}", endpoint(slot), name="movements:slot", methods=["GET", "POST"]),
]
