"""Suggested codes stand beside what a firm states, never in its place."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.offerings.documents import offering_documents
from market.taxonomy.subjects import read_vector, subject_fields
from market.values import local_day
from tests import factories


def test_documents_carry_what_their_text_is_about(session: Session, now: datetime) -> None:
    offering = factories.offering(session, now, title="Gerüstbauarbeiten an Fassaden", cpv=("45231100",), trades=())
    session.flush()
    ((_, document),) = offering_documents(session, [offering.id], local_day(now))
    assert document is not None
    assert document["cpv"] == ["45231100"]
    assert next(iter(read_vector(document["suggested"]))) == "45262100"
    assert {"45", "452621"} <= set(document["suggested_prefixes"])
    assert "Scaffolding" in document["suggested_labels"]
    assert not {"45262100", "452621"} & {*document["cpv"], *document["cpv_prefixes"]}


def test_stated_codes_change_nothing_of_the_suggested_ones(session: Session, now: datetime) -> None:
    said = {"title": "Gerüstbauarbeiten", "description": "Modulgerüst und Hängegerüst"}
    offerings = [factories.offering(session, now, cpv=cpv, **said) for cpv in ((), ("90910000",))]
    session.flush()
    ids = [offering.id for offering in offerings]
    one, other = (document for _, document in offering_documents(session, ids, local_day(now)))
    assert one is not None
    assert other is not None
    assert one["suggested"] == other["suggested"]


def test_weights_fall_from_one(session: Session) -> None:
    weights = list(read_vector(subject_fields(session, "Gerüstbau", "Gerüst und Fassade", "de")["suggested"]).values())
    assert weights[0] == 1
    assert weights == sorted(weights, reverse=True)


def test_a_text_that_says_nothing_is_about_nothing(session: Session) -> None:
    assert subject_fields(session, "...", "", "de") == {
        "suggested": [],
        "suggested_prefixes": [],
        "suggested_labels": [],
    }
