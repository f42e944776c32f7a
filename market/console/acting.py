"""The operator acts for a firm, and the firm confirms by link what was entered for it."""

from pydantic import model_validator
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts import behalf
from market.accounts.behalf import Confirmation
from market.console.entered import entered
from market.console.gate import page
from market.console.letters import language_of_firm, tell_firm
from market.console.organisations import organisation_of, show_page
from market.errors import Conflict
from market.i18n import N_, language_of, words
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, Form, read


class AnswerForm(Form):
    """A name has to be typed, so that no mail scanner agrees for the firm."""

    name: str
    answer: str = ""
    text: str = ""

    @model_validator(mode="after")
    def is_whole(self) -> "AnswerForm":
        if self.answer not in ("yes", "no"):
            raise ValueError(N_("Please choose one of the options."))
        return self


def begin(call: Call, ref: str) -> Response:
    behalf.begin(call.session, call.viewer, organisation_of(call, ref), call.now)
    return call.redirect("me")


def end(call: Call) -> Response:
    """One click, from every page."""
    organisation = behalf.end(call.session, call.viewer, call.now)
    if organisation is None:
        return RedirectResponse(call.link("me"), 303)
    return call.redirect("operator:organisation", ref=organisation.ref)


def ask(call: Call, ref: str) -> Response:
    """Send the firm what was entered."""
    organisation = organisation_of(call, ref)
    try:
        confirmation, token = behalf.ask(call.session, call.viewer, organisation, call.now)
    except Conflict as refusal:
        return show_page(call, organisation, status=409, said_=call.words(str(refusal)))
    w = words(language_of(language_of_firm(organisation)))
    entries = behalf.entries_of(call.session, confirmation)
    path = call.pages.links.path("confirm", w.language, token=token)
    tell_firm(
        call,
        organisation,
        "console/confirm",
        link=call.pages.base_url + path,
        entries=entered(call.session, w, entries),
        expires_at=confirmation.expires_at,
    )
    return call.redirect("operator:organisation", ref=ref)


def confirm(call: Call, token: str) -> Response:
    """For whoever has the letter: see what was entered, then agree or say what is wrong. Looking changes nothing."""
    found = behalf.by_token(call.session, token, call.now)
    if found is None:
        return _page(call, None, token, Filled({}), 410)
    if call.request.method != "POST":
        return _page(call, found, token, Filled({"name": "", "answer": "", "text": ""}))
    filled = read(call.form, AnswerForm, call.words)
    if "" in filled.errors:
        filled.errors["answer"] = filled.errors.pop("")
    if filled.data and filled.data.answer == "no" and not filled.data.text:
        filled.refuse("text", call.words(N_("Please say what is not right.")))
    if filled.data is None:
        return _page(call, found, token, filled, 422)
    objection = filled.data.text[:2000] if filled.data.answer == "no" else ""
    behalf.answer(call.session, found, filled.data.name, objection, call.now)
    return call.render("console/confirmed.html", organisation=found.organisation, objected=bool(objection))


def _page(
    call: Call, found: Confirmation | None, token: str, filled: Filled[AnswerForm], status: int = 200
) -> Response:
    entries = behalf.entries_of(call.session, found) if found else []
    return call.render(
        "console/confirm.html",
        status=status,
        found=found,
        token=token,
        filled=filled,
        entries=entered(call.session, call.words, entries),
    )


routes: list[BaseRoute] = [
    Route("/operator/firms/{ref}/act", page(begin), name="operator:act", methods=["POST"]),
    Route("/operator/act/end", page(end), name="operator:act_end", methods=["POST"]),
    Route("/operator/firms/{ref}/confirmation", page(ask), name="operator:ask_confirmation", methods=["POST"]),
    Route("/confirm/{token}", endpoint(confirm), name="confirm", methods=["GET", "POST"]),
]
