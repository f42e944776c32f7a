"""`market serve`: uvicorn on the given port; as many processes as asked for."""

import argparse
import os

import uvicorn

from market.commands import loading, log_to_stderr
from market.config import Settings, refuse_sealing_key
from market.web.heads import BoundedHead


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")
    parser.add_argument("--log-requests", action="store_true", help="a line per request")


def run(settings: Settings, given: argparse.Namespace) -> int:
    refuse_sealing_key()
    try:
        uvicorn.run(
            "market.commands.serve:application",
            factory=True,
            host=given.host,
            port=settings.port,
            workers=given.workers,
            loop="uvloop",
            http=BoundedHead,
            access_log=given.log_requests,
            log_level="info" if given.log_requests else "warning",
            server_header=False,
            # Behind a proxy the client's address and scheme come from its headers.
            proxy_headers=settings.production,
            forwarded_allow_ips="*" if settings.production else os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
            timeout_graceful_shutdown=5,
        )
    except SystemExit as end:  # uvicorn has said why, for example that the port is taken
        return 1 if end.code else 0
    return 0


def application():  # type: ignore[no-untyped-def]
    with loading():
        from market import config
        from market.app import create_app

        log_to_stderr()
        return create_app(config.load())
