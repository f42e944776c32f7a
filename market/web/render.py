"""Templates: one environment a language, links by route name, static files by content hash."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote_plus

import nh3
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from starlette.routing import BaseRoute, Mount, Route

from market.i18n import OWN_NAMES, Words, words
from market.values import LANGUAGES, Language, day_number, from_day_number, slug
from market.web.icons import drawings
from market.web.languages import localised
from market.web.static import Static
from search.words import joints

TEMPLATES = Path(__file__).parents[2] / "templates"
_STANDARD = re.compile(r"(?:\b[A-Z]{2,5} )?\b\d+-\d+\b")
_LONG = re.compile(r"[^\W\d_]{14,}")
_PLACE = re.compile(r"{(\w+)(?::\w+)?}")


class Links:
    """Addresses by route name, made once from the routes so that a page of many links stays cheap."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self.patterns: dict[str, str] = {}
        self._collect(routes, "")

    def _collect(self, routes: Iterable[BaseRoute], prefix: str) -> None:
        for route in routes:
            if isinstance(route, Route) and route.name:
                self.patterns.setdefault(route.name, prefix + _PLACE.sub(r"{\1}", route.path))
            elif isinstance(route, Mount) and route.routes:
                self._collect(route.routes, prefix + route.path)

    def path(self, name: str, language: Language, /, query: Mapping[str, Any] | None = None, **parts: object) -> str:
        """The path of a route in a language. Raises KeyError for an unknown route or a missing part."""
        path = localised(self.patterns[name].format_map(parts), language)
        pairs = [
            f"{_quoted(key)}={_quoted(str(one))}"
            for key, value in (query or {}).items()
            for one in (value if isinstance(value, list | tuple) else (value,))
            if value not in (None, "")
        ]
        return f"{path}?{'&'.join(pairs)}" if pairs else path


# A page of hits says the same few words in some fifty addresses.
_quoted = lru_cache(maxsize=4096)(quote_plus)

BRIEF = 155
_markdown = MarkdownIt("js-default", {"html": False, "linkify": False, "typographer": False})
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "h3", "h4", "blockquote", "code", "a", "table"} | {
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}


def markdown(text: str) -> Markup:
    """Markdown of a firm as safe HTML: no raw HTML, no images, links marked as the firm's own."""
    html = nh3.clean(
        _markdown.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="nofollow ugc noopener",
    )
    return Markup(html)


def brief(text: str) -> str:
    """The beginning of a text in Markdown, for search engines: its words alone, at most `BRIEF` letters."""
    words = " ".join(markdown(text).striptags().split())
    return words if len(words) <= BRIEF else f"{words[:BRIEF].rpartition(' ')[0] or words[:BRIEF]} …"


def unbroken(text: str) -> Markup:
    """Text whose names of standards (EN 1090-2) stay on one line: browsers else break them after the hyphen."""
    return Markup(_STANDARD.sub(r'<span class="nb">\g<0></span>', str(escape(text))))


def soft(text: str) -> Markup:
    """Text whose long compounds may be broken between their parts: on a phone browsers else break them anywhere."""
    return Markup(_LONG.sub(lambda word: _softened(word[0]), str(escape(text))))


@lru_cache(maxsize=8192)
def _softened(word: str) -> str:
    places = [0, *joints(word), len(word)]
    return "\u00ad".join(word[start:end] for start, end in pairwise(places))


def as_day(value: date | int | str | None) -> date | None:
    """A day however it travels: date, day number of the index or ISO text."""
    if value is None or isinstance(value, date):
        return value
    return from_day_number(value) if isinstance(value, int) else date.fromisoformat(value)


def _spoken_day(speak: Words, value: date | int | str | None, form: str) -> str:
    day = as_day(value)
    return speak.day(day, form) if day else ""


def _spoken(speak: Words) -> Callable[..., Markup]:
    """What Jinja's own `_` does, with the texts at hand as they go into the page: a page of hits has some fifty."""
    texts: dict[str, Markup] = {}
    whole: dict[str, Markup] = {}

    def spoken(message: str, **values: object) -> Markup:
        known = texts if values else whole
        text = known.get(message)
        if text is None:
            text = Markup(speak.gettext(message))
            text = known[message] = text if values else text % {}  # "%%" is a per cent sign in both
        return text % values if values else text

    return spoken


def once(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """A macro that remembers what it drew: for small pieces that a page draws many times, from few plain values.

    The template that defines it is imported without context, so that the macro is made once an environment.
    """
    return lru_cache(maxsize=2048)(macro)


class Compiled(BytecodeCache):
    """Templates this process has compiled for a language: further applications in it, of which tests make many, find
    them. By language, as the compiler works out constants, and filters speak one language."""

    known: ClassVar[dict[tuple[Language, str, str], bytes]] = {}

    def __init__(self, language: Language) -> None:
        self.language = language

    def load_bytecode(self, bucket: Bucket) -> None:
        if (kept := self.known.get((self.language, bucket.key, bucket.checksum))) is not None:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[self.language, bucket.key, bucket.checksum] = bucket.bytecode_to_string()


class Pages:
    """Renders templates: they see `_`, `ngettext`, `w` (Words), `link(name)`, `static(file)`, `drawing(icon)`."""

    def __init__(self, routes: Iterable[BaseRoute], static: Static, base_url: str) -> None:
        self.links = Links(routes)
        self.static = static
        self.base_url = base_url
        self.environments = {language: self._environment(language) for language in LANGUAGES}

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            auto_reload=False,  # else every page looks at each of its files on the disk
            bytecode_cache=Compiled(language),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        speak = words(language)
        environment.install_gettext_callables(  # type: ignore[attr-defined]
            speak.gettext, speak.ngettext, newstyle=True
        )
        environment.policies["ext.i18n.trimmed"] = True
        spoken = _spoken(speak)
        environment.globals |= {
            "_": spoken,
            "gettext": spoken,
            "once": once,
            "w": speak,
            "language": language,
            "languages": OWN_NAMES,
            "static": self.static.url,
            "drawing": drawings().__getitem__,
            "base_url": self.base_url,
            "link": lambda name, /, query=None, **parts: self.links.path(name, language, query, **parts),
            "link_in": self._link_in,
        }
        environment.filters |= {
            "markdown": markdown,
            "brief": brief,
            "unbroken": unbroken,
            "soft": soft,
            "slug": slug,
            "day": lambda value, form="medium": _spoken_day(speak, value, form),
            "day_number": day_number,
            "moment": speak.moment,
            "number": speak.number,
            "money": speak.money,
        }
        return environment

    @staticmethod
    @pass_context
    def _link_in(context: Context, language: Language) -> str:
        """This same page and query in another language."""
        request = context["request"]
        query = request.scope.get("query_string", b"").decode()
        return localised(request.scope["path"], language) + (f"?{query}" if query else "")

    def render(self, template: str, speak: Words, **context: object) -> str:
        return self.environments[speak.language].get_template(template).render(context)
