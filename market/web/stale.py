"""Two windows on one form: each sends the mark of what it was shown, so the later one is asked before it overwrites."""

import hashlib
import json

from market.web.endpoint import Call

FIELD = "seen"


def mark(shown: object) -> str:
    """Changes with whatever is shown, and with nothing else."""
    return hashlib.sha256(json.dumps(shown, default=str, sort_keys=True).encode()).hexdigest()[:16]


def is_stale(call: Call, now: str) -> bool:
    """Whether what the form was opened with is no longer what stands there; a form without a mark is never stale."""
    seen = str(call.form.get(FIELD, ""))
    return bool(seen) and seen != now


def seen(call: Call, now: str, *, asked: bool = False) -> str:
    """The mark the page sends along: the present one, but after other faults still the old one. `asked`: the page
    shows what has changed, and pressing its button again is the answer."""
    return now if asked or call.request.method == "GET" else str(call.form.get(FIELD, ""))
