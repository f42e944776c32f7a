"""How movements and what the plausibility check found read in a language. Whole sentences, with figure and limit."""

from typing import Final

from market.i18n import N_, Words
from market.movements.models import Movement
from market.movements.plausibility import Finding
from market.offerings.kinds.rail import Facility
from market.offerings.labels import weekday
from market.offerings.slots import RailSlot

CRITERIA: Final = {
    "wagons": N_("Wagons"),
    "length": N_("Train length with locomotive"),
    "axle_load": N_("Axle load"),
    "mass": N_("Gross mass"),
    "gauge": N_("Gauge"),
    "traction": N_("Traction"),
    "dangerous": N_("Dangerous goods (RID)"),
}
SENTENCES: Final = {
    ("wagons", "over"): N_("%(wanted)s wagons, the run has %(limit)s: %(over)s too many"),
    ("wagons", "fits"): N_("%(wanted)s wagons, the run has %(limit)s: fits"),
    ("length", "over"): N_("Train %(wanted)s m, useful length %(limit)s m: %(over)s m too long"),
    ("length", "fits"): N_("Train %(wanted)s m, useful length %(limit)s m: fits"),
    ("length", "no_limit"): N_("Train %(wanted)s m; the useful length is not stated"),
    ("length", "not_given"): N_("Useful length %(limit)s m; the length of the train is not given"),
    ("axle_load", "over"): N_("Axle load %(wanted)s t, the track bears %(limit)s t: %(over)s t too much"),
    ("axle_load", "fits"): N_("Axle load %(wanted)s t, the track bears %(limit)s t: fits"),
    ("axle_load", "mean_over"): N_(
        "With four axles a wagon %(wanted)s t on each, the track bears %(limit)s t: %(over)s t too much"
    ),
    ("axle_load", "mean_fits"): N_("With four axles a wagon %(wanted)s t on each, the track bears %(limit)s t: fits"),
    ("axle_load", "no_limit"): N_("The axle load of the track is not stated"),
    ("axle_load", "not_given"): N_("The track bears %(limit)s t; the axle load is not given"),
    ("mass", "over"): N_("Train %(wanted)s t, at most %(limit)s t are moved: %(over)s t too heavy"),
    ("mass", "fits"): N_("Train %(wanted)s t, at most %(limit)s t are moved: fits"),
    ("mass", "no_limit"): N_("Train %(wanted)s t; the heaviest train is not stated"),
    ("mass", "not_given"): N_("At most %(limit)s t are moved; the gross mass is not given"),
    ("gauge", "differs"): N_("Wagons of %(wanted)s mm, track of %(limit)s mm: %(over)s mm apart"),
    ("gauge", "fits"): N_("Wagons of %(wanted)s mm, track of %(limit)s mm: fits"),
    ("gauge", "no_limit"): N_("The gauge of the track is not stated"),
    ("gauge", "not_given"): N_("Track of %(limit)s mm; the gauge of the wagons is not given"),
    ("traction", "no_line"): N_("Electric traction is needed, the track has no overhead line"),
    ("traction", "line"): N_("Electric traction is needed, the track has an overhead line: fits"),
    ("traction", "diesel"): N_("No overhead line is needed: fits"),
    ("traction", "no_limit"): N_("Electric traction is needed; whether there is an overhead line is not stated"),
    ("traction", "not_given"): N_("Whether the train needs the overhead line is not given"),
    ("dangerous", "class"): N_("Class %(wanted)s, taken are classes %(limit)s"),
    ("dangerous", "no_class"): N_("Class %(wanted)s, dangerous goods are not taken here"),
    ("dangerous", "fits"): N_("Class %(wanted)s, taken are classes %(limit)s: fits"),
    ("dangerous", "none"): N_("No dangerous goods: fits"),
    ("dangerous", "no_limit"): N_("Class %(wanted)s; whether it is taken is not stated"),
    ("dangerous", "not_given"): N_("Whether there are dangerous goods is not given"),
}
STATES: Final = {
    "waiting": N_("on the waiting list"),
    "requested": N_("asked for"),
    "confirmed": N_("confirmed by the railway"),
    "done": N_("carried out"),
    "declined": N_("declined by the railway"),
    "cancelled": N_("called off"),
    "expired": N_("expired without an answer"),
}
OWN_STATES: Final = STATES | {"waiting": N_("in your queue"), "requested": N_("waits for your answer")}
"""The same seen by the firm that runs the track."""
TONES: Final = {"confirmed": "ok", "done": "ok", "requested": "warn", "waiting": "warn", "declined": "err"}
MOVES: Final = {
    "confirm": N_("Confirm the movement"),
    "decline": N_("Decline the movement"),
    "cancel": N_("Cancel the movement"),
    "finish": N_("Mark as done"),
}
REASONS: Final = {
    "no_crew": N_("No crew or locomotive at that time"),
    "track_closed": N_("The track is closed"),
    "train": N_("The train cannot be taken as described"),
    "papers": N_("Papers or agreements are missing"),
    "withdrawn": N_("It is no longer offered"),
    "other": N_("Another reason"),
}
OBSTACLES: Final = {
    "closed": N_("This slot takes no more requests."),
    "past": N_("This slot has begun already."),
    "late": N_("The last day for requests is over."),
    "own": N_("This is a slot of your own firm."),
    "too_many": N_("This slot never has so many places."),
    "no_slot": N_("There is no slot at this time."),
}
TRACTION: Final = {"diesel": N_("Diesel, or brought by the railway"), "electric": N_("Electric, needs overhead line")}


