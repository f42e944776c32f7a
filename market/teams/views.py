"""`/needs/REF/partners`: a firm says openly which part of a need it wants, and sees who wants the rest."""

from typing import Annotated, Any, Final

from pydantic import StringConstraints, field_validator
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import own, signed_in
from market.accounts.models import Organisation, Person
from market.accounts.step_up import confirmed
from market.errors import Conflict, Forbidden
from market.i18n import N_
from market.mail.letters import postable
from market.needs import labels as need_labels
from market.needs import views as needs
from market.needs.models import HELD, Need
from market.needs.parts import Item, Lot
from market.teams import pair_views, pairs, service
from market.teams.models import Interest
from market.teams.pairs import Refused
from market.teams.parts import Group, groups_of, packages_of
from market.teams.rules import may_team
from market.web import stale
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read

ANSWERS: Final = ("consent", "decline", "withdraw", "end")
"""What a firm can do about a proposal or an agreement."""
Line = Annotated[str, StringConstraints(max_length=120)]


class InterestForm(Form):
    parts: list[str] = []
    remark: Annotated[str, StringConstraints(max_length=1000)] = ""
    contact: Line
    email: Line
    phone: Line = ""
    agreed: str = ""

    @field_validator("email")
    @classmethod
    def is_an_address(cls, value: str) -> str:
        if postable(value) is None:
            raise ValueError(N_("Write an e-mail address, for example office@firm.example."))
        return value


def show(call: Call, ref: str) -> Response:
    need, firm = _open_to(call, ref)
    held = service.interest_of(call.session, need, firm.id)
    return _page(call, need, firm, held, Filled(_values(call, firm, held)))


def act(call: Call, ref: str) -> Response:
    """Say it, change it or take it back."""
    need, firm = _open_to(call, ref)
    call.session.refresh(need, with_for_update=HELD)  # two at once: each has to see the other
    held = service.interest_of(call.session, need, firm.id)
    try:
        if call.form.get("do") == "withdraw":
            if held is not None:
                service.withdraw(call.session, call.viewer, held, call.now)
            return call.redirect("teams:show", ref=ref)
        filled = _read(call, groups_of(call.session, need))
        if filled.data is None:
            return _page(call, need, firm, held, filled, 422)
        if stale.is_stale(call, stale.mark(_kept(call, need, held))):
            return _page(call, need, firm, held, filled, 409, asked=True)
        fields = filled.data.model_dump(exclude={"agreed"})
        service.declare(call.session, call.viewer, need, firm, call.now, **fields)
    except Conflict as refusal:
        filled = Filled(_values(call, firm, held))
        return _page(call, need, firm, held, filled, 409, call.words(str(refusal)))
    return call.redirect("teams:show", ref=ref)


def together(call: Call, ref: str) -> Response:
    """Propose to another firm to bid together, answer, or take it back; who gives its word proves who it is."""
    need, firm = _open_to(call, ref)
    held, do = service.interest_of(call.session, need, firm.id), str(call.form.get("do", ""))
    try:
        if do == "propose":
            other = pair_views.partner(call, held, str(call.form.get("with", "")))
            assert held is not None
            confirmed(call, call.link("teams:show", {"with": other.ref}, ref=ref))
            proposal = pair_views.typed(call, held, other, groups_of(call.session, need))
            if proposal.data is None:
                return _page(call, need, firm, held, Filled(_values(call, firm, held)), 422, proposal=proposal)
            leads, tasks = pair_views.tasks(proposal.data)
            pairs.propose(call.session, call.viewer, held, other, call.now, leads=leads, tasks=tasks)
        elif do in (*ANSWERS, "show"):
            pair = pair_views.pair_of(call, need, firm, str(call.form.get("pair", "")))
            if do in ("consent", "show"):
                confirmed(call, call.link("teams:show", ref=ref))
            if do == "show":
                pairs.show(call.session, call.viewer, pair, firm.id, call.now)
            else:
                pairs.answer(call.session, call.viewer, pair, firm.id, do, call.now)
    except Refused as refusal:
        said = call.words(refusal.sentence, **refusal.more)
        return _page(call, need, firm, held, Filled(_values(call, firm, held)), 409, said)
    return call.redirect("teams:show", ref=ref)


def _open_to(call: Call, ref: str) -> tuple[Need, Organisation]:
    """A need the viewer may know of, and the firm that could bid for it."""
    signed_in(call)
    need, firm = needs.shown(call, ref), own(call)
    if not may_team(call.viewer, firm, need):
        raise Forbidden("checked firms look for partners, by those who speak for them")
    return need, firm


