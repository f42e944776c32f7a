"""The sheets about bidding together on the page of partners: the form of a proposal, and what stands between two."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from pydantic import StringConstraints, field_validator

from market.accounts import me, step_up
from market.accounts.models import Organisation
from market.accounts.people import SPEAKERS
from market.errors import NotFound
from market.i18n import N_
from market.needs.models import Need
from market.teams import pairs, service
from market.teams.models import Interest, Pair
from market.teams.pairs import LIVE, Task, Tasks
from market.teams.parts import Group, fit_together, packages_of
from market.web.endpoint import Call
from market.web.forms import Filled, Form, one_of, read

Role = Annotated[str, StringConstraints(max_length=200)]
STATES: Final = {
    "proposed": (N_("waits for an answer"), "warn"),
    "agreed": (N_("agreed"), "ok"),
    "declined": (N_("declined"), ""),
    "withdrawn": (N_("taken back"), ""),
    "ended": (N_("ended"), "warn"),
}
GONE: Final = N_("%(firm)s is not checked at present, so it cannot be part of a bid.")

PARTS: list[Callable[[Call, Pair], dict[str, Any]]] = []
"""Higher slices add to what stands about a pair: whether the joint bid is handed in."""


class ProposalForm(Form):
    lead: str
    mine: list[str] = []
    theirs: list[str] = []
    my_role: Role
    their_role: Role

    @field_validator("lead")
    @classmethod
    def is_known(cls, value: str) -> str:
        return one_of(value, ("own", "other"))


def partner(call: Call, held: Interest | None, ref: str) -> Interest:
    """The interest that makes a whole with one's own. Raises NotFound."""
    found = [one for one in service.partners_of(call.session, held) if one.ref == ref] if held else []
    if not found:
        raise NotFound("nobody who fits together with you")
    return found[0]


def typed(call: Call, own: Interest, other: Interest, groups: list[Group]) -> Filled[Any]:
    """A proposal as it came: parts of what each has named, which together make a whole."""
    filled: Filled[Any] = read(call.form, ProposalForm, call.words)
    chosen = {name: frozenset(filled.values[name]) for name in ("mine", "theirs")}
    for name, interest in (("mine", own), ("theirs", other)):
        if not chosen[name]:
            filled.refuse(name, call.words(N_("Choose at least one part.")))
        elif not chosen[name] <= frozenset(interest.parts):
            filled.refuse(name, call.words(N_("This has changed meanwhile. Please choose anew.")))
    if not filled.errors and not fit_together(chosen["mine"], chosen["theirs"], packages_of(groups)):
        said = N_("These parts do not make up a lot or the whole need. Take in what is missing.")
        filled.refuse("mine", call.words(said))
    return filled


def tasks(data: ProposalForm) -> tuple[bool, Tasks]:
    """Whether the proposer leads, and who does what."""
    leads = data.lead == "own"
    mine, theirs = Task(tuple(data.mine), data.my_role), Task(tuple(data.theirs), data.their_role)
    return leads, Tasks(mine, theirs) if leads else Tasks(theirs, mine)


def pair_of(call: Call, need: Need, firm: Organisation, ref: str) -> Pair:
    """One the firm is part of. Raises NotFound for all others."""
    found = [one for one in pairs.with_firm(call.session, need, firm.id) if one.ref == ref]
    if not found:
        raise NotFound("no pair of yours")
    return found[0]


def _todos(call: Call, organisation: Organisation) -> list[me.Todo]:
    """Proposals that wait for this firm's answer."""
    if call.viewer.behalf_of or not call.viewer.acts_for(organisation.id, *SPEAKERS):
        return []
    waiting = [one.need for one in pairs.asked(call.session, organisation.id) if one.need.takes_bids(call.now)]
    if not waiting:
        return []
    text = call.words.ngettext("Joint bid proposed to you", "Joint bids proposed to you", len(waiting))
    way = call.link("teams:show", ref=waiting[0].ref)
    return [me.Todo(len(waiting), text, waiting[0].title, way, me.WAITED_FOR)]


me.TODOS.append(_todos)


def of_page(
    call: Call, need: Need, firm: Organisation, held: Interest | None, filled: Filled[Any] | None
) -> dict[str, Any]:
    """What the template needs: the pairs of this firm, and the form where one is being proposed."""
    known = pairs.with_firm(call.session, need, firm.id)
    shown = [one for one in known if one.state in LIVE] or known[:1]
    asked = str(call.form.get("with", "")) if filled else call.request.query_params.get("with", "")
    other = None
    settled = any(one.state == "agreed" for one in known)
    if asked and held is not None and not settled and need.takes_bids(call.now):
        other = next((one for one in service.partners_of(call.session, held) if one.ref == asked), None)
    usual = {"lead": "own", "mine": list(held.parts), "theirs": list(other.parts)} if held and other else {}
    return {
        "pairs": [_sheet(call, one, firm) for one in shown],
        "paired": {one.other(firm.id).id for one in known if one.state in LIVE},
        "settled": settled,
        "other": other,
        "proposal": filled or Filled(usual),
        "fresh": step_up.is_fresh(call.session, call.viewer, call.now),
    }


def _sheet(call: Call, pair: Pair, firm: Organisation) -> dict[str, Any]:
    w, told = call.words, pairs.tasks_of(call.session, pair)
    text, tone = STATES[pair.state]
    unfit = next((one for one in pair.firms if one.verification != "verified"), None)
    said = [
        (N_("Proposed"), pair.proposed_at, pair.proposed_by),
        (N_("Answered"), pair.answered_at, pair.answered_by),
        (N_("Over since"), pair.ended_at, None),
    ]
    found = {
        "pair": pair,
        "other": pair.other(firm.id),
        "leads": pair.lead_id == firm.id,
        "asked": pair.proposer_id != firm.id,
        "state": (tone, w(text)),
        "tasks": [(pair.lead, told.lead), (pair.partner, told.partner)],
        "times": [
            (w(name), ", ".join(filter(None, (w.moment(at), who.name if who else "")))) for name, at, who in said if at
        ],
        "ends": False,
        "handed": None,
        "said": None,
        "unfit": w(GONE, firm=unfit.name) if unfit and pair.state in LIVE else "",
    }
    for more in PARTS:
        found |= more(call, pair)
    return found
