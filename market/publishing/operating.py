"""`/operator/offerings`: what firms published or handed in, and whether it is looked at before or after."""

from pydantic import field_validator
from sqlalchemy import func, select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import people
from market.accounts.me import operator_only
from market.certificates import review
from market.errors import Conflict, NotFound
from market.i18n import N_, words
from market.mail import letters
from market.moderation import views as moderation
from market.moderation.views import Figure
from market.offerings import labels, service
from market.offerings.models import Offering
from market.offerings.views import code_labels
from market.publishing import policy
from market.publishing.answers import answers
from market.publishing.rules import visible_queue
from market.publishing.views import REASONS, STATES
from market.values import LANGUAGES
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, NoteForm, one_of, read
from market.web.languages import localised

PAGE = 50
WHEN: dict[str, tuple[str, str]] = {
    "after": (N_("Online at once, looked at afterwards"), N_("Whoever publishes is found within seconds.")),
    "before": (N_("Looked at first, then online"), N_("Each offering waits for you; the firm gets a letter.")),
}


class ReturnForm(NoteForm):
    """A reason whose sentence exists in every language, and what the operator adds."""

    reason: str

    @field_validator("reason")
    @classmethod
    def is_a_reason(cls, value: str) -> str:
        return one_of(value, REASONS)


def count(call: Call) -> int:
    waiting = visible_queue(call.viewer).order_by(None).with_only_columns(Offering.id).subquery()
    return call.session.scalar(select(func.count()).select_from(waiting)) or 0


def figures(call: Call) -> list[Figure]:
    w = call.words
    return [Figure(w(N_("Offerings to look at")), count(call), w(N_("oldest first")), call.link("operator:offerings"))]


moderation.FIGURES.append(figures)


def queue(call: Call) -> Response:
    operator_only(call)
    return call.render(
        "publishing/queue.html",
        offerings=list(call.session.scalars(visible_queue(call.viewer).limit(PAGE))),
        total=count(call),
        when=policy.moderation(call.session),
        choices=[(code, call.words(text), call.words(more)) for code, (text, more) in WHEN.items()],
        states=STATES,
        labels=labels,
        now=call.now,
        promised=review.PROMISED,
    )


def switch(call: Call) -> Response:
    operator_only(call)
    when = call.form.get("when")
    if when == "before":
        policy.set_moderation(call.session, call.viewer, "before", call.now)
    elif when == "after":
        policy.set_moderation(call.session, call.viewer, "after", call.now)
    return call.redirect("operator:offerings")


def _waiting(call: Call, ref: str) -> Offering:
    operator_only(call)
    query = select(Offering).where(Offering.ref == ref)
    if call.request.method == "POST":
        query = query.with_for_update(of=Offering)
    offering = call.session.scalar(query)
    if offering is None or offering.status not in ("submitted", "published"):
        raise NotFound(f"no offering {ref} to look at")
    return offering


def look(call: Call, ref: str) -> Response:
    return _page(call, _waiting(call, ref))


def _page(call: Call, offering: Offering, filled: Filled[ReturnForm] | None = None, status: int = 200) -> Response:
    waste = offering.details.waste_codes()
    codes = code_labels(call, "cpv", offering.cpv) | code_labels(call, "ewc", waste)
    return call.render(
        "publishing/look.html",
        status=status,
        offering=offering,
        answers=answers(call.words, offering, codes),
        states=STATES,
        labels=labels,
        readers=people.readers(call.session, offering.organisation),
        reasons=[(code, call.words(text), "") for code, text in REASONS.items()],
        sentences={code: [(one, words(one)(text)) for one in LANGUAGES] for code, text in REASONS.items()},
        filled=filled or Filled({"reason": ""}),
        now=call.now,
    )


def accept(call: Call, ref: str) -> Response:
    """It is in order: what waited goes online, what is online stays."""
    offering = _waiting(call, ref)
    if offering.status == "submitted":
        service.move(call.session, call.viewer, offering, "publish", call.now)
        _tell(call, offering, "publishing/published")
    elif offering.queued_at is None:
        raise Conflict("somebody has looked at it already", reason="seen")
    service.seen(call.session, call.viewer, offering, call.now)
    return call.redirect("operator:offerings")


def give_back(call: Call, ref: str) -> Response:
    """Back to the firm as a draft, with the reason by letter."""
    offering = _waiting(call, ref)
    filled: Filled[ReturnForm] = read(call.form, ReturnForm, call.words)
    if filled.data is None:
        return _page(call, offering, filled, 422)
    service.hand_back(call.session, call.viewer, offering, filled.data.reason, filled.data.note(), call.now)
    _tell(call, offering, "publishing/returned")
    return call.redirect("operator:offerings")


def _tell(call: Call, offering: Offering, event: str) -> None:
    base = call.pages.base_url
    for reader in people.readers(call.session, offering.organisation):
        language = reader.language
        w = words(language)
        letters.write(
            call.session,
            call.now,
            reader.email,
            language,
            event,
            firm=offering.organisation.name,
            title=offering.title,
            reason=w(REASONS[offering.returned_reason]) if offering.returned_reason else "",
            note=w.in_language(offering.returned_note or {})[0],
            page=base + localised(f"/offerings/{offering.ref}/{offering.slug}", language),
            own=base + reader.path(offering.organisation, f"/me/offerings/{offering.ref}"),
            member=reader.person is not None,
        )


routes: list[BaseRoute] = [
    Route("/operator/offerings", endpoint(queue), name="operator:offerings", methods=["GET"]),
    Route("/operator/offerings", endpoint(switch), name="operator:moderation", methods=["POST"]),
    Route("/operator/offerings/{ref}", endpoint(look), name="operator:offering", methods=["GET"]),
    Route("/operator/offerings/{ref}/accept", endpoint(accept), name="operator:accept_offering", methods=["POST"]),
    Route("/operator/offerings/{ref}/return", endpoint(give_back), name="operator:return_offering", methods=["POST"]),
]
