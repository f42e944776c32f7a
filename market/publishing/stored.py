"""What a screen shows of what is kept, and its mark: with it a window notices that another one has saved meanwhile."""

from typing import Any

from pydantic import ValidationError

from market.offerings.kinds import KINDS
from market.offerings.models import Offering
from market.publishing import area, parts
from market.publishing.answers import answers
from market.publishing.kinds import SHEETS
from market.web import stale as marks
from market.web.endpoint import Call


def values(offering: Offering, part: str) -> dict[str, Any]:
    """The fields of a screen but the facts' lines, as kept."""
    if part == "what":
        return {"title": offering.title, "kind": offering.kind, "summary": offering.summary}
    if part == "trade":
        kept = {"trades": list(offering.trades), "cpv": list(offering.cpv), "trade": ""}
        return kept | {"keywords": ", ".join(offering.keywords)}
    if part == "facts":
        return SHEETS[offering.kind].values(dict(offering.details_json or {}))
    return area.values(offering) if part == "where" else parts.texts_of(offering)


def mark(offering: Offering, part: str) -> str:
    """Changes with whatever this screen shows, and with nothing else: two people may edit two screens."""
    return marks.mark([offering.kind, values(offering, part)])


def holds(offering: Offering, fields: dict[str, object]) -> bool:
    """Whether all of this is kept already, so that a form sent twice is no contradiction."""
    return all(_same(offering, name, value) for name, value in fields.items())


def _same(offering: Offering, name: str, value: object) -> bool:
    if name == "details":
        return offering.details_json == value or offering.details_json == _typed(offering.kind, value)
    old = getattr(offering, name)
    return bool(list(old) == list(value) if isinstance(value, (list, tuple)) else old == value)


def _typed(kind: str, details: object) -> object:
    """As a public offering keeps them, with the defaults of the kind."""
    try:
        return KINDS[kind].model_validate(details).model_dump(mode="json", exclude_none=True)
    except ValidationError:
        return None


def stale(call: Call, offering: Offering, part: str) -> dict[str, Any]:
    """What another window has saved meanwhile, and what was typed for another kind and has no field any more."""
    codes = {code: code for code in (*offering.cpv, str((offering.details_json or {}).get("ewc_code", "")))}
    lines = [(line.name, line.text) for line in answers(call.words, offering, codes) if line.part == part]
    if part == "texts":
        texts = values(offering, part)
        lines = [(call.words(name), texts[field]) for field, name in parts.NAMES[part].items() if texts.get(field)]
    sheet = str(call.form.get("sheet", offering.kind))
    typed: list[str] = []
    if part == "facts" and sheet != offering.kind:
        rest = ("sheet", "seen", "back_to_check", "later")
        told = [(name, str(said)) for name, said in call.form.multi_items() if name not in rest]
        typed = [said for name, said in told if said and not name.startswith("rows-") and not name.endswith("-was")]
    return {"lines": lines, "typed": typed}