def sentence(w: Words, finding: Finding) -> str:
    """`Train 420 m, useful length 380 m: 40 m too long`."""
    values = {
        name: _figure(w, value)
        for name, value in (("wanted", finding.wanted), ("limit", finding.limit), ("over", finding.over))
    }
    return w(SENTENCES[finding.criterion, finding.why], **values)


def _figure(w: Words, value: float | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else w.number(value)


def slot_time(w: Words, slot: RailSlot) -> str:
    """`Wed., 2 December 2026, 10:00–14:00`."""
    return f"{weekday(w, slot.day)}, {w.day(slot.day, 'long')}, {slot.window.replace('-', '–')}"


def way(slot: RailSlot) -> str:
    """`Guben → Ziltendorf` of an empty run; empty for a slot on the track."""
    return f"{slot.origin} → {slot.destination}" if slot.is_run else ""


def most(w: Words, run: RailSlot) -> str:
    """`up to 12 wagons`."""
    number = run.wagons or 0
    return w.ngettext("up to %(number)s wagon", "up to %(number)s wagons", number) % {"number": number}


def room(w: Words, run: RailSlot) -> str:
    """What an empty run takes: `up to 12 wagons, 230 m, 900 t`."""
    said = [most(w, run)]
    said += [f"{w.number(run.length_m)}\u00a0m"] if run.length_m else []
    said += [f"{w.number(run.gross_mass_t)}\u00a0t"] if run.gross_mass_t else []
    return ", ".join(said)


def places(w: Words, number: int, unit: str) -> str:
    if unit == "train":
        return w.ngettext("%(number)s train", "%(number)s trains", number) % {"number": w.number(number)}
    return w.ngettext("%(number)s wagon", "%(number)s wagons", number) % {"number": w.number(number)}


def train_line(w: Words, movement: Movement) -> str:
    """`24 wagons, 392 m, 1,440 t`."""
    wagons = places(w, movement.wagons, "wagon")
    return f"{wagons}, {w.number(movement.length_m)}\u00a0m, {w.number(movement.gross_mass_t)}\u00a0t"


def dangerous(w: Words, movement: Movement) -> str:
    """`UN 1824, class 8`; empty where there are none."""
    if not movement.rid_class:
        return ""
    return w(N_("UN %(number)s, class %(rid)s"), number=movement.un_number, rid=movement.rid_class)


def bears(w: Words, facility: Facility | None) -> str:
    """What a track bears, in one line: `usable 640 m, axle load 22.5 t, overhead line`."""
    if facility is None:
        return ""
    said = []
    if facility.useful_length_m:
        said.append(w(N_("usable %(length)s m"), length=w.number(facility.useful_length_m)))
    if facility.axle_load_t:
        said.append(w(N_("axle load %(load)s t"), load=w.number(facility.axle_load_t)))
    said.append(w(N_("overhead line") if facility.electrified else N_("no overhead line")))
    return ", ".join(said)
