"""Every page of the marketplace with an example address, and every route that is no page.

`test_every_page.py` fails when a route stands in neither, so that no new page escapes the checkers.
"""

from dataclasses import dataclass

PREFIXES = {"de": "", "en": "/en", "pl": "/pl"}
OFFERING_PARTS = ("what", "trade", "where", "texts")
KINDS = ("service", "training", "lab_test", "residual", "rail")


@dataclass(frozen=True)
class Page:
    """`path` may name things of the demo data: `{training}` is the address of such an offering."""

    name: str
    route: str
    path: str
    status: int = 200
    signed_in: bool = False
    broken: bool = False
    """Asked for at an application whose database has no tables."""


PAGES = (
    Page("home", "home", "/"),
    Page("search", "search", "/search?q=schweissen&near=Guben&radius_km=50"),
    Page("search-providers", "search", "/search?tab=providers"),
    Page("search-needs", "search", "/search?tab=needs"),
    Page("search-none", "search", "/search?q=xqzvwk&near=Guben"),
    *(Page(kind.replace("_", "-"), "offerings:show", f"{{{kind}}}") for kind in KINDS),
    Page("anonymous", "offerings:show", "{anonymous}"),
    Page("closed", "offerings:show", "{closed}", 410),
    Page("provider", "providers:show", "{provider}"),
    Page("partner", "providers:show", "{partner}"),
    Page("need", "needs:show", "{need}"),
    Page("need-over", "needs:show", "{over}"),
    Page("tenders", "tenders", "/tenders"),
    Page("categories", "categories", "/categories"),
    Page("map", "map", "/map"),
    *(Page(f"legal-{page}", "legal", f"/legal/{page}") for page in ("contact", "imprint", "privacy")),
    *(Page(f"legal-{page}", "legal", f"/legal/{page}") for page in ("terms", "ranking", "accessibility")),
    Page("sign-in", "accounts:sign_in", "/sign-in"),
    Page("sent", "accounts:sent", "/sign-in/sent"),
    Page("link", "accounts:open_link", "/sign-in/link/nosuchtoken", 410),
    Page("register", "accounts:register", "/register"),
    Page("signed-out", "accounts:signed_out", "/signed-out"),
    Page("me", "me", "/me", signed_in=True),
    Page("team", "team", "/me/team", signed_in=True),
    Page("remove", "team:remove", "{member}", signed_in=True),
    Page("invitation", "team:invitation", "/invitation/nosuchtoken", 410),
    Page("account", "account", "/me/account", signed_in=True),
    Page("passkey-remove", "passkeys:remove", "{passkey}", signed_in=True),
    Page("step-up", "oidc:step_up", "/sign-in/step-up?next=/me/account", signed_in=True),
    Page("erase", "account:erase", "/me/account/erase", signed_in=True),
    Page("certificates", "certificates", "/me/certificates", signed_in=True),
    Page("certificate-type", "certificates:new", "/me/certificates/new?q=1090", signed_in=True),
    Page("certificate-new", "certificates:new", "/me/certificates/new?type=en-1090-2", signed_in=True),
    Page("certificate", "certificates:show", "{certificate}", signed_in=True),
    Page("certificate-edit", "certificates:edit", "{certificate}/edit", signed_in=True),
    Page("certificate-replace", "certificates:replace", "{certificate}/replace", signed_in=True),
    Page("certificate-withdraw", "certificates:withdraw", "{certificate}/withdraw", signed_in=True),
    Page("import", "intake", "/me/import", signed_in=True),
    Page("import-columns", "intake:show", "{import_columns}", signed_in=True),
    Page("import-checked", "intake:show", "{import_checked}", signed_in=True),
    Page("import-progress", "intake:show", "{import_progress}", signed_in=True),
    Page("import-done", "intake:show", "{import_done}", signed_in=True),
    Page("bookings", "bookings", "/me/bookings", signed_in=True),
    Page("booking", "bookings:show", "{booking}", signed_in=True),
    Page("booking-cancel", "bookings:cancel", "{booking}/cancel", signed_in=True),
    Page("book", "bookings:book", "{session}/book", signed_in=True),
    Page("pledge", "bookings:pledge", "{unsure}/pledge", signed_in=True),
    Page("wish", "bookings:wish", "{wanted}", signed_in=True),
    Page("sessions", "sessions", "/me/sessions", signed_in=True),
    Page("session", "sessions:show", "{dates}", signed_in=True),
    Page("session-cancel", "sessions:cancel", "{dates}/cancel", signed_in=True),
    Page("offerings", "publishing", "/me/offerings", signed_in=True),
    Page("offering-new", "publishing:new", "/me/offerings/new", signed_in=True),
    *(Page(f"offering-{part}", "publishing:part", f"{{draft}}/{part}", signed_in=True) for part in OFFERING_PARTS),
    *(Page(f"draft-{kind}", "publishing:part", f"{{draft-{kind}}}/facts", signed_in=True) for kind in KINDS),
    Page("offering-check", "publishing:show", "{draft}", signed_in=True),
    Page("offering-own", "publishing:show", "{own}", signed_in=True),
    Page("offering-done", "publishing:done", "{own}/done", signed_in=True),
    Page("offering-archive", "publishing:archive", "{own}/archive", signed_in=True),
    Page("offering-availability", "publishing:availability", "{own}/availability", signed_in=True),
    Page("still-true", "still_true", "/still-true/" + "t" * 43),
    Page("operator-offerings", "operator:offerings", "/operator/offerings", signed_in=True),
    Page("operator-offering", "operator:offering", "{queued}", signed_in=True),
    Page("operator", "operator", "/operator", signed_in=True),
    Page("operator-firms", "operator:firms", "/operator/organisations", signed_in=True),
    Page("operator-firm", "operator:firm", "{waiting_firm}", signed_in=True),
    Page("operator-certificates", "operator:certificates", "/operator/certificates", signed_in=True),
    Page("operator-certificate", "operator:certificate", "{waiting_certificate}", signed_in=True),
    Page("tray", "shortlists", "/shortlists"),
    Page("shortlists", "shortlists", "/shortlists", signed_in=True),
    Page("shortlist", "shortlists:show", "{shortlist}", signed_in=True),
    Page("shortlist-remove", "shortlists:remove", "{shortlist}/remove", signed_in=True),
    Page("letters", "dev:mail", "/dev/mail"),
    Page("error-404", "", "/no/such/page", 404),
    Page("error-500", "", "{crash}", 500),
    Page("error-503", "", "/tenders", 503, broken=True),
)

