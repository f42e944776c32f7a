"""The description of the API as OpenAPI 3.1, from the same table and the same models the views use."""

from functools import cache
from typing import Any

from market.api.answers import schemas
from market.api.parameters import CATEGORIES, MATCH, PARAMETERS, SUGGEST
from market.exchange.records import NeedRecord
from search.documents import INDEXES

VERSION = "1.0.0"


@cache
def description(base_url: str) -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Werkplatz Ostbrandenburg",
            "version": VERSION,
            "description": "Industrial services of Ostbrandenburg: offerings, providers and needs. Public facts "
            "only. Texts of reasons are German; below /en/api and /pl/api they are English and Polish.",
        },
        "servers": [{"url": base_url}],
        "paths": {
            **{f"/api/v1/search/{tab}": _search(tab) for tab in INDEXES},
            "/api/v1/suggest": _suggest(),
            "/api/v1/categories/suggest": _categories(),
            "/api/v1/match": _match(),
            "/api/v1/openapi.json": {
                "get": {
                    "operationId": "describe",
                    "summary": "This description",
                    "responses": {
                        "200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}},
                        "304": {"description": "What you have is still right (If-None-Match)"},
                    },
                }
            },
        },
        "components": {"schemas": {**schemas(), "Need": need_schema()}},
    }


def _search(tab: Any) -> dict[str, Any]:
    return {
        "get": {
            "operationId": f"search_{tab}",
            "summary": f"Search {tab}",
            "parameters": [parameter.described(tab) for parameter in PARAMETERS],
            "responses": _responses("Found", "One page of hits"),
        }
    }


def _suggest() -> dict[str, Any]:
    return {
        "get": {
            "operationId": "suggest",
            "summary": "Suggest firms and offerings while typing",
            "parameters": [parameter.described("offerings") for parameter in SUGGEST],
            "responses": _responses("Suggestions", "At most eight suggestions"),
        }
    }


def _categories() -> dict[str, Any]:
    return {
        "get": {
            "operationId": "suggest_categories",
            "summary": "Codes and trades for a text in German, English or Polish",
            "parameters": [parameter.described("offerings") for parameter in CATEGORIES],
            "responses": _responses("Categories", "The best codes of each scheme, and the best trades"),
        }
    }


def _match() -> dict[str, Any]:
    described = _responses("Matches", "Offerings that fit, best first, and those one criterion excludes")
    del described["304"]
    need = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Need"}}}}
    return {
        "post": {
            "operationId": "match",
            "summary": "Find the offerings that fit a need",
            "parameters": [parameter.described("offerings") for parameter in MATCH],
            "requestBody": {"required": True, **need},
            "responses": described | {"422": {**described["400"], "description": "A field of the need is wrong"}},
        }
    }


def need_schema() -> dict[str, Any]:
    """The need as the import knows it; only its title is required here."""
    found = NeedRecord.model_json_schema(ref_template="#/components/schemas/{model}")
    found.pop("$defs", None)
    return {**found, "title": "Need", "required": ["title"]}


def _responses(model: str, text: str) -> dict[str, Any]:
    def content(kind: str, name: str) -> dict[str, Any]:
        return {kind: {"schema": {"$ref": f"#/components/schemas/{name}"}}}

    refused = content("application/problem+json", "Problem")
    return {
        "200": {"description": text, "content": content("application/json", model)},
        "304": {"description": "What you have is still right (If-None-Match)"},
        "400": {
            "description": "A parameter is unknown or not understood; `fields` names it",
            "content": refused,
        },
        "429": {"description": "Too many requests from one address", "content": refused},
    }
