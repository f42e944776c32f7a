"""Recognised training occupations of the region's industry, in three languages (seeds/data/occupations.yaml)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from market.taxonomy.source import read
from market.values import DEFAULT_LANGUAGE, LANGUAGES, fold


@dataclass(frozen=True)
class Occupation:
    id: str
    names: dict[str, str]
    also: tuple[str, ...]
    """Further ways to write it."""


@cache
def by_id() -> dict[str, Occupation]:
    """All, by the id that details and addresses hold, in the order of the file."""
    return {
        one["id"]: Occupation(one["id"], {code: one[code] for code in LANGUAGES}, tuple(one.get("also", ())))
        for one in read("occupations")["occupations"]
    }


def name(id_: str, language: str) -> str:
    """In another language than ours in German; the id itself for one that was taken out of the list."""
    known = by_id().get(id_)
    return known.names.get(language, known.names[DEFAULT_LANGUAGE]) if known else id_


def names(ids: Iterable[str]) -> list[str]:
    """In all languages: documents carry them, so that a Polish word finds a German offering."""
    return list(dict.fromkeys(name(id_, language) for id_ in ids for language in LANGUAGES))


def named(text: str) -> str | None:
    """The id of the occupation that is meant, by id or name, with any ending and without; None for an unknown one."""
    return text if text in by_id() else _known().get(_plain(text))


@cache
def _known() -> dict[str, str]:
    return {_plain(said): one.id for one in by_id().values() for said in (*one.names.values(), *one.also)}


def _plain(text: str) -> str:
    """Folded letters, without `(m/w/d)` and without what marks a woman: Mechanikerin, Mechaniker/in, Mechaniker*in."""
    bare = re.sub(r"\([mwdx/ ]+\)", "", fold(text))
    bare = re.sub(r"(er|ant|ist)(/-?|[:*_])?in(nen)?\b", r"\1", bare)
    return re.sub(r"[^a-z0-9]", "", bare)
