"""Answers for programs on their way out, with the tag of what they say."""

from hashlib import blake2b

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response


def answered(request: Request, answer: BaseModel, cache: str) -> Response:
    """The answer as JSON; `cache` is its Cache-Control."""
    return tagged(request, Response(answer.model_dump_json(), media_type="application/json"), cache)


def tagged(request: Request, answer: Response, cache: str) -> Response:
    """With its tag; 304 without a body for whoever has this very answer already."""
    tag = f'W/"{blake2b(bytes(answer.body), digest_size=12).hexdigest()}"'
    headers = {"etag": tag, "cache-control": cache}
    if tag in [given.strip() for given in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
