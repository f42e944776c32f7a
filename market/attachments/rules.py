"""Who may see a picture or a document of an offering."""

from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from market.accounts.rules import may_see_inside
from market.attachments.agreements import has_accepted
from market.attachments.models import Attachment
from market.files import rules as files
from market.files.models import File
from market.viewer import Viewer

PURPOSE: Final = "offering"
"""Of the files of offerings."""
SIGNERS: Final = ("admin", "bidder", "buyer")
"""Roles that accept an agreement for their organisation."""


def may_accept(viewer: Viewer) -> bool:
    return viewer.organisation_id is not None and viewer.acts_for(viewer.organisation_id, *SIGNERS)


def shows(attachment: Attachment) -> bool:
    """Whether the public page lists it: an anonymous listing only what gives nobody away."""
    return attachment.is_plain or not attachment.offering.details_json.get("anonymous")


def may_open(session: Session, viewer: Viewer, attachment: Attachment) -> bool:
    """Its firm always; others once the offering is public and, where that is asked, the agreement accepted."""
    offering = attachment.offering
    if may_see_inside(viewer, offering.organisation):
        return True
    if not offering.is_public or not shows(attachment):
        return False
    return not attachment.gated or has_accepted(session, viewer, offering.organisation_id)


def _may_read(session: Session, viewer: Viewer, file: File) -> bool:
    query = select(Attachment).where(or_(Attachment.file_id == file.id, Attachment.small_id == file.id))
    attachment = session.scalar(query.limit(1))
    return attachment is not None and may_open(session, viewer, attachment)


files.RULES[PURPOSE] = _may_read
