"""`/operator/certificates`: the operator looks at what firms have handed in. Not there for anybody else."""

from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import people
from market.accounts.me import operator_only
from market.certificates import labels, letters, service
from market.certificates.forms import DeclineForm
from market.certificates.models import Certificate
from market.certificates.reasons import REASONS
from market.certificates.rules import visible_certificates, visible_waiting
from market.errors import NotFound
from market.i18n import N_, words
from market.taxonomy import certificates as catalogue
from market.values import LANGUAGES
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read

PROMISED: Final = timedelta(days=2)
"""In which we say we look at what was handed in."""
PAGE: Final = 50


def queue(call: Call) -> Response:
    """What waits, the oldest first."""
    operator_only(call)
    waiting = list(call.session.scalars(visible_waiting(call.viewer)))
    page = min(max(int(asked) if (asked := call.request.query_params.get("page", "1")).isdecimal() else 1, 1), 10_000)
    return call.render(
        "operator/certificates.html",
        total=len(waiting),
        late=sum(call.now - since(one) > PROMISED for one in waiting),
        waiting=waiting[(page - 1) * PAGE : page * PAGE],
        since={one.id: since(one) for one in waiting},
        promised=PROMISED,
        now=call.now,
        page=page,
        pages=-(-len(waiting) // PAGE),
        labels=labels,
    )


def since(certificate: Certificate) -> datetime:
    return certificate.submitted_at or certificate.created_at


def _one(call: Call, ref: str) -> Certificate:
    operator_only(call)
    query = visible_certificates(call.viewer).where(Certificate.ref == ref)
    certificate = call.session.scalar(query.with_for_update() if call.request.method == "POST" else query)
    if certificate is None:
        raise NotFound(f"no certificate {ref}")
    return certificate


def look(call: Call, ref: str) -> Response:
    return _page(call, _one(call, ref), Filled({"reason": ""}))


def verify(call: Call, ref: str) -> Response:
    certificate = _one(call, ref)
    if not _still_the_same(call, certificate):
        return _page(call, certificate, Filled({"reason": ""}), 409, call.words(service.CHANGED))
    service.verify(call.session, call.viewer, certificate, call.now)
    letters.write_decision(call.session, certificate, call.now, call.pages.base_url)
    return _next(call)


def decline(call: Call, ref: str) -> Response:
    certificate = _one(call, ref)
    filled: Filled[DeclineForm] = read(call.form, DeclineForm, call.words)
    if not _still_the_same(call, certificate):
        return _page(call, certificate, filled, 409, call.words(service.CHANGED))
    if filled.data and filled.data.reason == "other" and not filled.data.note():
        filled.refuse("note_de", call.words(N_("Say why, so that the firm can mend it.")))
    if filled.data is None:
        return _page(call, certificate, filled, 422)
    service.decline(call.session, call.viewer, certificate, filled.data.reason, filled.data.note(), call.now)
    letters.write_decision(call.session, certificate, call.now, call.pages.base_url)
    return _next(call)


def _still_the_same(call: Call, certificate: Certificate) -> bool:
    """Whether what was looked at is what is decided on."""
    return certificate.state == "uploaded" and call.form.get("seen") == certificate.updated_at.isoformat()


def _next(call: Call) -> Response:
    """On to the oldest that still waits, else back to the queue."""
    call.session.flush()
    following = call.session.scalar(visible_waiting(call.viewer).limit(1))
    if following is None:
        return call.redirect("operator:certificates")
    return call.redirect("operator:certificate", ref=following.ref)


def _page(
    call: Call, certificate: Certificate, filled: Filled[DeclineForm], status: int = 200, said: str = ""
) -> Response:
    kind = catalogue.types().get(certificate.type)
    return call.render(
        "operator/certificate.html",
        status=status,
        certificate=certificate,
        kind=kind,
        since=since(certificate),
        late=call.now - since(certificate) > PROMISED,
        now=call.now,
        readers=people.editors(call.session, certificate.organisation),
        reasons=[(code, call.words(sentence), "") for code, sentence in REASONS.items()],
        sentences={
            code: [(language, words(language)(sentence)) for language in LANGUAGES if language != call.language]
            for code, sentence in REASONS.items()
        },
        filled=filled,
        said=said,
        labels=labels,
    )


routes: list[BaseRoute] = [
    Route("/operator/certificates", endpoint(queue), name="operator:certificates", methods=["GET"]),
    Route("/operator/certificates/{ref}", endpoint(look), name="operator:certificate", methods=["GET"]),
    Route("/operator/certificates/{ref}/verify", endpoint(verify), name="operator:verify", methods=["POST"]),
    Route("/operator/certificates/{ref}/decline", endpoint(decline), name="operator:decline", methods=["POST"]),
]
