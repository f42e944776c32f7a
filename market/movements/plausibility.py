"""Whether a train fits a track: pure functions that name the figure, the limit and the difference.

Lengths in metres, masses in tonnes, gauge in millimetres. What one side does not state can be neither passed nor
refused: it is a warning. The check replaces no promise of the railway; it shows what is to be settled before.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import floor
from typing import Final, Literal

from market.offerings.kinds.rail import Facility

Verdict = Literal["passed", "warned", "refused"]
CRITERIA: Final = ("wagons", "length", "axle_load", "mass", "gauge", "traction", "dangerous")
AXLES: Final = 4
"""Of a usual wagon: for the mean axle load where none is stated."""
LOCOMOTIVE_M: Final = 14.0
"""Length of a shunting locomotive, for drawings and advice."""


@dataclass(frozen=True)
class Train:
    """What is to be moved; `length_m` with the locomotive. None where it is not stated."""

    wagons: int = 1
    length_m: float | None = None
    axle_load_t: float | None = None
    gross_mass_t: float | None = None
    gauge_mm: int | None = None
    electric: bool | None = None
    """Whether it needs the overhead line."""
    rid_class: str | None = None
    """Class of dangerous goods; empty where there are none, None where nothing is said of it."""

    @property
    def mean_axle_load_t(self) -> float | None:
        """Gross mass spread over wagons of four axles."""
        return None if self.gross_mass_t is None else round(self.gross_mass_t / (self.wagons * AXLES), 1)


@dataclass(frozen=True)
class Track:
    """What a facility bears. None where it is not stated; `dangerous` are the RID classes taken.

    Only an empty run has a number of wagons that limits the train.
    """

    useful_length_m: float | None = None
    axle_load_t: float | None = None
    gross_mass_t: float | None = None
    gauge_mm: int | None = None
    electrified: bool | None = None
    dangerous: frozenset[str] | None = None
    wagons: int | None = None


@dataclass(frozen=True)
class Finding:
    """One criterion. `why` names the sentence; `wanted`, `limit` and `over` are its figures (`over` = beyond)."""

    criterion: str
    verdict: Verdict
    why: str
    wanted: float | str | None = None
    limit: float | str | None = None
    over: float | None = None


def track_of(facility: Facility | None) -> Track:
    if facility is None:
        return Track()
    return Track(
        useful_length_m=facility.useful_length_m,
        axle_load_t=facility.axle_load_t,
        gross_mass_t=facility.gross_mass_t,
        gauge_mm=facility.gauge_mm,
        electrified=facility.electrified,
        dangerous=None if facility.dangerous_goods is None else frozenset(facility.dangerous_goods),
    )


def check(train: Train, track: Track) -> list[Finding]:
    """One finding a criterion, in the order of `CRITERIA`; wagons are counted where there is a number of them."""
    return [
        *([_figure("wagons", train.wagons, track.wagons)] if track.wagons is not None else []),
        _figure("length", train.length_m, track.useful_length_m),
        _axle_load(train, track),
        _figure("mass", train.gross_mass_t, track.gross_mass_t),
        _gauge(train, track),
        _traction(train, track),
        _dangerous(train, track),
    ]


def within(track: Track, wagons: int | None, length_m: float | None, gross_mass_t: float | None) -> Track:
    """The track for a run with limits of its own: of each two the lower one."""
    return replace(
        track,
        wagons=wagons,
        useful_length_m=_lower(track.useful_length_m, length_m),
        gross_mass_t=_lower(track.gross_mass_t, gross_mass_t),
    )


def _lower(one: float | None, other: float | None) -> float | None:
    return min((limit for limit in (one, other) if limit is not None), default=None)


def refusals(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.verdict == "refused"]


def warnings(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.verdict == "warned"]


def fits(train: Train, track: Track) -> bool:
    """Whether nothing refuses the train."""
    return not refusals(check(train, track))


def most_wagons(train: Train, track: Track) -> int:
    """The longest train of the same wagons that nothing refuses, in wagons; 0 where fewer wagons do not help.

    Length beyond a locomotive and mass are taken to be shared evenly by the wagons.
    """
    for wagons in range(train.wagons - 1, 0, -1):
        if fits(shortened(train, wagons), track):
            return wagons
    return 0


def shortened(train: Train, wagons: int) -> Train:
    """The same train with fewer wagons."""
    share = wagons / train.wagons
    length, mass = train.length_m, train.gross_mass_t
    if length is not None:
        locomotive = min(LOCOMOTIVE_M, length)
        length = round(locomotive + (length - locomotive) * share, 1)
    return replace(train, wagons=wagons, length_m=length, gross_mass_t=None if mass is None else round(mass * share, 1))


def room_for(useful_length_m: float, wagon_m: float) -> int:
    """Wagons of a length that a track holds beside a locomotive."""
    return max(0, floor((useful_length_m - LOCOMOTIVE_M) / wagon_m))


def _figure(criterion: str, wanted: float | None, limit: float | None) -> Finding:
    """A figure that may not exceed its limit."""
    if limit is None:
        return Finding(criterion, "warned", "no_limit", wanted)
    if wanted is None:
        return Finding(criterion, "warned", "not_given", None, limit)
    if wanted > limit:
        return Finding(criterion, "refused", "over", wanted, limit, round(wanted - limit, 3))
    return Finding(criterion, "passed", "fits", wanted, limit)


def _axle_load(train: Train, track: Track) -> Finding:
    """Without a stated axle load the mean one warns; only a stated one refuses, for wagons have four or six axles."""
    mean, limit = train.mean_axle_load_t, track.axle_load_t
    if train.axle_load_t is not None or limit is None or mean is None:
        return _figure("axle_load", train.axle_load_t, limit)
    if mean > limit:
        return Finding("axle_load", "warned", "mean_over", mean, limit, round(mean - limit, 3))
    return Finding("axle_load", "passed", "mean_fits", mean, limit)


def _gauge(train: Train, track: Track) -> Finding:
    wanted, limit = train.gauge_mm, track.gauge_mm
    if limit is None:
        return Finding("gauge", "warned", "no_limit", wanted)
    if wanted is None:
        return Finding("gauge", "warned", "not_given", None, limit)
    if wanted != limit:
        return Finding("gauge", "refused", "differs", wanted, limit, abs(wanted - limit))
    return Finding("gauge", "passed", "fits", wanted, limit)


def _traction(train: Train, track: Track) -> Finding:
    if train.electric is None:
        return Finding("traction", "warned", "not_given")
    if not train.electric:
        return Finding("traction", "passed", "diesel")
    if track.electrified is None:
        return Finding("traction", "warned", "no_limit")
    if not track.electrified:
        return Finding("traction", "refused", "no_line")
    return Finding("traction", "passed", "line")


def _dangerous(train: Train, track: Track) -> Finding:
    class_, taken = train.rid_class, track.dangerous
    if class_ is None:
        return Finding("dangerous", "warned", "not_given")
    if not class_:
        return Finding("dangerous", "passed", "none")
    if taken is None:
        return Finding("dangerous", "warned", "no_limit", class_)
    if class_ not in taken:
        listed = ", ".join(sorted(taken, key=float))
        return Finding("dangerous", "refused", "class" if taken else "no_class", class_, listed)
    return Finding("dangerous", "passed", "fits", class_, ", ".join(sorted(taken, key=float)))
