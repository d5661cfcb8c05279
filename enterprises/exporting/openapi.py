"""The API in OpenAPI 3.1, made from what the code itself says."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from enterprises.listing_fields import fields_in
from enterprises.models import Listing
from enterprises.models.procurement import CATEGORIES
from enterprises.search.filters import RADII_KM
from enterprises.search.query import Order

_STRING: dict[str, Any] = {"type": "string"}
_STRINGS: dict[str, Any] = {"type": "array", "items": _STRING}
_NUMBER: dict[str, Any] = {"type": "number"}
# RFC 9457.
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["status", "title", "detail"],
    "properties": {
        "status": {"type": "integer"}, "title": _STRING, "detail": _STRING,
        # Of a 400: each value that its parameter can't have, and the address where those that it can are listed.
        "errors": {"type": "array", "items": {"type": "object", "properties": {
            "parameter": _STRING, "value": _STRING, "values_at": {"type": "string", "format": "uri"}}}},
    },
}  # fmt: skip


def description(base_url: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Répertoire des entreprises collectives",
            "version": "1.0.0",
            "description": "Données ouvertes du répertoire, en lecture seule : toute autre méthode que GET, HEAD et OPTIONS reçoit 405. "
            "Les filtres sont ceux de la page du répertoire : une valeur inconnue est refusée (400), un paramètre inconnu est ignoré. "
            "Toute erreur est un objet JSON (RFC 9457).",
        },
        "servers": [{"url": f"{base_url}/api/v1"}],
        "paths": {
            "/": {"get": {"summary": "Adresses de l’API", "responses": {"200": _json_answer({"type": "object"})} | _ANY_ERROR}},
            "/fiches/": {"get": {
                "summary": "Fiches publiées, par pages", "parameters": _parameters(),
                "responses": {
                    "200": _json_answer({"$ref": "#/components/schemas/Page"}),
                    "400": _refusal("Une valeur inconnue d’un paramètre"),
                    **_ANY_ERROR,
                },
            }},
            "/fiches/{slug}/": {"get": {
                "summary": "Une fiche",
                "parameters": [{"name": "slug", "in": "path", "required": True, "schema": _STRING}],
                "responses": {"200": _json_answer({"$ref": "#/components/schemas/Fiche"}), "404": _refusal("Aucune fiche publiée à ce nom"), **_ANY_ERROR},
            }},
            **{path: {"get": {"summary": summary, "responses": {"200": _json_answer(_results()), **_ANY_ERROR}}} for path, summary in (
                ("/secteurs/", "Secteurs"), ("/approvisionnement/", "Catégories d’approvisionnement"), ("/municipalites/", "Municipalités"))},
        },
        "components": {"schemas": {"Fiche": _listing(), "Page": _page(), "Erreur": _ERROR}},
    }  # fmt: skip


def _json_answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}


def _refusal(description: str) -> dict[str, Any]:
    return _json_answer({"$ref": "#/components/schemas/Erreur"}) | {"description": description}


# Of every address.
_ANY_ERROR = {
    "405": _refusal("L’API se lit seulement"),
    "503": _refusal("Momentanément indisponible : Retry-After dit quand réessayer"),
    "default": _refusal("Toute autre erreur"),
}


def _results() -> dict[str, Any]:
    return {"type": "object", "properties": {"results": {"type": "array", "items": {"type": "object"}}}}


def _parameters() -> list[dict[str, Any]]:
    several = {"type": "array", "items": _STRING}
    known: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("q", "Mots", _STRING), ("secteur", "Secteur (slug)", several), ("mrc", "Code de MRC de l’adresse (hors_mrc : dans aucune)", several),
        ("municipalite", "Code de municipalité", several),
        ("forme", "Forme juridique", {"type": "array", "items": {"enum": list(Listing.LegalForm.values)}}),
        ("achat", "Catégorie d’approvisionnement", {"type": "array", "items": {"enum": [each.code for each in CATEGORIES]}}),
        ("langue", "Langue de service", {"type": "array", "items": {"enum": list(Listing.Language.values)}}),
        ("dessert", "Code de MRC desservie", several), ("pres", "Code postal ou municipalité", _STRING),
        ("rayon", "Distance en kilomètres", {"enum": list(RADII_KM)}),
        ("tri", "Ordre", {"enum": [order.value for order in Order]}),
        ("page", "Numéro de page", {"type": "integer", "minimum": 1}),
        ("par_page", "Fiches par page", {"type": "integer", "minimum": 1, "maximum": 200}),
    )  # fmt: skip
    return [
        {"name": name, "in": "query", "description": summary, "schema": schema}
        for name, summary, schema in known
    ]


def _page() -> dict[str, Any]:
    address = {"type": ["string", "null"], "format": "uri"}
    return {
        "type": "object",
        "required": ["total", "page", "pages", "next", "previous", "results"],
        "properties": {
            "total": {"type": "integer"}, "page": {"type": "integer"}, "pages": {"type": "integer"}, "next": address,
            "previous": address, "results": {"type": "array", "items": {"$ref": "#/components/schemas/Fiche"}},
        },
    }  # fmt: skip


_ADDRESS: dict[str, Any] = {"type": "object", "properties": {
    name: {"type": ["string", "null"]} for name in ("street", "municipality", "municipality_code", "mrc_code", "postal_code")}}  # fmt: skip
_POSITION: dict[str, Any] = {"type": ["object", "null"], "properties": {
    "latitude": _NUMBER, "longitude": _NUMBER, "of": {"enum": ["listing", "municipality"]}}}  # fmt: skip
_COMPUTED_SCHEMAS = {"address": _ADDRESS, "position": _POSITION}


def _schema_of(name: str) -> dict[str, Any]:
    column = Listing._meta.get_field(name)
    if isinstance(column, (ArrayField, models.ManyToManyField)):
        return _STRINGS
    if isinstance(column, models.IntegerField):
        return {"type": ["integer", "null"]}
    if isinstance(column, models.DateField):
        return {"type": ["string", "null"], "format": "date"}
    return _STRING


def _listing() -> dict[str, Any]:
    facts = {
        each.api_name: _COMPUTED_SCHEMAS.get(each.api_name) or _schema_of(each.name)
        for each in fields_in("api")
    }
    facts = {"slug": _STRING, "url": _STRING, **facts, "updated_at": _STRING}
    # Texts, lists, then the rest.
    properties = {
        name: schema
        for kinds in ((_STRING,), (_STRINGS,))
        for name, schema in facts.items()
        if schema in kinds
    }
    properties |= facts
    return {"type": "object", "required": sorted(properties), "properties": properties}
