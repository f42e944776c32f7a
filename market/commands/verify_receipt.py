"""`market verify-receipt`: says whether the receipt of a bid holds. Needs no network."""

import argparse
import json
import sys
from pathlib import Path

from market.bids.receipts import fault
from market.config import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the receipt, as downloaded or mailed")
    parser.add_argument(
        "--keys", type=Path, required=True, metavar="FILE", help="what /.well-known/receipt-keys.json says"
    )


def run(settings: Settings, given: argparse.Namespace) -> int:
    try:
        receipt = json.loads(given.file.read_text("utf-8"))
        published = json.loads(given.keys.read_text("utf-8"))
        keys = {str(one["id"]): str(one["public"]) for one in published["keys"]}
    except OSError as error:
        print(f"market verify-receipt: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    except (ValueError, KeyError, TypeError):
        print("market verify-receipt: one of the files is not what it should be (JSON).", file=sys.stderr)
        return 1
    if said := fault(receipt, keys):
        print(f"market verify-receipt: {said}", file=sys.stderr)
        return 1
    late = receipt["received_at"] >= receipt["deadline"]
    print(f"The receipt holds: signed by key {receipt['key']}.")
    print(
        f"Tender {receipt['tender']}, bidder {receipt['bidder']}, {receipt['bytes']} bytes, SHA-256 {receipt['sha256']}"
    )
    print(f"received {receipt['received_at']}, deadline {receipt['deadline']}: {'late' if late else 'in time'}.")
    return 0
