"""The web application: the one place that knows all slices' routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware

from market import api, devmail, health
from market.accounts import account, me, team
from market.accounts import sessions as door
from market.accounts import views as accounts
from market.accounts.oidc import views as oidc
from market.accounts.passkeys import views as passkeys
from market.attachments import doors as agreements
from market.attachments import views as attachments
from market.awards import personal as awards_of_people  # noqa: F401  adds itself to export and erasure
from market.awards import pooled as awards_read_along
from market.awards import views as awards
from market.bids import extension_views, handing, late_views, own, upload_views
from market.bids import key_views as opening_keys
from market.bids import opening_views as openings
from market.bids import personal as bids_of_people  # noqa: F401  adds itself to export and erasure
from market.bids import quote_views as quotes
from market.bids import receipt_views as receipts
from market.bids import tenders as bids_of_tenders  # noqa: F401  hears of every move of a need
from market.bids import views as bids
from market.bids.keys import Keys
from market.bookings import desk as sessions_desk
from market.bookings import entry as entry_of_bookings
from market.bookings import personal as bookings_of_people  # noqa: F401  adds itself to export and erasure
from market.bookings import views as bookings
from market.catalogue import directory, feeds, home, legal, providers, regionmap, search, statement, tenders
from market.catalogue.finder import Finder
from market.certificates import review
from market.certificates import views as certificates
from market.config import Settings
from market.console import views as console
from market.db import connect, sessions
from market.deliveries import parts as parts_of_deliveries  # noqa: F401  adds itself to the offering's page
from market.deliveries import permit_views as permits
from market.deliveries import views as deliveries
from market.desk import figures
from market.desk.counting import Counted, Views
from market.enquiries import personal as enquiries_of_people  # noqa: F401  adds itself to export and erasure
from market.enquiries import views as enquiries
from market.errors import MarketError
from market.exchange import addenda, award_records, handover, kept, opening_records
from market.exchange import awards as awards_in_files
from market.files import views as files
from market.files.scan import guarded
from market.files.stores import store_at
from market.intake import views as intake
from market.lookaheads import desk as lookaheads_desk
from market.lookaheads import personal as pledges_of_people  # noqa: F401  adds itself to export and erasure
from market.lookaheads import pledging
from market.lookaheads import views as lookaheads
from market.matching import inviting
from market.matching import views as matching
from market.matching.fitting import Fits
from market.matching.service import Matcher
from market.moderation import reported
from market.moderation import views as moderation
from market.movements import asking as rail_slots
from market.movements import boards as rail_boards
from market.movements import own_board
from market.movements import parts as parts_of_movements  # noqa: F401  adds itself to the offering's page
from market.movements import views as movements
from market.needs import declining as needs_declining
from market.needs import desk as needs_desk
from market.needs import drafting as needs_drafting
from market.needs import pool_views as needs_pool
from market.needs import steps as needs_steps
from market.needs import views as needs
from market.notifications import by_letter, inbox, searches
from market.notifications import duties as duties_of_buyers  # noqa: F401  adds itself to what is to do today
from market.notifications import outcomes as outcomes_of_bids  # noqa: F401  adds itself to the inbox
from market.notifications import personal as alerts_of_people  # noqa: F401  adds itself to export and erasure
from market.offerings import courses as courses_of_offerings  # noqa: F401  adds itself to the wallet
from market.offerings import views as offerings
from market.profiles import views as profiles
from market.projects import packages as work_packages
from market.projects import personal as projects_of_people  # noqa: F401  adds itself to export and erasure
from market.projects import views as projects
from market.publishing import operating, still_true
from market.publishing import views as publishing
from market.samples import parts as parts_of_samples  # noqa: F401  adds itself to the offering's page
from market.samples import views as samples
from market.shortlists import tray
from market.shortlists import views as shortlists
from market.teams import personal as interests_of_people  # noqa: F401  adds itself to export and erasure
from market.teams import views as teams
from market.values import local_day, utc_now
from market.web.bodies import BoundedBody
from market.web.failure import crashed, refused
from market.web.headers import SecurityHeaders
from market.web.languages import LanguagePrefix
from market.web.measures import Measured
from market.web.render import Pages
from market.web.routing import ByBeginning
from market.web.static import Static

ROUTES: list[BaseRoute] = [
    *home.routes,
    *searches.routes,
    *feeds.routes,
    *by_letter.routes,
    *inbox.routes,
    *search.routes,
    *matching.routes,
    *offerings.routes,
    *rail_boards.routes,
    *rail_slots.routes,
    *own_board.routes,
    *movements.routes,
    *statement.routes,
    *providers.routes,
    *inviting.routes,
    *addenda.routes,
    *opening_records.routes,
    *opening_keys.routes,
    *openings.routes,
    *extension_views.routes,
    *late_views.routes,
    *receipts.routes,
    *awards_in_files.routes,
    *award_records.routes,
    *handover.routes,
    *awards.routes,
    *awards_read_along.routes,
    *needs_desk.routes,
    *needs_declining.routes,
    *needs_pool.routes,
    *needs_steps.routes,
    *needs_drafting.routes,
    *projects.routes,
    *work_packages.routes,
    *teams.routes,
    *lookaheads_desk.routes,
    *pledging.routes,
    *lookaheads.routes,
    *bids.routes,
    *upload_views.routes,
    *handing.routes,
    *quotes.routes,
    *own.routes,
    *needs.routes,
    *tenders.routes,
    *directory.routes,
    *regionmap.routes,
    *legal.routes,
    *accounts.routes,
    *passkeys.routes,
    *oidc.routes,
    *me.routes,
    *figures.routes,
    *team.routes,
    *account.routes,
    *console.routes,
    *files.routes,
    *profiles.routes,
    *kept.routes,
    *shortlists.routes,
    *intake.routes,
    *attachments.routes,
    *agreements.routes,
    *publishing.routes,
    *operating.routes,
    *still_true.routes,
    *enquiries.routes,
    *certificates.routes,
    *entry_of_bookings.routes,
    *bookings.routes,
    *sessions_desk.routes,
    *review.routes,
    *deliveries.routes,
    *permits.routes,
    *samples.routes,
    *moderation.routes,
    *reported.routes,
    *devmail.routes,
    *api.routes,
    *health.routes,
]


def create_app(settings: Settings, engine: Engine | None = None) -> ASGIApp:
    """The whole application for one process, on an engine of its own or a given one; nothing is opened before its
    first request, and everything is closed with it."""
    engine = engine or connect(settings.database_url)
    factory = sessions(engine)
    static = Static()
    finder = Finder(settings.search_url, settings.search_key, factory, lambda: local_day(utc_now()))

    matcher = Matcher(finder.client, factory, finder.today)

    views = Views(factory, finder.today)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with finder, views.running():
            yield
        engine.dispose()

    app = Starlette(
        exception_handlers={MarketError: refused, HTTPException: refused, Exception: crashed},
        middleware=[
            Middleware(Measured),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts(settings), www_redirect=False),
            Middleware(BoundedBody, utc_now),
            Middleware(Counted, views, ROUTES),
        ],
    )
    app.router = ByBeginning(ROUTES, lifespan)
    app.state.settings = settings
    app.state.engine = engine
    app.state.sessions = factory
    app.state.door = door
    app.state.tray = tray
    app.state.provider_apps = {}
    app.state.store = guarded(store_at(settings.files_url), settings.scan_url)
    # What services need of the outside and are given with the session; the sealing key is not among it.
    lent = {"keys": Keys(settings.keys_socket), "store": app.state.store, "base_url": settings.base_url}
    factory.configure(info=lent | {"secret": settings.secret})
    app.state.finder = finder
    app.state.matcher = matcher
    app.state.fits = Fits(matcher)
    app.state.origin = settings.base_url
    app.state.pages = Pages(ROUTES, static, settings.base_url)
    # Around the static files too, which are sent as they lie there.
    squeezed = CompressMiddleware(static.before(app), minimum_size=500, zstd_level=3, brotli_quality=4, gzip_level=4)
    return SecurityHeaders(LanguagePrefix(squeezed), https=settings.production)


def hosts(settings: Settings) -> list[str]:
    """Names this application answers to; a local run also by the usual names of this machine."""
    local = [] if settings.production else ["127.0.0.1", "localhost", "[::1]", "testserver"]
    return [settings.host, *local]
