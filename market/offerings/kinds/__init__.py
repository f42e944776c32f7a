"""The five kinds of offering: one file each, one line here."""

from market.offerings.kinds.common import Details
from market.offerings.kinds.lab_test import LabTest
from market.offerings.kinds.rail import Rail
from market.offerings.kinds.residual import Residual
from market.offerings.kinds.service import Service
from market.offerings.kinds.training import Training

KINDS: dict[str, type[Details]] = {
    "service": Service,
    "training": Training,
    "lab_test": LabTest,
    "residual": Residual,
    "rail": Rail,
}
