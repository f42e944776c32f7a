"""What the page of a rail offering says of its empty runs."""

from typing import Any

from market.movements import labels, runs
from market.offerings import views as offerings
from market.offerings.models import Offering
from market.web.endpoint import Call


def of_offering_page(call: Call, offering: Offering) -> dict[str, Any]:
    if offering.kind != "rail":
        return {}
    return {"runs": runs.free(call.session, call.now, offering_id=offering.id), "train": labels}


offerings.PARTS.append(of_offering_page)
