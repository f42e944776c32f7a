"""The file of a certificate form. A browser forgets a chosen file when the form comes back, so it waits here."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from market.accounts.models import Organisation
from market.errors import Unavailable
from market.files import service as files
from market.files.checks import Unfit
from market.files.models import File
from market.files.views import store_of, taken
from market.web.endpoint import Call
from market.web.forms import Filled

PENDING: Final = "certificate-pending"
KEPT: Final = "certificate"
ALLOWED: Final = frozenset({"pdf", "jpg", "jpeg", "png", "webp"})
WAITS: Final = timedelta(days=1)
SWEPT: Final = 20
"""Forgotten files cleared away at most in one go."""


def take_file(call: Call, organisation: Organisation, filled: Filled[Any], *, needed: bool) -> File | None:
    """The file chosen now, else the one that waits since the last try. What is wrong goes into `filled`."""
    _sweep(call)
    waiting = pending(call, organisation, str(filled.values.get("kept", "")))
    if files.is_chosen(call.form.get("file")):
        try:
            file = files.keep(call.session, call.viewer, organisation, taken(call, "file", ALLOWED), PENDING, call.now)
        except Unfit as refusal:
            filled.refuse("file", call.words(str(refusal)))
        except Unavailable as away:
            filled.refuse("file", call.words(files.excuse(away)))
            filled.values["away"] = "yes"
        else:
            if waiting is not None:
                files.remove(call.session, call.viewer, store_of(call), waiting, call.now)
            waiting = file
    elif waiting is None and needed:
        filled.refuse("file", call.words(files.NO_FILE))
    filled.values["kept"] = waiting.ref if waiting else ""
    return waiting


def pending(call: Call, organisation: Organisation, ref: str) -> File | None:
    """A file of this firm that waits for its form; nobody else's."""
    query = select(File).where(
        File.ref == ref,
        File.organisation_id == organisation.id,
        File.purpose == PENDING,
        File.created_by == call.viewer.name,
    )
    return call.session.scalar(query) if ref else None


def settle(file: File) -> File:
    """Its form is taken: it stays."""
    file.purpose = KEPT
    return file


def _sweep(call: Call) -> None:
    """Files whose form never came back."""
    old = select(File).where(File.purpose == PENDING, File.created_at < call.now - WAITS).limit(SWEPT)
    for file in call.session.scalars(old):
        files.remove(call.session, call.viewer, store_of(call), file, call.now)
