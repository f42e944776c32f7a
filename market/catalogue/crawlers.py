"""What machines ask for: robots.txt, the sitemap in parts of 10,000 entries, the web app manifest."""

from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

from sqlalchemy import Select, func, select
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from market.accounts.models import Organisation
from market.catalogue.rules import listed
from market.errors import NotFound
from market.needs import rules as needs
from market.needs.models import Need
from market.offerings.models import Offering
from market.values import DEFAULT_LANGUAGE, LANGUAGES, slug
from market.web.endpoint import Call, endpoint

PER_PART = 10_000
PAGES = ("home", "search", "tenders", "lookaheads", "categories", "map")
LEGAL = ("contact", "imprint", "privacy", "terms", "ranking", "accessibility")
NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def robots(call: Call) -> Response:
    """Everything public may be read; the endless combinations of filters need not be."""
    closed = ("/api/", "/me/", "/operator/", "/search?*&")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return PlainTextResponse("\n".join([*lines, "", f"Sitemap: {call.pages.base_url}/sitemap.xml", ""]))


def sitemap(call: Call) -> Response:
    """The index: one part for the fixed pages, then as many as there are entries."""
    parts = ["pages"]
    for name in ("offerings", "providers", "needs"):
        total = call.session.scalar(select(func.count()).select_from(_entries(name).subquery())) or 0
        parts += [f"{name}-{number}" for number in range(1, -(-total // PER_PART) + 1)]
    base = call.pages.base_url
    rows = (f"<sitemap><loc>{base}/sitemap/{part}.xml</loc></sitemap>" for part in parts)
    return _xml("sitemapindex", rows)


def part(call: Call, name: str) -> Response:
    """One part: each page with its twins in the other languages. Raises NotFound for a part that is empty."""
    if name == "pages":
        own = (_url(call, page) for page in PAGES)
        return _xml("urlset", [*own, *(_url(call, "legal", page=page) for page in LEGAL)])
    what, _, number = name.rpartition("-")
    if what not in ("offerings", "providers", "needs") or not number.isdecimal():
        raise NotFound(f"No sitemap is called {name}.")
    query = _entries(what).limit(PER_PART).offset((int(number) - 1) * PER_PART)
    rows = call.session.execute(query).all() if int(number) else []
    if not rows:
        raise NotFound(f"No sitemap is called {name}.")
    found = (
        _url(call, f"{what}:show", changed.date().isoformat(), ref=ref, slug=slug(title))
        for ref, title, changed in rows
    )
    return _xml("urlset", found)


def manifest(call: Call) -> Response:
    icon = {"src": call.pages.static.url("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    about = {
        "name": "Werkplatz Ostbrandenburg",
        "short_name": "Werkplatz",
        "lang": call.language,
        "start_url": call.link("home"),
        "display": "browser",
        "background_color": "#f3f6f4",
        "theme_color": "#0a3a33",
        "icons": [icon],
    }
    return JSONResponse(about, media_type="application/manifest+json")


def _entries(name: str) -> Select[str, str, datetime]:
    """Reference, title and last change of what is public."""
    if name == "providers":
        return (
            select(Organisation.ref, Organisation.name, Organisation.updated_at)
            .where(listed())
            .order_by(Organisation.id)
        )
    owner = Organisation.suspended_at.is_(None)
    if name == "offerings":
        return (
            select(Offering.ref, Offering.title, Offering.updated_at)
            .join(Organisation, Organisation.id == Offering.organisation_id)
            .where(Offering.status == "published", owner)
            .order_by(Offering.id)
        )
    return (
        select(Need.ref, Need.title, Need.updated_at)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .where(needs.is_open())
        .order_by(Need.id)
    )


def _url(call: Call, route: str, changed: str = "", **parts: str) -> str:
    base, links = call.pages.base_url, call.pages.links
    address = {language: escape(base + links.path(route, language, None, **parts)) for language in LANGUAGES}
    twins = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{href}"/>' for language, href in address.items()
    )
    day = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{address[DEFAULT_LANGUAGE]}</loc>{day}{twins}</url>"


def _xml(root: str, rows: Iterable[str]) -> Response:
    body = "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f"<{root} {NAMESPACES}>", *rows, f"</{root}>", ""])
    return Response(body, media_type="application/xml")


routes: list[BaseRoute] = [
    Route("/robots.txt", endpoint(robots), name="robots"),
    Route("/sitemap.xml", endpoint(sitemap), name="sitemap"),
    Route("/sitemap/{name}.xml", endpoint(part), name="sitemap:part"),
    Route("/manifest.webmanifest", endpoint(manifest), name="manifest"),
]
