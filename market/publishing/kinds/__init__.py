"""What is asked about each kind: one file a kind, one line here."""

from typing import cast

from market.publishing.kinds import lab_test, rail, residual, service, training
from market.publishing.kinds.common import Sheet

SHEETS: dict[str, Sheet] = {
    "service": cast(Sheet, service),
    "training": cast(Sheet, training),
    "lab_test": cast(Sheet, lab_test),
    "residual": cast(Sheet, residual),
    "rail": cast(Sheet, rail),
}
