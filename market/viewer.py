"""Who is looking. Slices above ask `may_*` of their rules; nothing below knows how somebody signed in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Viewer:
    """The one who asks. `name` stands in the journal and names nobody to outsiders: `person:REF` for people.

    `role` is `anonymous`, `person`, `operator` or `system`; `roles` are those in `organisation_id`.
    """

    name: str = "anonymous"
    role: str = "anonymous"
    person_id: int | None = None
    session_id: int | None = None
    organisation_id: int | None = None
    roles: frozenset[str] = frozenset()
    shown: str = ""
    """The person's own name, for the pages this person sees."""
    organisation: str = ""
    """Name of the organisation this person acts for."""
    is_partner: bool = False
    behalf_of: str = ""
    """Reference of the organisation for which an operator acts; stands in the journal."""
    in_bulk: bool = False
    """Brings in whole lists: nobody is written to about each record (`journal.record`)."""
    is_stale: bool = False
    """The session's last use should be written down."""

    @property
    def is_operator(self) -> bool:
        return self.role == "operator"

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None

    def acts_for(self, organisation_id: int, *roles: str) -> bool:
        """Whether the viewer is a member of the organisation, with one of the roles if some are named."""
        if self.organisation_id is None or self.organisation_id != organisation_id:
            return False
        return not roles or not self.roles.isdisjoint(roles)


ANONYMOUS = Viewer()
OPERATOR = Viewer("operator", "operator", in_bulk=True)
"""The operator at the command line."""
SYSTEM = Viewer("system", "system")
"""The clock and the relay."""
