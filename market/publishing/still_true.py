"""`/still-true/{token}`: the link of the monthly letter. Opening it changes nothing; the button confirms."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.errors import Gone
from market.offerings import labels
from market.publishing import truth
from market.viewer import Viewer
from market.web.endpoint import Call, endpoint

BY_LETTER = Viewer("letter", "person")
"""Whoever holds the link of the letter: one of those who keep the firm's pages."""


def show(call: Call, token: str) -> Response:
    question = truth.by_token(call.session, token)
    if question is None:
        raise Gone("no such question")
    found = truth.offerings_of(call.session, question)
    return call.render(
        "publishing/still_true.html", question=question, offerings=found, token=token, labels=labels, confirmed=None
    )


def confirm(call: Call, token: str) -> Response:
    """One click; a second one finds it done."""
    question = truth.by_token(call.session, token)
    if question is None:
        raise Gone("no such question")
    refs = [str(ref) for ref in call.form.getlist("offering")]
    confirmed = truth.answer(call.session, BY_LETTER, question, refs, call.now)
    return call.render(
        "publishing/still_true.html", question=question, offerings=[], token=token, labels=labels, confirmed=confirmed
    )


routes: list[BaseRoute] = [
    Route("/still-true/{token}", endpoint(show), name="still_true", methods=["GET"]),
    Route("/still-true/{token}", endpoint(confirm), name="still_true:confirm", methods=["POST"]),
]
