"""The public document of a need, as the index and the API know it."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.needs.models import Need
from market.taxonomy import codes, trades
from market.taxonomy.subjects import subject_fields
from market.values import day_number, local_day
from search.documents import NeedDocument


def need_documents(session: Session, ids: list[int], today: date) -> Iterator[tuple[int, NeedDocument | None]]:
    """Id and document of each need asked for; None = not open to the public or not there."""
    needs = {n.id: n for n in session.scalars(select(Need).where(Need.id.in_(ids)))}
    for id_ in ids:
        need = needs.get(id_)
        is_open = need is not None and need.stage == "published" and need.is_public
        yield id_, need_document(session, need) if need is not None and is_open else None


def need_document(session: Session, need: Need) -> NeedDocument:
    organisation = need.organisation
    return {
        "id": need.ref,
        "slug": need.slug,
        "title": need.title,
        "lang": need.lang,
        "titles": {lang: text for lang, text in need.text_in("title").items() if lang != need.lang},
        "summary": need.summary or need.description.strip().split("\n")[0][:200],
        "summaries": {lang: text for lang, text in need.text_in("summary").items() if lang != need.lang},
        "text": " ".join([*need.text_in("description").values(), *need.text_in("summary").values()]),
        "kinds": [need.kind] if need.kind else [],
        "kind": need.kind or "",
        "trades": list(need.trades),
        "trade_names": trades.trade_names(need.trades),
        "trade_words": trades.trade_words(need.trades),
        "cpv": list(need.cpv),
        "cpv_prefixes": codes.all_prefixes(need.cpv),
        "code_labels": codes.labels(session, need.cpv, need.ewc),
        **subject_fields(session, need.title, f"{need.summary} {need.description}", need.lang),
        "keywords": [],
        "languages": list(need.languages),
        "organisation": organisation.name,
        "organisation_ref": organisation.ref,
        "organisation_slug": organisation.slug,
        "verified_on": day_number(organisation.verified_on) if organisation.verified_on else None,
        "is_demo": organisation.is_demo,
        "town": need.town,
        "postcode": need.postcode,
        "country": need.country,
        "district": need.district,
        "lat": need.lat,
        "lng": need.lon,
        "updated_on": day_number(local_day(need.updated_at)),
        "procedure": need.procedure,
        "stage": need.stage,
        "certificates": [wanted.partition(":")[0] for wanted in need.certificates],
        "published_on": day_number(local_day(need.published_at)) if need.published_at else 0,
        "bids_until": int(need.bids_until.timestamp()) if need.bids_until else None,
        "execution_from": day_number(need.execution_from) if need.execution_from else None,
        "execution_until": day_number(need.execution_until) if need.execution_until else None,
        "quantity": need.quantity,
        "unit": need.unit,
        "site": need.site,
        "ewc": [code.replace(" ", "") for code in need.ewc],
    }
