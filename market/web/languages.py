"""`/en/...` and `/pl/...` are the same pages as `/...` in another language."""

from starlette.types import ASGIApp, Receive, Scope, Send

from market.values import DEFAULT_LANGUAGE, LANGUAGES, Language

PREFIXES: dict[str, Language] = {language: language for language in LANGUAGES if language != DEFAULT_LANGUAGE}


class LanguagePrefix:
    """Takes the language off the path before routing and leaves it in `scope["language"]`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            first, _, rest = scope["path"].removeprefix("/").partition("/")
            language = PREFIXES.get(first)
            scope = dict(scope, language=language or DEFAULT_LANGUAGE, original_path=scope["path"])
            if language:
                scope["path"] = "/" + rest
                scope["raw_path"] = scope["path"].encode()
        await self.app(scope, receive, send)


def localised(path: str, language: Language) -> str:
    """The path of a page in a language."""
    return path if language == DEFAULT_LANGUAGE else f"/{language}{path}"
