"""PostgreSQL's own full text on the same offerings, as somebody would build it by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.bench.questions import FULL, Asked
from tests.bench.report import Way
from tests.support import postgres

TABLE = """
drop table if exists documents;
create unlogged table documents (
  id text, title text, kind text, languages text[], available_on int, lat float, lng float,
  trades text[], certificates text[], district text, employees text, body text,
  words tsvector generated always as (to_tsvector('german', title || ' ' || body)) stored)
"""
INDEXES = """
create index on documents using gin (words);
create index on documents (kind);
analyze documents
"""
COLUMNS = "id title kind languages available_on lat lng trades certificates district employees".split()
HITS = """
select id, ts_headline('german', title, q), ts_rank(words, q) as rank, count(*) over ()
from documents, plainto_tsquery('german', %(q)s) q where words @@ q{filters} order by rank desc limit 10
"""
FILTERS = """ and kind = %(kind)s and %(language)s = any(languages) and available_on <= %(available_by)s
and 6371 * acos(least(1, sin(radians(lat)) * sin(radians(52.1458))
  + cos(radians(lat)) * cos(radians(52.1458)) * cos(radians(lng - 14.6313)))) <= %(radius_km)s"""
FACETS = """
select {value}, count(*) from documents{more}, plainto_tsquery('german', %(q)s) q
where words @@ q{filters} group by 1
"""
COUNTED = {
    "certificate": ", unnest(certificates) as certificate",
    "trade": ", unnest(trades) as trade",
    "district": "",
    "employees": "",
}


class FullText:
    """A table of the offerings, and the statements a page would need."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def load(self, documents: Iterator[dict[str, Any]]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(TABLE)
            with cursor.copy(f"copy documents ({', '.join(COLUMNS)}, body) from stdin") as copy:
                for d in documents:
                    copy.write_row([*(d[name] for name in COLUMNS), self._body(d)])
            cursor.execute(INDEXES)
        self.connection.commit()

    @staticmethod
    def _body(d: dict[str, Any]) -> str:
        return " ".join([d["summary"], d["text"], *d["keywords"], *d["trade_names"], *d["trade_words"]])

    def way(self, questions: list[Asked]) -> Way:
        """Hits with marks and count, and the four facets, in five statements on one connection."""

        async def ask(number: int) -> None:
            params: dict[str, Any] = dict(questions[number % len(questions)].params)
            filters = FILTERS if "radius_km" in params else ""
            params["available_by"] = int(params.get("available_by", FULL["available_by"]).replace("-", ""))
            params["radius_km"] = int(params.get("radius_km", 0))
            self.connection.execute(HITS.format(filters=filters), params).fetchall()
            for value, more in COUNTED.items():
                statement = FACETS.format(value=value, more=more, filters=filters)
                self.connection.execute(statement, params).fetchall()

        return ask


@contextmanager
def full_text() -> Iterator[FullText]:
    """On a PostgreSQL of its own."""
    with postgres.cluster() as url:
        parsed = make_url(url)
        with psycopg.connect(
            host=str(parsed.query["host"]), user=parsed.username, dbname=parsed.database
        ) as connection:
            yield FullText(connection)
