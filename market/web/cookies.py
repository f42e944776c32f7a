"""Our cookies: for this host alone, never readable by scripts, under `__Host-` wherever there is https."""

from starlette.requests import Request
from starlette.responses import Response


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.app.state.settings.production else name


def cookie(request: Request, name: str) -> str:
    """Its value, empty where there is none."""
    return request.cookies.get(_name(request, name), "")


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=request.app.state.settings.production,
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    set_cookie(request, response, name, "", 0)
