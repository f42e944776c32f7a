"""Makes the demo's identity provider known to the marketplace, for both partners."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.accounts import providers, vault
from market.accounts.models import Organisation, Person
from market.accounts.providers import IdentityProvider
from market.demo_identity import CLIENT, SECRET, companies, demo_ref
from market.viewer import Viewer

GARDENER = Viewer("seeds", "operator", in_bulk=True)


def introduce(session: Session, base: str, secret: str, now: datetime) -> int:
    """Add the demo's providers under `base`, or bring them up to date; returns how many changed.

    `secret` is MARKET_SECRET. An organisation that is not planted is left out.
    """
    changed = 0
    for company in companies():
        organisation = session.scalar(select(Organisation).where(Organisation.external_id == company["organisation"]))
        if organisation is None:
            continue
        named = ", ".join(person["name"] for person in company["people"])
        fields: dict[str, object] = {
            "issuer": f"{base}/{company['key']}",
            "domains": tuple(company["domains"]),
            "role_map": company["roles"],
            "note": f"Demo: {named}",
        }
        known = session.scalar(select(IdentityProvider).where(IdentityProvider.key == company["key"]))
        if known is not None:
            moved = update(Person).where(Person.issuer == known.issuer, Person.issuer != fields["issuer"])
            session.execute(moved.values(issuer=fields["issuer"]))  # the same people at another port
            changed += providers.change(session, GARDENER, known, now, local=True, **fields)
            continue
        fields |= {"key": company["key"], "ref": demo_ref(company["key"]), "client_id": CLIENT}
        fields |= {"client_secret": vault.lock_away(secret, SECRET)}
        providers.add(session, GARDENER, organisation, now, local=True, **fields)
        changed += 1
    return changed
