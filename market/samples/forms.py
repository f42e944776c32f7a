"""What is asked when tests are ordered and when an order is cancelled."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from market.i18n import N_
from market.web.forms import Form, as_day

MOST_SAMPLES = 500


class OrderForm(Form):
    """`methods` are keys of `service.methods_of`."""

    methods: list[str] = []
    description: Annotated[str, StringConstraints(max_length=600)]
    count: Annotated[int, Field(ge=1, le=MOST_SAMPLES)]
    wanted_on: Annotated[date, BeforeValidator(as_day)] | None = None

    @field_validator("methods")
    @classmethod
    def is_something(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(value))

    def faults(self, today: date, known: set[str]) -> list[tuple[str, str]]:
        """What does not fit together, as field and sentence."""
        found = [
            ("methods", N_("Choose at least one method."), not self.methods),
            (
                "methods",
                N_("The laboratory has changed its methods. Please choose anew."),
                not known >= {*self.methods},
            ),
            ("wanted_on", N_("This day is over."), bool(self.wanted_on and self.wanted_on < today)),
        ]
        return [(name, sentence) for name, sentence, wrong in found if wrong]


class CancelForm(Form):
    reason: Annotated[str, StringConstraints(min_length=3, max_length=600)]
