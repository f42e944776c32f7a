"""`/me/needs/{ref}/opening`: two of those named open the sealed bids together; before, while and after it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import Field
from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import step_up
from market.accounts.me import SOON, TODOS, WAITED_FOR, Todo, own
from market.accounts.models import Organisation, Person
from market.bids import admissions, extensions, log, opening, opening_keys, tenders
from market.bids import labels as bid_labels
from market.bids.labels import Line
from market.bids.models import OpeningRecord, Seal
from market.bids.rules import may_open, visible_openings
from market.bids.sealing import NotOpened
from market.errors import Conflict, Forbidden, NotFound
from market.i18n import N_
from market.needs import labels
from market.needs.models import Need
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read

WRONG: Final = N_("This is not the passphrase of your key for this tender. Please type it once more.")
SHUT: Final = N_("The keys of this tender do not fit together, so nothing was opened. Please call the operator.")
REFUSALS: Final = {
    "early": N_("Bids are opened after the deadline."),
    "same": N_("You have done your part. Another of the people named has to do the second."),
    "extension": extensions.UNDECIDED,
    "late": admissions.WAITS,
    "open": N_("These bids are open already."),
    "keys": N_("The key process does not give out its share. Please call the operator."),
}


class PassphraseForm(Form):
    passphrase: str = Field(max_length=200)


@dataclass(frozen=True)
class Named:
    """One of the people who can open, and what stands beside the name."""

    person: Person
    state: str
    """`first` has done the part, `next` can do it now, `ready` later, `keyless` not at all."""


def show(call: Call, ref: str) -> Response:
    return _page(call, _need(call, ref))


def _need(call: Call, ref: str) -> Need:
    """Raises SignInFirst, NotFound."""
    own(call)
    need = call.session.scalar(visible_openings(call.viewer).where(Need.ref == ref))
    if need is None:
        raise NotFound(f"no opening of {ref} for you")
    return need


def _page(call: Call, need: Need, *, said: str = "", filled: Filled[Any] | None = None, status: int = 200) -> Response:
    session, now = call.session, call.now
    seal = tenders.seal_of(session, need)
    record = session.scalar(select(OpeningRecord).where(OpeningRecord.need_id == need.id))
    state = state_of(seal, record, now)
    over = state in ("due", "begun")
    return call.render(
        "bids/opening.html",
        status=status,
        need=need,
        seal=seal,
        record=record,
        state=state,
        named=_named(call, need, seal, state),
        opens=seal is not None and may_open(session, call.viewer, seal),
        done=state == "begun" and seal is not None and seal.giver_id == call.viewer.person_id,
        confirmed=step_up.is_fresh(session, call.viewer, now),
        lines=_lines(call, need, record, over=over),
        late=log.late(session, seal) if seal and over else 0,
        running=admissions.running(session, need, now),
        possible_from=opening.possible_from(seal) if seal else None,
        until=seal.given_at + opening.WITHIN if seal and seal.given_at and state == "begun" else None,
        labels=labels,
        now=now,
        exactly=bid_labels.exactly,
        said=said,
        filled=Filled({}, filled.errors) if filled else Filled(),
    )


def state_of(seal: Seal | None, record: OpeningRecord | None, now: datetime) -> str:
    """`none` nothing is sealed, `shut` it is too early, `due`, `begun` by one person, `open`, `gone` cancelled."""
    if record is not None:
        return "open"
    if seal is None:
        return "none"
    if seal.wrapped is None:
        return "gone"
    if now < opening.possible_from(seal):
        return "shut"
    return "begun" if opening.waits(seal, now) else "due"


def _named(call: Call, need: Need, seal: Seal | None, state: str) -> list[Named]:
    """Before it is sealed those the draft names, afterwards those it was sealed for."""
    if seal is None:
        people = tenders.openers(call.session, need)
        return [Named(person, "ready" if key else "keyless") for person, key in people]
    waiting = "next" if state in ("due", "begun") else "ready"
    rows = opening.openers_of(call.session, seal).values()
    first = seal.giver_id if state == "begun" else None
    return [Named(row.person, "first" if row.person_id == first else waiting) for row in rows]


def _lines(call: Call, need: Need, record: OpeningRecord | None, *, over: bool) -> list[Line]:
    """How many there are is hidden until the deadline, whose they are until the opening."""
    if record is not None:
        return bid_labels.recorded(call.words, record)
    return bid_labels.sealed(call.words, tenders.live(call.session, need)) if over else []


def confirm(call: Call, ref: str) -> Response:
    """One person's part."""
    need = _need(call, ref)
    seal = tenders.seal_of(call.session, need)
    if seal is None:
        raise NotFound("nothing is sealed here")
    if not may_open(call.session, call.viewer, seal):
        raise Forbidden("others are named to open")
    step_up.confirmed(call, call.link("bids:opening", ref=ref))
    filled: Filled[Any] = read(call.form, PassphraseForm, call.words)
    if filled.data is None:
        return _page(call, need, filled=filled, status=422)
    assert call.viewer.person_id is not None
    key = opening.openers_of(call.session, seal)[call.viewer.person_id].key
    opening_keys.refuse_too_many(call.session, call.viewer, key, call.now)
    try:
        with call.session.begin_nested():
            opening.confirm(call.session, call.viewer, seal, filled.data.passphrase, call.now, call.outside)
    except NotOpened as shut:
        if str(shut) != "passphrase":
            return _page(call, need, said=call.words(SHUT), status=409)
        opening_keys.note_wrong(call.session, call.viewer, key, call.now)
        return _page(call, need, filled=filled.refuse("passphrase", call.words(WRONG)), status=422)
    except Conflict as refusal:
        call.session.expire_all()
        said = REFUSALS.get(str(refusal.details.get("reason", "")), REFUSALS["keys"])
        return _page(call, _need(call, ref), said=call.words(said), status=409)
    return call.redirect("bids:opening", ref=ref)


def todos(call: Call, organisation: Organisation) -> list[Todo]:
    """Tenders that can be opened now: this person's part, and for the buyer those that wait for others."""
    if call.viewer.behalf_of or not organisation.is_partner:
        return []
    seen = visible_openings(call.viewer).with_only_columns(Need.id)
    query = select(Seal).where(Seal.need_id.in_(seen), Seal.opened_at.is_(None), Seal.wrapped.is_not(None))
    due = [s for s in call.session.scalars(query.order_by(Seal.deadline)) if call.now >= opening.possible_from(s)]
    mine = [seal for seal in due if _waits_for(call, seal)]
    others = [seal for seal in due if seal not in mine]
    w = call.words
    yours = w.ngettext("%(num)s opening waits for you", "%(num)s openings wait for you", len(mine))
    theirs = w.ngettext("%(num)s opening waits for others", "%(num)s openings wait for others", len(others))
    return [
        Todo(len(seals), text % {"num": len(seals)}, seals[0].need.title, _link(call, seals[0]), urgency)
        for seals, text, urgency in ((mine, yours, WAITED_FOR), (others, theirs, SOON))
        if seals
    ]


def _link(call: Call, seal: Seal) -> str:
    return call.link("bids:opening", ref=seal.need.ref)


def _waits_for(call: Call, seal: Seal) -> bool:
    done = opening.waits(seal, call.now) and seal.giver_id == call.viewer.person_id
    return not done and may_open(call.session, call.viewer, seal)


TODOS.append(todos)

routes: list[BaseRoute] = [
    Route("/me/needs/{ref}/opening", endpoint(show), name="bids:opening", methods=["GET"]),
    Route("/me/needs/{ref}/opening", endpoint(confirm), name="bids:open", methods=["POST"]),
]
