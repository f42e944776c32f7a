"""What counts for the order of matches, and how much: the one place. The page that explains the order reads it too."""

from dataclasses import dataclass

from market.i18n import N_
from market.offerings.lifecycle import ASKED_AFTER_DAYS, PAUSES_AFTER_DAYS, SINKS_AFTER_DAYS


@dataclass(frozen=True)
class Signal:
    """One thing that counts. `points` of 100 at most; `name` and `text` explain it to everybody."""

    id: str
    points: int
    name: str
    text: str


SIGNALS: tuple[Signal, ...] = (
    Signal(
        "title",
        22,
        N_("Words of the title"),
        N_(
            "How much of the need's title stands in the offering; rare words count more than common ones, and half as "
            "much again in another language."
        ),
    ),
    Signal(
        "text",
        18,
        N_("Words of the description"),
        N_("The same for the whole description, however long it is; forms and parts of words count, too."),
    ),
    Signal(
        "codes",
        28,
        N_("Codes"),
        N_("How near the CPV codes are to each other. Codes we read out of a text count less than stated ones."),
    ),
    Signal("trades", 12, N_("Trades"), N_("Both name the same trade, or related ones, in whatever language.")),
    Signal("distance", 8, N_("Distance"), N_("The nearer the firm is to the site, the more; nothing from 150 km on.")),
    Signal(
        "certificates",
        5,
        N_("Certificates"),
        N_("Certificates the need asks for and the firm holds on the day the work begins."),
    ),
    Signal("availability", 3, N_("Availability"), N_("The firm is free on the day the work begins.")),
    Signal("languages", 2, N_("Languages"), N_("The firm speaks the languages the need asks for.")),
    Signal("price", 2, N_("Price"), N_("The offering states a fixed price, or where prices begin.")),
)
POINTS: dict[str, int] = {signal.id: signal.points for signal in SIGNALS}

FAR_KM = 150.0
"""From here on distance brings nothing."""
FULL_TEXT = 0.6
"""So much of a question is as good as all of it: nobody repeats every word."""
FOREIGN = 1.5
"""Words found in an offering written in another language than the need: only names and translated titles can match."""
TOLD = 0.4
"""Points a firm's best offering has to reach before the firm is written to about a new need."""
RELATED = 0.4
"""A related trade beside the same one."""
PRICES = {"fixed": 1.0, "from": 0.6, "on_request": 0.0}

HARD: tuple[tuple[str, str], ...] = (
    ("kind", N_("The offering is of the kind the need asks for.")),
    ("verified", N_("The offering is published and the firm has been checked by the operator.")),
    ("area", N_("The firm's service area covers the site.")),
    ("certificate", N_("Every certificate the need requires is held and valid on the day the work begins.")),
    ("permit", N_("For residual materials: the permit covers the waste code and the tonnage that is left this year.")),
    ("facility", N_("For rail: the train fits the facility's track length, axle load and mass.")),
)
"""What has to hold; where one is missing, the offering is shown as a near miss at most."""


SINKING = N_(
    "We ask each firm every %(ask)s days whether its offering still holds. After %(sink)s days without an answer it "
    "stands below others that hold the same words, and after %(pause)s more days it pauses. One click puts it back."
)
"""The one thing that is not in the entry: whether somebody stands by it."""
DAYS = {"ask": ASKED_AFTER_DAYS, "sink": SINKS_AFTER_DAYS, "pause": PAUSES_AFTER_DAYS}


def total() -> int:
    """100, as a test makes sure."""
    return sum(POINTS.values())
