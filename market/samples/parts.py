"""The way from a laboratory's page to an order, for whoever may place one."""

from typing import Any

from market.offerings import views as offerings
from market.offerings.models import Offering
from market.web.endpoint import Call


def of_offering_page(call: Call, offering: Offering) -> dict[str, Any]:
    if offering.kind != "lab_test":
        return {}
    own = call.viewer.organisation_id == offering.organisation_id
    orders = call.link("samples") if own else call.link("samples:new", ref=offering.ref)
    may = not call.viewer.is_signed_in or call.viewer.organisation_id is not None
    return {"samples": {"own": own, "link": orders if may else ""}}


offerings.PARTS.append(of_offering_page)
