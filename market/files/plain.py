"""Documents without what programs write into them about their maker: author, company, program, names at comments.

What stands on the pages themselves stays: a letterhead is for its owner to black out.
"""

import io
import re
import zipfile
from typing import BinaryIO, Final

from market.files.checks import PACKED, Fit, Unfit
from market.i18n import N_

DAMAGED: Final = N_("The file cannot be read. Please save it again as a PDF without a password.")
GONE: Final = ("/Metadata", "/PieceInfo", "/LastModified", "/OpenAction", "/AA")
_NAMES: Final = re.compile(rb'\b(w(?:15)?:(?:author|initials|userId)|displayName|userId)="[^"]*"')
_AUTHORS: Final = re.compile(rb"<author>[^<]*</author>")
_EMPTY: Final = {
    "docProps/core.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties xmlns:cp='
    b'"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Properties xmlns='
    b'"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}


def plain(fit: Fit, name: str) -> Fit:
    """The document under a name that says nothing, without its properties. Raises Unfit with a sentence."""
    ending = fit.name.rpartition(".")[2]
    out = _packed(fit.content) if ending in PACKED else _pdf(fit.content)
    size = out.tell()
    out.seek(0)
    return Fit(f"{name}.{ending}", fit.media_type, out, size)


def _pdf(content: BinaryIO) -> BinaryIO:
    from pypdf import PdfReader, PdfWriter  # here, for it takes long to load
    from pypdf.errors import PyPdfError

    out = io.BytesIO()
    try:
        writer = PdfWriter(clone_from=PdfReader(content, strict=False))
        writer.metadata = None
        names = writer.root_object.get("/Names")
        if names is not None:
            for key in ("/EmbeddedFiles", "/JavaScript"):
                names.get_object().pop(key, None)
        for thing in writer._objects:
            _clean(thing)
        writer.write(out)
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OSError) as error:
        raise Unfit(DAMAGED) from error
    return out


def _clean(thing: object) -> None:
    from pypdf.generic import DictionaryObject, StreamObject

    if not isinstance(thing, DictionaryObject):
        return
    for key in GONE:
        thing.pop(key, None)
    if thing.get("/Type") == "/Metadata" and isinstance(thing, StreamObject):
        thing.set_data(b"")
    if "/Rect" in thing and thing.get("/Subtype") != "/Widget":
        thing.pop("/T", None)  # who commented


def _packed(content: BinaryIO) -> BinaryIO:
    out = io.BytesIO()
    with zipfile.ZipFile(content) as packed, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in packed.infolist():
            if entry.filename.startswith("docProps/") and entry.filename not in _EMPTY:
                continue  # a small picture of the first page
            raw = _EMPTY.get(entry.filename) or packed.read(entry)
            if entry.filename.endswith(".xml"):
                raw = _AUTHORS.sub(b"<author></author>", _NAMES.sub(rb'\1=""', raw))
            written.writestr(entry.filename, raw)
    return out