NO_PAGES = {
    "claim": "not swept yet; its statuses are in the matrix",
    "confirm": "not swept yet; its statuses are in the matrix",
    "matching:needs": "not swept yet; its statuses are in the matrix",
    "matching:offerings": "not swept yet; its statuses are in the matrix",
    "operator:claims": "not swept yet; its statuses are in the matrix",
    "operator:health": "not swept yet; its statuses are in the matrix",
    "operator:journal": "not swept yet; its statuses are in the matrix",
    "operator:journal_export": "a file",
    "operator:organisation": "not swept yet; its statuses are in the matrix",
    "operator:organisations": "not swept yet; its statuses are in the matrix",
    "operator:provider": "not swept yet; its statuses are in the matrix",
    "operator:provider_add": "not swept yet; its statuses are in the matrix",
    "operator:provider_sign_in": "leads to an identity provider",
    "operator:provider_trial": "not swept yet; its statuses are in the matrix",
    "operator:providers": "not swept yet; its statuses are in the matrix",
    "operator:searches": "not swept yet; its statuses are in the matrix",
    "operator:taxonomy": "not swept yet; its statuses are in the matrix",
    "profile": "not swept yet; its statuses are in the matrix",
    "providers:statement": "not swept yet; its statuses are in the matrix",
    "publishing:trades": "suggestions as JSON",
    "publishing:waste_codes": "suggestions as JSON",
    "offerings:short": "leads to the page with its name",
    "account:export": "JSON",
    "intake:faults": "a table",
    "intake:template": "a table",
    "bookings:calendar": "iCalendar",
    "bookings:session_calendar": "iCalendar",
    "search:places": "suggestions as JSON",
    "providers:short": "leads to the page with its name",
    "needs:short": "leads to the page with its name",
    "robots": "text",
    "sitemap": "XML",
    "sitemap:part": "XML",
    "manifest": "JSON",
    "oidc:leave": "leads to an identity provider",
    "oidc:start": "leads to an identity provider",
    "oidc:callback": "leads on",
    "files:show": "a file",
    "dev:letter": "a letter, with the styles of a letter",
    "api:search": "JSON",
    "api:suggest": "JSON",
    "api:categories": "JSON",
    "api:openapi": "JSON",
    "api:nothing": "problem+json",
    "health:alive": "text",
    "health:ready": "JSON",
    "health:metrics": "text",
}
