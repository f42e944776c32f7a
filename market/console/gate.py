"""The operator's pages do not exist for anybody else."""

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import Response

from market.errors import NotFound
from market.web.endpoint import Ask, Call, endpoint, live

Handler = Callable[[Request], Awaitable[Response]]


def refuse_others(ask: Ask) -> None:
    """Raises NotFound for everybody but operators."""
    if not ask.viewer.is_operator:
        raise NotFound("only for operators")


def page(view: Callable[..., Response]) -> Handler:
    """An `endpoint` for operators."""

    @wraps(view)
    def guarded(call: Call, **parts: object) -> Response:
        refuse_others(call)
        return view(call, **parts)

    return endpoint(guarded)


def live_page(view: Callable[..., Awaitable[Response]]) -> Handler:
    """A `live` view for operators."""

    @wraps(view)
    async def guarded(ask: Ask, **parts: object) -> Response:
        refuse_others(ask)
        return await view(ask, **parts)

    return live(guarded)
