"""Every table in one place, so that the metadata is whole for migrations and tests."""

import market.accounts.behalf
import market.accounts.claims
import market.accounts.invitations
import market.accounts.links
import market.accounts.models
import market.accounts.oidc.states
import market.accounts.passkeys.models
import market.accounts.providers
import market.accounts.sessions
import market.attachments.models
import market.awards.models
import market.bids.draft_models
import market.bids.late_models
import market.bids.models
import market.bookings.models
import market.catalogue.missed
import market.certificates.models
import market.clock
import market.deliveries.models
import market.desk.models
import market.enquiries.models
import market.files.models
import market.intake.models
import market.journal
import market.lookaheads.models
import market.mail.models
import market.movements.models
import market.needs.models
import market.needs.parts
import market.notifications.models
import market.offerings.models
import market.offerings.sessions
import market.offerings.slots
import market.projects.models
import market.publishing.models
import market.samples.models
import market.seals
import market.shortlists.models
import market.taxonomy.models
import market.teams.models
import market.uptime  # noqa: F401
from market.db import Base

__all__ = ["Base"]
