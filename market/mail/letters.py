"""Writes letters from `templates/mail/<slice>/<event>.txt`, whose first line is the subject, and `.html`."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from market.i18n import language_of, words
from market.mail.models import Letter
from market.values import Language

TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"
_inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
_LOCAL = re.compile(r"[^@\s,;:<>()\[\]\"\\\x00-\x1f\x7f-\U0010ffff]{1,64}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)


def postable(text: str) -> str | None:
    """The address as a mail server takes it: one plain address without names or quotes, `ü.de` as `xn--tda.de`."""
    local, _, domain = text.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        return None
    fits = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(local) + len(domain) < 254
    return f"{local}@{domain}" if fits else None


def write(
    session: Session,
    now: datetime,
    to: str,
    language: str,
    event: str,
    *,
    secret: bool = False,
    unsubscribe: str = "",
    **context: object,
) -> Letter:
    """Put a letter into the caller's transaction. Raises ValueError for an address no letter can go to."""
    address = postable(to)
    if address is None:
        raise ValueError(f"no letter can go to {to!r}")
    spoken = language_of(language)
    subject, _, text = _render(spoken, f"{event}.txt", context).partition("\n")
    html = _inliner.inline(_render(spoken, f"{event}.html", context | {"subject": subject}))
    letter = Letter(
        to=address,
        language=spoken,
        event=event,
        subject=clean(subject),
        text=text.strip() + "\n",
        html=html,
        secret=secret,
        unsubscribe=unsubscribe,
        created_at=now,
        not_before=now,
    )
    session.add(letter)
    return letter


def clean(text: str) -> str:
    """A header's worth of text: one line, no control characters, nothing that reads as an encoded word.

    Old Pythons decode `=?...?=` in a subject and put what is inside into the head of the letter.
    """
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    return re.sub(r"\s+", " ", text.replace("=?", "= ?")).strip()[:200]


def base_of(session: Session) -> str:
    """Where links of letters begin: the address the edge lent to this session."""
    return str(session.info.get("base_url", ""))


def _render(language: Language, template: str, context: dict[str, object]) -> str:
    return _environment(language).get_template(template).render(context)


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    speak = words(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        speak.gettext, speak.ngettext, newstyle=True
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals |= {"w": speak, "language": language}
    environment.filters |= {"day": speak.day, "moment": speak.moment, "number": speak.number, "money": speak.money}
    return environment
