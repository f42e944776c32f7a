"""The addendum of a need as PDF: every answer and every change since publication, without a word of who asked."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.errors import NotFound
from market.exchange.papers import begun, download, line
from market.i18n import N_, Words
from market.needs import amendments, labels, questions
from market.needs.models import Amendment, Need
from market.needs.parts import Question
from market.needs.rules import visible_needs
from market.values import slug
from market.web.colours import GREY
from market.web.endpoint import Call, endpoint


def addendum(call: Call, ref: str) -> Response:
    """For everybody who may see the need; 404 as long as there is nothing to add."""
    need = call.session.scalar(visible_needs(call.viewer).where(Need.ref == ref))
    if need is None:
        raise NotFound(f"no need {ref}")
    answered = [one for one in questions.of_need(call.session, need) if one.answered_at is not None]
    changes = amendments.of_need(call.session, need)
    if not (answered or changes):
        raise NotFound("nothing to add")
    raw = as_pdf(call.words, need, answered, changes, call.words.moment(call.now))
    return download(raw, "application/pdf", f"addendum-{slug(need.title)}.pdf")


def as_pdf(w: Words, need: Need, answered: list[Question], changes: list[Amendment], printed: str) -> bytes:
    pdf = begun(w, need, N_("Addendum: %(title)s"))
    line(pdf, need.organisation.name, 11)
    if need.bids_until:
        line(pdf, f"{w(N_('Bids until'))}: {labels.deadline(w, need.bids_until)}", 11)
    line(pdf, w(N_("Printed %(moment)s"), moment=printed), 9, colour=GREY)
    for one in reversed(changes):
        version = w(N_("Version %(version)s of %(day)s"), version=one.version, day=w.day(one.at, "long"))
        line(pdf, version, 12, bold=True, above=4)
        line(pdf, one.reason, 10)
        for what, before, after in amendments.in_words(w, one):
            line(pdf, f"{what}: {before} → {after}", 10)
    for number, question in enumerate(answered, start=1):
        asked = w(N_("Question %(number)s"), number=number)
        line(pdf, asked, 12, bold=True, above=4)
        line(pdf, question.text, 10)
        assert question.answered_at is not None
        line(pdf, w(N_("Answer of %(day)s"), day=w.day(question.answered_at, "long")), 10, bold=True)
        line(pdf, question.answer, 10)
    return bytes(pdf.output())


routes: list[BaseRoute] = [
    Route("/needs/{ref}/addendum.pdf", endpoint(addendum), name="needs:addendum", methods=["GET"])
]