def _read(call: Call, groups: list[Group]) -> Filled[Any]:
    filled: Filled[Any] = read(call.form, InterestForm, call.words)
    chosen = frozenset(filled.values["parts"])
    known = {part.ref for group in groups for part in group.parts}
    packages = packages_of(groups)
    if not chosen:
        filled.refuse("parts", call.words(N_("Choose the part you want.")))
    elif not chosen <= known:
        filled.refuse("parts", call.words(N_("The need has changed meanwhile. Please choose anew.")))
    elif all(package <= chosen for package in packages):
        filled.refuse("parts", call.words(N_("You have chosen everything, so nothing is left for a partner.")))
    if not call.form.get("agreed"):
        filled.refuse("agreed", call.words(N_("Tick this if you agree; without it nobody is shown to anybody.")))
    return filled


def _values(call: Call, firm: Organisation, held: Interest | None) -> dict[str, Any]:
    if held is not None:
        kept = {name: getattr(held, name) for name in ("remark", "contact", "email", "phone")}
        return kept | {"parts": list(held.parts), "agreed": "yes" if held.state == "open" else ""}
    person = call.session.get(Person, call.viewer.person_id or 0)
    mine = {"contact": person.name, "email": person.email} if person else {}
    return mine | {"phone": firm.phone or "", "parts": []}


def _kept(call: Call, need: Need, held: Interest | None) -> list[tuple[str, str]]:
    """What the firm has said, line by line."""
    w = call.words
    if held is None or held.state != "open":
        return [(w(N_("The part you want")), w(N_("none yet")))]
    titles = {part.ref: part.title for group in groups_of(call.session, need) for part in group.parts}
    return [
        (w(N_("The part you want")), ", ".join(titles[ref] for ref in held.parts if ref in titles)),
        (w(N_("Remark")), held.remark or w(N_("not stated"))),
        (w(N_("Contact")), ", ".join(said for said in (held.contact, held.email, held.phone) if said)),
    ]


def _page(
    call: Call,
    need: Need,
    firm: Organisation,
    held: Interest | None,
    filled: Filled[Any],
    status: int = 200,
    said: str = "",
    *,
    asked: bool = False,
    proposal: Filled[Any] | None = None,
) -> Response:
    """`asked`: another window has saved since, so what was typed is not saved yet."""
    kept = _kept(call, need, held)
    groups = groups_of(call.session, need)
    title, title_lang = call.words.in_language(need.text_in("title"), need.lang)
    return call.render(
        "teams/show.html",
        status=status,
        need=need,
        title=title,
        title_lang=title_lang,
        held=held,
        partners=_partners(call, need, firm, held),
        groups=[(_heading(call, group), [_option(call, part) for part in group.parts]) for group in groups],
        names={part.ref: part.title for group in groups for part in group.parts},
        divisible=bool(packages_of(groups)),
        takes=need.takes_bids(call.now),
        filled=filled,
        said=said,
        saved=kept if asked else [],
        seen=stale.seen(call, stale.mark(kept), asked=asked),
        until=need_labels.deadline(call.words, need.bids_until) if need.bids_until else "",
        **pair_views.of_page(call, need, firm, held, proposal),
    )


def _partners(call: Call, need: Need, firm: Organisation, held: Interest | None) -> list[Interest]:
    """Who fits together with a firm; after the deadline, when nobody looks any more, the one it bids with."""
    found = service.partners_of(call.session, held) if held else []
    if need.takes_bids(call.now):
        return found
    pair = pairs.agreed(call.session, need, firm.id)
    return [one for one in found if pair is not None and one.organisation_id == pair.other(firm.id).id]


def _heading(call: Call, group: Group) -> str:
    if group.lot is None:
        return call.words(N_("Items"))
    return call.words(N_("Lot %(number)s: %(title)s"), number=group.lot.place, title=group.lot.title)


def _option(call: Call, part: Item | Lot) -> tuple[str, str, str]:
    if isinstance(part, Lot):
        return part.ref, call.words(N_("The whole lot")), ""
    return part.ref, part.title, need_labels.amount(call.words, part.quantity, part.unit)


def of_page(call: Call, need: Need) -> dict[str, Any]:
    """On the page of a need: the way there, for firms that could bid while it can be divided and takes offers."""
    firm = call.session.get(Organisation, call.viewer.organisation_id or 0)
    if firm is None or not need.takes_bids(call.now) or not may_team(call.viewer, firm, need):
        return {}
    if not packages_of(groups_of(call.session, need)):
        return {}
    pair = pairs.agreed(call.session, need, firm.id)
    return {"teaming": call.link("teams:show", ref=need.ref), "teamed": pair.other(firm.id).name if pair else ""}


needs.PARTS.append(of_page)

routes: list[BaseRoute] = [
    Route("/needs/{ref}/partners", endpoint(show), name="teams:show", methods=["GET"]),
    Route("/needs/{ref}/partners", endpoint(act), name="teams:act", methods=["POST"]),
    Route("/needs/{ref}/partners/joint-bid", endpoint(together), name="teams:together", methods=["POST"]),
]
