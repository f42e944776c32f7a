"""Why a delivery cannot be: the figure and the limit it meets, as a sentence in the reader's language."""

from datetime import date

from market.deliveries.tonnes import tonnes
from market.errors import Conflict
from market.i18n import N_, Words

TEXTS = {
    "no_permit": N_("Your organisation has no checked permit. Waste needs one for its code: %(code)s."),
    "no_permit_theirs": N_("The recipient has no checked permit. Waste needs one for its code: %(code)s."),
    "code": N_("No checked permit covers %(code)s. Covered are: %(codes)s."),
    "code_theirs": N_("No checked permit of the recipient covers %(code)s."),
    "until_theirs": N_("The recipient's permit holds until %(until)s; the delivery runs until %(end)s."),
    "from_theirs": N_("The recipient's permit holds from %(since)s; the delivery begins on %(start)s."),
    "tonnage_theirs": N_("The recipient's permit leaves %(left)s t for %(year)s; this delivery needs %(needed)s t."),
    "until": N_("Permit %(number)s holds until %(until)s; the delivery runs until %(end)s."),
    "from": N_("Permit %(number)s holds from %(since)s; the delivery begins on %(start)s."),
    "tonnage": N_("Permit %(number)s leaves %(left)s t for %(year)s; this delivery needs %(needed)s t."),
    "stream_month": N_("The stream has %(left)s t free in %(month)s; this delivery needs %(needed)s t."),
    "stream_year": N_("The stream has %(left)s t free in %(year)s; this delivery needs %(needed)s t."),
    "stream_once": N_("Of the material %(left)s t are free; this delivery needs %(needed)s t."),
    "permit_tonnage": N_("Deliveries agreed for %(year)s come to %(needed)s t; the permit would leave %(limit)s t."),
    "permit_code": N_("An agreed delivery needs the code %(code)s. Cancel it first."),
    "permit_days": N_("An agreed delivery runs from %(start)s to %(end)s. Cancel it first."),
    "permit_used": N_("Deliveries are agreed on this permit. Cancel them first."),
}
FIELDS = {"until": "ends_on", "from": "starts_on"}
THEIRS = "_theirs"
"""Of permits somebody else's, which the reader is not shown."""


class Refusal(Conflict):
    """`why` is a key of TEXTS; whole numbers named in kilograms are said in tonnes."""

    def __init__(self, why: str, **values: str | int | date) -> None:
        super().__init__(f"the delivery is refused: {why} {values}", reason=why)
        self.why = why
        self.values = values

    @property
    def field(self) -> str:
        """The field of the form it stands at."""
        return FIELDS.get(self.why.removesuffix(THEIRS), "tonnes")

    def theirs(self) -> "Refusal":
        """The same to somebody whose permit it is not: without its number and its other codes."""
        shown = {name: value for name, value in self.values.items() if name not in ("number", "codes")}
        return Refusal(f"{self.why}{THEIRS}", **shown)

    def said(self, w: Words) -> str:
        return w(TEXTS[self.why], **{name: _spoken(w, name, value) for name, value in self.values.items()})


def _spoken(w: Words, name: str, value: str | int | date) -> str:
    if isinstance(value, date):
        return w.day(value, "month" if name == "month" else "long")
    if isinstance(value, int) and name != "year":
        return w.number(tonnes(value))
    return str(value)
