"""What the operator's pages are about, for the sweep of all pages."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import demo_identity as identity
from market.accounts import behalf, claims, people, providers, vault
from market.accounts import service as accounts
from market.accounts.models import Member, Organisation
from market.catalogue import missed
from market.journal import Errand
from market.mail.models import Letter
from tests import factories


def operator_examples(session: Session, secret: str, issuer: str, now: datetime) -> dict[str, str]:
    """A partner's sign-in, a firm to take over, letters that do not arrive."""
    partner = session.scalars(select(Organisation).where(Organisation.is_partner)).first()
    member = session.scalars(select(Member).order_by(Member.id)).first()
    assert partner is not None
    assert member is not None
    given = {
        "key": "werk",
        "ref": "ref-werk",
        "issuer": issuer,
        "client_id": identity.CLIENT,
        "domains": ("werk.example",),
    }
    locked = vault.lock_away(secret, identity.SECRET)
    providers.add(session, factories.TESTER, partner, now, local=True, client_secret=locked, **given)
    firm = factories.organisation(session, now, name="Übernahme Muster GmbH", email="post@uebernahme.example")
    stranger = people.create(session, factories.TESTER, now, "eva@anderswo.example", name="Eva Muster")
    claims.proved(session, stranger, firm, "Ich führe den Betrieb seit dem 1. Mai.", now)
    claims.proved(session, stranger, member.organisation, "", now)
    session.flush()
    on_behalf = replace(factories.TESTER, behalf_of=firm.ref)
    accounts.change(session, on_behalf, firm, now, phone="+49 3364 000", about={"de": "Wir montieren Krane."})
    session.flush()
    _, token = behalf.ask(session, factories.TESTER, firm, now)
    for language, words in (("de", "hubwerkprüfung"), ("pl", "przegląd suwnic"), ("en", "crane overhaul")):
        session.add(
            missed.MissedSearch(query=words, language=language, narrowed=language == "pl", first_at=now, last_at=now)
        )
    late = {
        "language": "de",
        "event": "x",
        "subject": "Grüße aus der Werkstatt",
        "text": "x",
        "html": "x",
        "created_at": now,
    }
    late |= {"not_before": now, "attempts": 3}
    session.add(Letter(to="busy@probe.example", error="451 4.7.1 try again later", **late))
    session.add(Letter(to="weg@probe.example", error="550 5.1.1 no such mailbox", bounced_at=now, **late))
    errand = {"channel": "search", "subject": "offerings", "subject_id": 0, "created_at": now, "not_before": now}
    session.add(Errand(attempts=6, error="HTTP 503", **errand))
    return {
        "identity_provider": "/operator/providers/ref-werk",
        "claimable": f"/firms/{firm.ref}/claim",
        "confirmation": f"/confirm/{token}",
        "looked_at": f"/operator/firms/{member.organisation.ref}",
    }
