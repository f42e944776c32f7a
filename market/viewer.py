"""Who is looking. Everybody is anonymous until accounts bring sign-in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Viewer:
    """The one who asks. `name` stands in the journal; `role` is `anonymous`, `operator` or `system`."""

    name: str = "anonymous"
    role: str = "anonymous"

    @property
    def is_operator(self) -> bool:
        return self.role == "operator"


ANONYMOUS = Viewer()
OPERATOR = Viewer("operator", "operator")
"""The operator at the command line."""
SYSTEM = Viewer("system", "system")
"""The clock and the relay."""
