"""An Atom feed (RFC 4287): nothing in it changes unless an entry does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree import ElementTree

from market.values import ZONE

NAMESPACE: Final = "http://www.w3.org/2005/Atom"
NEVER: Final = datetime(2026, 1, 1, tzinfo=ZONE)
"""Of a feed without an entry."""
ElementTree.register_namespace("", NAMESPACE)


@dataclass(frozen=True)
class Entry:
    title: str
    id: str
    href: str
    updated: datetime
    author: str
    summary: str


def feed(language: str, title: str, own: str, page: str, entries: Sequence[Entry]) -> bytes:
    """The XML; `own` is its address, `page` that of the page with the same content."""
    root = ElementTree.Element(f"{{{NAMESPACE}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": language})
    _text(root, "title", title)
    _text(root, "id", own)
    _text(root, "updated", _moment(max((one.updated for one in entries), default=NEVER)))
    _link(root, own, "self", "application/atom+xml")
    _link(root, page, "alternate", "text/html")
    author = ElementTree.SubElement(root, f"{{{NAMESPACE}}}author")
    _text(author, "name", "Werkplatz Ostbrandenburg")
    for one in entries:
        _entry(root, one)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(root: ElementTree.Element, one: Entry) -> None:
    entry = ElementTree.SubElement(root, f"{{{NAMESPACE}}}entry")
    _text(entry, "title", one.title)
    _text(entry, "id", one.id)
    _text(entry, "updated", _moment(one.updated))
    _link(entry, one.href, "alternate", "text/html")
    author = ElementTree.SubElement(entry, f"{{{NAMESPACE}}}author")
    _text(author, "name", one.author)
    _text(entry, "summary", one.summary)


def _moment(value: datetime) -> str:
    return value.astimezone(ZONE).isoformat(timespec="seconds")


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = text


def _link(parent: ElementTree.Element, href: str, rel: str, type_: str) -> None:
    ElementTree.SubElement(parent, f"{{{NAMESPACE}}}link", {"href": href, "rel": rel, "type": type_})
