"""The record of an opening as PDF: whole for the buyer's people, for a bidder with the line of its own bid."""

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts.me import signed_in
from market.bids import admissions, extensions, labels, log, tenders
from market.bids.labels import Line
from market.bids.models import Bid, OpeningRecord
from market.bids.rules import is_partners, visible_bids, visible_openings
from market.errors import NotFound
from market.exchange.papers import begun, download, line
from market.i18n import N_, Words
from market.needs.models import Need
from market.values import slug
from market.viewer import Viewer
from market.web.colours import GREY
from market.web.endpoint import Call, endpoint


def show(call: Call, ref: str) -> Response:
    """404 before the opening, and for everybody who has no part in it."""
    signed_in(call)
    record = call.session.scalar(select(OpeningRecord).join(OpeningRecord.need).where(Need.ref == ref))
    if record is None:
        raise NotFound(f"no opening of {ref}")
    lines = labels.recorded(call.words, record)
    whole = call.session.scalar(visible_openings(call.viewer).where(Need.ref == ref)) is not None
    if not whole:
        mine = visible_bids(call.viewer).where(Bid.need_id == record.need_id)
        joint = select(Bid).where(Bid.need_id == record.need_id, is_partners(_own(call.viewer)))
        refs = {bid.ref for query in (mine, joint) for bid in call.session.scalars(query)}
        lines = [one for one in lines if one.bid in refs]
        if not lines:
            raise NotFound(f"no opening of {ref} for you")
    more = [extensions.in_words(call.words, one) for one in extensions.of_need(call.session, record.need)]
    in_words = labels.late_in_full if whole else labels.late_told
    more += [in_words(call.words, one) for one in admissions.known(call.session, record.need)]
    beside = [*more, *([_log(call, record)] if whole else [])]
    raw = as_pdf(call.words, record, lines, beside, call.words.moment(call.now))
    return download(raw, "application/pdf", f"opening-{slug(record.need.title)}.pdf")


def _own(viewer: Viewer) -> int:
    """The firm somebody acts for in its own name."""
    return 0 if viewer.behalf_of or viewer.is_operator else viewer.organisation_id or 0


def _log(call: Call, record: OpeningRecord) -> str:
    """What the log says beside the bids, and whether it holds now."""
    seal, w = tenders.seal_of(call.session, record.need), call.words
    if seal is None:
        return ""
    late = log.late(call.session, seal)
    said = w.ngettext("%(num)s bid came too late", "%(num)s bids came too late", late) % {"num": late}
    holds = w(N_("the log has a gap")) if log.broken_at(call.session, seal) else w(N_("the log is without a gap"))
    return f"{said}; {holds}."


def as_pdf(w: Words, record: OpeningRecord, lines: list[Line], beside: list[str], printed: str) -> bytes:
    pdf = begun(w, record.need, N_("Record of the opening: %(title)s"))
    line(pdf, record.need.organisation.name, 11)
    line(pdf, f"{w(N_('Bids until'))}: {labels.exactly(w, record.deadline)}", 11)
    line(pdf, f"{w(N_('First person'))}: {record.first}, {labels.exactly(w, record.first_at)}", 11)
    line(pdf, f"{w(N_('Second person'))}: {record.second}, {labels.exactly(w, record.at)}", 11)
    line(pdf, w(N_("All times are those of the server, in German time.")), 9, colour=GREY)
    for one in lines:
        line(pdf, one.bidder, 12, bold=True, above=4)
        for name, role in one.parties:
            line(pdf, f"{name}: {role}", 10)
        line(pdf, f"{w(N_('Received (server time)'))}: {one.received}. {one.size}, {one.said}", 10)
        if one.late:
            line(pdf, one.late, 10, bold=True)
        line(pdf, f"SHA-256 {one.sha256}", 9, colour=GREY)
        line(pdf, f"{w(N_('Commitment'))} {one.commitment}", 9, colour=GREY)
    if not lines:
        line(pdf, w(N_("No bid has come.")), 11, above=4)
    line(pdf, w(N_("Log")), 12, bold=True, above=4)
    line(pdf, w(N_("Entry %(place)s, %(hash)s"), place=record.log_place, hash=record.log_head), 9)
    for said in beside:
        line(pdf, said, 10)
    line(pdf, w(N_("Printed %(moment)s"), moment=printed), 9, colour=GREY, above=4)
    return bytes(pdf.output())


routes: list[BaseRoute] = [Route("/needs/{ref}/opening.pdf", endpoint(show), name="bids:record", methods=["GET"])]
