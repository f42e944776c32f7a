"""`/.well-known/receipt-keys.json`: whoever keeps it checks receipts of bids without us (docs/sealing.md)."""

import json

from sqlalchemy import select
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.bids.models import ReceiptKey
from market.bids.sealing import moment
from market.web.answering import tagged
from market.web.endpoint import Call, endpoint


def keys(call: Call) -> Response:
    """Every key that has ever signed a receipt, the newest first."""
    rows = call.session.scalars(select(ReceiptKey).order_by(ReceiptKey.since.desc(), ReceiptKey.id))
    said = {"keys": [{"id": row.id, "public": row.public, "since": moment(row.since)} for row in rows]}
    body = Response(json.dumps(said, indent=1), media_type="application/json")
    return tagged(call.request, body, "public, max-age=300")


routes: list[BaseRoute] = [
    Route("/.well-known/receipt-keys.json", endpoint(keys), name="receipts:keys", methods=["GET"])
]
