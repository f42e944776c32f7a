"""So many requests a second from one address: generous for programs, too slow for copying by force."""

from collections.abc import Awaitable, Callable
from functools import wraps
from ipaddress import ip_address

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.responses import Response

from market.web.failure import problem

LIMIT = RateLimitItemPerSecond(50)
FORWARDED = ("x-forwarded-for", "forwarded")

_limiter = MovingWindowRateLimiter(MemoryStorage())

Handler = Callable[[Request], Awaitable[Response]]


def limited(handle: Handler) -> Handler:
    """429 with Retry-After beyond the limit. This machine itself, asked without a proxy, is not counted."""

    @wraps(handle)
    async def watch(request: Request) -> Response:
        client = request.client.host if request.client else ""
        if (is_own(client) and not any(name in request.headers for name in FORWARDED)) or _limiter.hit(
            LIMIT, "api", client
        ):
            return await handle(request)
        detail = f"At most {LIMIT.amount} requests a second from one address; try again in a second."
        answer = problem(429, "Too many requests", detail)
        answer.headers["retry-after"] = "1"
        return answer

    return watch


def is_own(host: str) -> bool:
    """Loopback, or no address of a network at all (a socket of this machine)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return True
