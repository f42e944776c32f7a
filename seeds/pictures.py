"""Pictures for two offerings of the demo, drawn by this file: flat, in the colours of the marketplace."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Final

from PIL import Image, ImageDraw
from sqlalchemy import select
from starlette.datastructures import Headers, UploadFile

from market.attachments import service as attachments
from market.db import Sessions
from market.files.stores import Store
from market.offerings.models import Offering
from seeds.plant import GARDENER

SIZE: Final = (960, 640)
PINE, DARK, YELLOW, RIVER, PALE, GREY = "#135b50", "#0a3a33", "#ffc52e", "#5fb7d4", "#eaf0ed", "#7c8d87"
Drawing = Callable[[ImageDraw.ImageDraw], None]


def _pipes(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 520, 960, 640), fill=GREY)
    for place, y in enumerate((150, 250, 350)):
        draw.rectangle((0, y, 960, y + 56), fill=PINE if place % 2 else DARK)
        for x in (220, 520, 820):
            draw.rectangle((x, y - 12, x + 26, y + 68), fill=RIVER)
    for x in (110, 470, 830):
        draw.rectangle((x, 120, x + 22, 520), fill=DARK)
    draw.polygon([(560, 350), (600, 300), (640, 350)], fill=YELLOW)


def _seam(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 200, 470, 470), fill=GREY)
    draw.rectangle((490, 200, 960, 470), fill=GREY)
    for y in range(205, 470, 22):
        draw.ellipse((452, y, 508, y + 30), fill=PINE, outline=DARK, width=3)
    draw.line((480, 205, 700, 40), fill=DARK, width=22)
    draw.ellipse((440, 165, 520, 245), fill=YELLOW)


def _train(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 500, 960, 514), fill=DARK)
    for x in range(10, 960, 70):
        draw.rectangle((x, 514, x + 38, 530), fill=GREY)
    draw.rectangle((60, 300, 340, 460), fill=YELLOW)
    draw.rectangle((220, 220, 330, 320), fill=DARK)
    for left in (390, 660):
        draw.rectangle((left, 320, left + 240, 460), fill=PINE)
        draw.rectangle((left - 50, 430, left, 442), fill=DARK)
    for x in (90, 250, 420, 550, 690, 820):
        draw.ellipse((x, 440, x + 64, 504), fill=DARK)


def _yard(draw: ImageDraw.ImageDraw) -> None:
    for place in range(5):
        draw.line((480, 120, 40 + place * 220, 640), fill=DARK, width=10)
    draw.rectangle((0, 90, 960, 130), fill=RIVER)
    draw.rectangle((640, 250, 690, 420), fill=DARK)
    draw.ellipse((630, 200, 700, 270), fill=YELLOW)


SHOWN: Final[dict[str, tuple[tuple[str, str, Drawing], ...]]] = {
    "service": (
        ("rohrbruecke.png", "Gezeichnet: eine Rohrbrücke mit drei Leitungen und blauen Flanschen", _pipes),
        ("schweissnaht.png", "Gezeichnet: eine Schweißnaht zwischen zwei Blechen, darüber der Brenner", _seam),
    ),
    "rail": (
        ("rangierzug.png", "Gezeichnet: eine gelbe Rangierlok mit zwei Wagen", _train),
        ("gleise.png", "Gezeichnet: fünf Gleise laufen auf ein Signal zu", _yard),
    ),
}
FIRM: Final = {"service": "oderadler-rohrbau", "rail": ""}
"""External id of the firm that shows them; any of the kind where none is named."""


def picture(drawing: Drawing) -> bytes:
    """A PNG of SIZE."""
    image = Image.new("RGB", SIZE, PALE)
    drawing(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def hang(factory: Sessions, store: Store, now: datetime) -> int:
    """Hang the pictures on the first offering of each kind, once; returns how many."""
    hung = 0
    with factory.begin() as session:
        for kind, drawn in SHOWN.items():
            query = select(Offering).join(Offering.organisation)
            query = query.where(Offering.kind == kind, Offering.status == "published").order_by(Offering.id)
            found = list(session.scalars(query))
            named = [one for one in found if one.organisation.external_id == FIRM[kind]]
            offering = next(iter(named or found), None)
            if offering is None or attachments.count(session, offering.id):
                continue
            for name, text, drawing in drawn:
                head = Headers({"content-type": "image/png"})
                upload = UploadFile(io.BytesIO(picture(drawing)), filename=name, headers=head)
                brought = attachments.bring(store, upload, "picture")
                attachments.add(session, GARDENER, offering, brought, "picture", now, text=text)
                hung += 1
    return hung
