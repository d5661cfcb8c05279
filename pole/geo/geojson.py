"""Positions and outlines of municipalities out of a GeoJSON file: its points, polygons and multipolygons."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from pole.geo.positions import GLOBE, Bounds, Doubt, placed
from pole.geo.territory_rows import Boundary, TerritoryFileError
from pole.text.plaintext import clean_line

MAX_FEATURES = 20_000
MAX_PROPERTY_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature: its properties as text; a position, or an outline."""

    properties: dict[str, str]
    latitude: float | None
    longitude: float | None
    boundary: Boundary
    doubt: Doubt


def is_geojson(content: bytes) -> bool:
    return content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] in {b"{", b"["}


def read_features(content: bytes, bounds: Bounds) -> list[Feature]:
    """The features that have a place and are where they can be, or OUTSIDE. Raises `TerritoryFileError`."""
    features = []
    for written in _written_features(_parse(content)):
        geometry, properties = written.get("geometry"), written.get("properties")
        if not isinstance(geometry, Mapping) or not isinstance(properties, Mapping | None):
            continue
        texts = {str(name): _as_text(value) for name, value in (properties or {}).items()}
        if (identifier := _as_text(written.get("id"))) and not texts.get("id"):
            texts["id"] = identifier
        if feature := _feature(texts, geometry, bounds):
            features.append(feature)
    if not features:
        raise TerritoryFileError(
            _(
                "No feature of this GeoJSON file is a point or a polygon: export the towns, or their boundaries."
            )
        )
    return features


def _parse(content: bytes) -> Any:
    encoding = json.detect_encoding(content)
    try:
        return json.loads(content.decode(encoding))
    except UnicodeDecodeError:
        reason = _("it is not in UTF-8")
    except json.JSONDecodeError as error:
        reason = _("line %(line)d, character %(column)d") % {"line": error.lineno, "column": error.colno}
    except (RecursionError, ValueError):
        reason = _("it holds too many lists within lists")
    raise TerritoryFileError(
        _("This GeoJSON file can’t be read (%(reason)s). It may have been cut: export it again.")
        % {"reason": reason}
    )


def _written_features(written: Any) -> Iterator[Mapping[str, Any]]:
    kind = written.get("type") if isinstance(written, Mapping) else None
    if kind == "Topology":
        raise TerritoryFileError(_("This file is TopoJSON: export it as GeoJSON."))
    features = (
        written.get("features") if kind == "FeatureCollection" else [written] if kind == "Feature" else None
    )
    if not isinstance(features, list):
        raise TerritoryFileError(
            _("This JSON file is not GeoJSON: it has to be a “FeatureCollection”, a list of places.")
        )
    if len(features) > MAX_FEATURES:
        raise TerritoryFileError(
            _("This file has more than %(most)d features: keep those of your territory.")
            % {"most": MAX_FEATURES}
        )
    yield from (feature for feature in features if isinstance(feature, Mapping))


def _as_text(value: Any) -> str:
    """A property as a cell: 67050.0 of a column of numbers is 67050."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_line(str(value)[:MAX_PROPERTY_LENGTH])


def _feature(properties: dict[str, str], geometry: Mapping[str, Any], bounds: Bounds) -> Feature | None:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point":
        point = _point(coordinates)
        if point is None:
            return None
        latitude, longitude, doubt = placed(point[1], point[0], bounds)
        return Feature(properties, latitude, longitude, [], doubt)
    polygons = [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else None
    if not isinstance(polygons, list):
        return None
    boundary, doubt = [], Doubt.NONE
    for rings in polygons:
        outline = []
        for ring in rings if isinstance(rings, list) else []:
            points = [_point(point) for point in ring] if isinstance(ring, list) else []
            moved = [placed(point[1], point[0], bounds) for point in points if point]
            outline.append([[longitude, latitude] for latitude, longitude, _doubt in moved])
            doubt = _worst(doubt, moved)
        if outline and len(outline[0]) > 2:
            boundary.append([ring for ring in outline if len(ring) > 2])
    return Feature(properties, None, None, boundary, doubt) if boundary else None


def _worst(doubt: Doubt, moved: list[tuple[float, float, Doubt]]) -> Doubt:
    """That of most points: a bay may pass a border."""
    outside = sum(each == Doubt.OUTSIDE for _latitude, _longitude, each in moved)
    if outside * 2 > len(moved):
        return Doubt.OUTSIDE
    return next(
        (each for _latitude, _longitude, each in moved if each not in {Doubt.NONE, Doubt.OUTSIDE}), doubt
    )


def _point(value: Any) -> tuple[float, float] | None:
    """(x, y); None when it is no point. Raises `TerritoryFileError` for metres."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    numbers = [each for each in value[:2] if isinstance(each, int | float) and not isinstance(each, bool)]
    try:
        x, y = map(float, numbers)
    except (ValueError, OverflowError):
        return None
    if not (math.isfinite(x) and math.isfinite(y)):
        return None
    if not GLOBE.contains(y, x) and not GLOBE.contains(x, y):
        raise TerritoryFileError(
            _("This file has no latitudes and longitudes, but metres: export it again in WGS 84 (EPSG:4326).")
        )
    return x, y
