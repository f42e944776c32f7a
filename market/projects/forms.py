"""What people type about a project and a work package."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from market.web.forms import Day, Form

Line = Annotated[str, StringConstraints(max_length=160)]
Prose = Annotated[str, StringConstraints(max_length=8000)]


class _Period(Form):
    starts_on: Day = None
    ends_on: Day = None

    def is_backwards(self) -> bool:
        return bool(self.starts_on and self.ends_on and self.ends_on < self.starts_on)


class ProjectForm(_Period):
    name: Line
    place: Line = ""
    site: Line = ""
    description: Prose = ""
    contact: int | None = None


class PackageForm(_Period):
    title: Line
    site: Line = ""
    description: Prose = ""
    need: str = ""


class DraftForm(Form):
    procedure: Literal["information", "quotation", "tender", "call_off"]
