"""The operator's pages do not exist for anybody else."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from market.accounts.me import operator_only
from market.web.endpoint import Ask, Call, endpoint, live

Handler = Callable[[Request], Awaitable[Response]]


def page(view: Callable[..., Response]) -> Handler:
    """An `endpoint` for operators."""

    @wraps(view)
    def guarded(call: Call, **parts: object) -> Response:
        operator_only(call)
        return view(call, **parts)

    return endpoint(guarded)


def live_page(view: Callable[..., Awaitable[Response]]) -> Handler:
    """A `live` view for operators."""

    @wraps(view)
    async def guarded(ask: Ask, **parts: object) -> Response:
        operator_only(ask)
        return await view(ask, **parts)

    return live(guarded)
