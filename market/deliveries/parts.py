"""What the page of a residual material says of deliveries: the bare figure to all, who takes what to its firm."""

from typing import Any

from market.accounts import rules as accounts
from market.accounts.models import Organisation
from market.deliveries import by_rail, labels, service, sidings
from market.deliveries.lifecycle import COUNTED
from market.deliveries.models import Delivery
from market.deliveries.rules import visible_deliveries
from market.deliveries.views import first_values, fit, is_wanted
from market.offerings import views as offerings
from market.offerings.models import Offering
from market.taxonomy import waste
from market.web.endpoint import Call
from market.web.forms import Filled


def of_offering_page(call: Call, offering: Offering) -> dict[str, Any]:
    if offering.kind != "residual":
        return {}
    viewer = call.viewer
    firm = call.session.get(Organisation, viewer.organisation_id) if viewer.organisation_id else None
    own = firm is not None and firm.id == offering.organisation_id
    proposes = firm is not None and not own and accounts.may_edit(viewer, firm)
    cover = service.coverage(call.session, offering, call.today)
    agreed = []
    if own:
        query = visible_deliveries(viewer).where(Delivery.offering_id == offering.id, Delivery.state.in_(COUNTED))
        agreed = [one for one in call.session.scalars(query.order_by(Delivery.starts_on)) if one.counted()]
    return {
        "deliveries": {
            "labels": labels,
            "chapter": waste.chapter,
            "cover": cover,
            "own": own,
            "agreed": agreed,
            "proposes": proposes,
            "asks": not viewer.is_signed_in,
            "wanted": is_wanted(offering),
            "filled": Filled(first_values(call.today)),
            "fit": fit(call, firm, offering) if proposes and firm else [],
            "rails": by_rail,
            "by_rail": sidings.of_listing(call.session, offering, firm, cover) if firm and not own else None,
        }
    }


offerings.PARTS.append(of_offering_page)
