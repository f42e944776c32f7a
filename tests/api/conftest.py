"""What the API says of itself, and a look at answers through it."""

from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from starlette.testclient import TestClient

Answer = dict[str, Any]


@pytest.fixture(scope="session")
def described(seeded: TestClient) -> Answer:
    answer: Answer = seeded.get("/api/v1/openapi.json").json()
    return answer


@pytest.fixture(scope="session")
def conforms(described: Answer) -> Callable[[str, Any], None]:
    """Fails where an answer is not what the description says; takes the path as described and the answer."""
    validators: dict[tuple[str, str], Draft202012Validator] = {}

    def check(path: str, answer: Any) -> None:
        said = described["paths"][path][answer.request.method.lower()]["responses"]
        status = str(answer.status_code)
        assert status in said, f"{path} answers {status}, of which nothing is said"
        if "content" not in said[status]:
            assert answer.content == b""
            return
        kind = answer.headers["content-type"].partition(";")[0]
        schema = said[status]["content"][kind].get("schema", {})
        validator = validators.setdefault(
            (path, status), Draft202012Validator(schema | {"components": described["components"]})
        )
        faults = [f"{list(fault.absolute_path)}: {fault.message}" for fault in validator.iter_errors(answer.json())]
        assert faults == []

    return check
