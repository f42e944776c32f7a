"""`market identity`: the identity provider of the demo, on this machine only."""

import argparse

import uvicorn

from market.config import Settings
from market.demo_identity import application, build, companies, demo_ref
from market.errors import Forbidden


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8009, help="port on 127.0.0.1 (default 8009)")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Refuses production: whoever reaches it is whom they choose."""
    if settings.production:
        raise Forbidden("this is production; the demo's identity provider lets in everybody.")
    refs = {company["key"]: demo_ref(company["key"]) for company in companies()}
    app = application(build(f"http://127.0.0.1:{given.port}", settings.base_url, refs))
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning", server_header=False)
    return 0
