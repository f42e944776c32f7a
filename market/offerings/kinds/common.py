"""What the details of every kind share: strict shapes, so that form, import and database say the same."""

from pydantic import BaseModel, ConfigDict


class Details(BaseModel):
    """Typed details of one kind. Unknown fields are refused, so that a typing error in an import is told."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def facts(self) -> dict[str, object]:
        """What the search card shows of this kind: few JSON scalars or lists of them, public only."""
        return {}

    def words(self) -> list[str]:
        """Words a buyer may type that stand only in the details (methods, materials, standards)."""
        return []

    def waste_codes(self) -> list[str]:
        """Waste codes this offering is about, as six digits with the star for hazardous ones."""
        return []

    def occupation_ids(self) -> list[str]:
        """Training occupations this offering has a part in, by id."""
        return []
