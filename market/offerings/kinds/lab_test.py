"""Laboratory tests: a table of methods; accreditation belongs to the method, never to the laboratory as a whole."""

from pydantic import Field

from market.offerings.kinds.common import Details


class Method(Details):
    parameter: str
    matrix: str
    standard: str
    accredited: bool = False
    """Accredited to ISO/IEC 17025 for this method."""
    scope_line: str = ""
    """Line of the accreditation certificate's annex."""
    sample_amount: str = ""
    turnaround_days: int | None = Field(None, ge=0, le=365)
    """Working days from receipt of the sample."""
    price: float | None = Field(None, ge=0)
    detection_limit: str = ""
    """From which value on the method finds anything (LOD), with its unit."""
    uncertainty: str = ""
    """Of the measurement, as the laboratory states it."""


class LabTest(Details):
    methods: list[Method] = Field(min_length=1)
    accreditation_number: str = ""
    """Number of the certificate of the accreditation body."""
    sampling_on_site: bool = False
    cut_off: str = ""
    """Until when a sample counts as received on that day."""

    def facts(self) -> dict[str, object]:
        days = [m.turnaround_days for m in self.methods if m.turnaround_days is not None]
        return {
            "standards": list(dict.fromkeys(m.standard for m in self.methods)),
            "methods": len(self.methods),
            "accredited": sum(m.accredited for m in self.methods),
            "turnaround_days": min(days) if days else None,
            "sampling_on_site": self.sampling_on_site,
        }

    def words(self) -> list[str]:
        return [word for m in self.methods for word in (m.parameter, m.matrix, m.standard)]
