"""Positions and outlines as mapping programs export them: read, put right, made simple, or refused in words."""

from __future__ import annotations

import json
import math
import random

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from pole.geo.boundaries import MAX_POINTS, area_of, position_in, simplified
from pole.geo.geojson import is_geojson
from pole.geo.positions import GLOBE, QUEBEC, Bounds, Doubt, bounds_of, parse_degrees, placed
from pole.geo.territory_file import TerritoryFileError, read_file
from pole.models import Hub, Municipality, MunicipalityBoundary

pytestmark = pytest.mark.django_db

FRANCE = Bounds(41, 51.5, -5.5, 9.9, is_whole=False)


def feature(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def point(longitude, latitude):
    return {"type": "Point", "coordinates": [longitude, latitude]}


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def square(west, south, size=0.1):
    return [
        [west, south],
        [west + size, south],
        [west + size, south + size],
        [west, south + size],
        [west, south],
    ]


def collection(*features) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def read(*features):
    return read_file(collection(*features))


@pytest.mark.parametrize(
    "properties",
    [
        {"code": "67050"}, {"mcode": "67050"}, {"MUS_CO_GEO": "67050", "MUS_NM_MUN": "Châteauguay"}, {"CSDUID": "2467050"},
        {"MUS_CO_GEO": 67050}, {"code": 67050.0}, {"nom": "CHATEAUGUAY"}, {"MUS_NM_MUN": "Ville de Châteauguay", "MUS_NM_MRC": "Roussillon"},
        {"id": "67050", "autre": None}, {"NOM_MUN": "Châteauguay", "superficie": 35.9, "vide": {}},
    ],
)  # fmt: skip
def test_a_town_is_known_by_its_code_or_by_its_name(properties):
    file = read(feature(point(-73.75, 45.4), **properties))
    assert (str(file.rows["67050"].latitude), str(file.rows["67050"].longitude)) == ("45.400", "-73.750")
    # Nothing else changes, and nobody vanishes.
    assert len(file.rows) == Municipality.objects.count()
    assert file.rows["67050"].name == "Châteauguay"
    assert not file.notes


@pytest.mark.parametrize(
    ("geometry", "note"),
    [
        (point(45.4, -73.75), "inversées"), (point(73.75, 45.4), "signe"), (polygon([point[::-1] for point in square(-73.8, 45.35)]), "inversées"),
    ],
)  # fmt: skip
def test_exchanged_axes_and_lost_signs_are_put_right_and_said(geometry, note):
    Municipality.objects.update(latitude=None, longitude=None)
    file = read(feature(geometry, code="67050"))
    row = file.rows["67050"]
    assert math.isclose(float(row.latitude), 45.4, abs_tol=0.051)
    assert math.isclose(float(row.longitude), -73.75, abs_tol=0.051)
    assert any(note.removesuffix("s") in text for text in file.notes), file.notes


def test_parts_of_one_town_are_one_outline_and_give_the_position_that_it_lacks():
    Municipality.objects.filter(code="67050").update(latitude=None, longitude=None)
    before = Municipality.objects.get(code="67055")
    file = read(
        feature(polygon(square(-73.8, 45.3)), code="67050"),
        feature({"type": "MultiPolygon", "coordinates": [[square(-73.6, 45.3, 0.2)]]}, code="67050"),
        feature(polygon(square(-73.9, 45.3)), code="67055"),
        feature(point(-70, 47), code="99999"),
        feature(None, code="67005"),
        feature({"type": "LineString", "coordinates": [[-73, 45], [-73.1, 45]]}, code="67010"),
    )
    assert len(file.rows["67050"].boundary) == 2
    # In its largest part.
    assert -73.6 < float(file.rows["67050"].longitude) < -73.4
    assert (file.rows["67055"].latitude, file.rows["67055"].longitude) == (before.latitude, before.longitude)
    assert "1\xa0ligne" in file.notes[0].replace("1 ligne", "1\xa0ligne")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "ne se lit pas"), (b'{"type": "FeatureCollection", "features": [', "ne se lit pas"), (b"[" * 100_000, "ne se lit pas"),
        (b'{"type": "Topology"}', "TopoJSON"), (b'{"a": 1}', "FeatureCollection"), (b"[1, 2]", "FeatureCollection"), (b"{\xff", "UTF-8"),
        (collection(), "Aucun élément"), (collection(feature(point("a", 1), code="67050")), "Aucun élément"),
        (collection(feature(point(True, 1), code="67050")), "Aucun élément"), (collection("x", None, 3), "Aucun élément"),
        (collection(feature(point(293000.5, 5030000.1), code="67050")), "WGS 84"), (collection(feature(point(-73.7, 45.4), code="1")), "Aucune ligne"),
        (collection(feature(point(2.3, 48.8), code="67050")), "pas dans la province".replace("pas dans la province", "ni dans la province")),
        (b'{"type": "FeatureCollection", "features": [{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[NaN,1e999]}}]}', "Aucun élément"),
        (b'{"type": "FeatureCollection", "features": {"a": 1}}', "FeatureCollection"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_in_words(content, why):
    with pytest.raises(TerritoryFileError) as refused:
        read_file(content)
    assert why in " ".join(refused.value.reasons)


@settings(max_examples=150, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
        | st.sampled_from(["Feature", "FeatureCollection", "Point", "Polygon", "67050"]),
        lambda inner: st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "features", "geometry", "properties", "coordinates", "code", "id"]), inner, max_size=5),
        max_leaves=25,
    )
)  # fmt: skip
@pytest.mark.usefixtures("db")
def test_whatever_json_is_read_or_refused(written):
    content = json.dumps(
        {"type": "FeatureCollection", "features": written if isinstance(written, list) else [written]}
    )
    for each in (content, json.dumps(written)):
        if is_geojson(each.encode()):
            try:
                read_file(each.encode())
            except TerritoryFileError:
                continue


def test_command_reads_it_too(tmp_path):
    path = tmp_path / "limites.geojson"
    path.write_bytes(collection(feature(polygon(square(-73.8, 45.3)), code="67050")))
    call_command("import_territory", path, "--dry-run")
    assert not MunicipalityBoundary.objects.exists()
    call_command("import_territory", path)
    assert MunicipalityBoundary.objects.get().municipality_id == "67050"
    path.write_bytes(b"{}")
    with pytest.raises(CommandError, match="GeoJSON"):
        call_command("import_territory", path)


# --- Outlines -------------------------------------------------------------------------------------


def wavy(points, rng, size=0.3):
    """A coast of many points around a middle."""
    ring = []
    for at in range(points):
        angle = at / points * 2 * math.pi
        reach = size * (1 + 0.2 * math.sin(9 * angle) + rng.uniform(-0.01, 0.01))
        ring.append([-73.5 + reach * math.cos(angle), 45.3 + reach * math.sin(angle)])
    return [*ring, ring[0]]


@pytest.mark.parametrize("points", [4, 50, 5_000, 60_000])
def test_an_outline_is_made_simple_and_keeps_its_shape(points):
    ring = wavy(points, random.Random(1))
    outline = simplified([[ring]])
    assert 3 <= sum(len(each) for rings in outline for each in rings) <= MAX_POINTS
    assert math.isclose(area_of(outline[0][0]), area_of(ring), rel_tol=0.08)
    latitude, longitude = position_in(outline)
    assert math.dist((latitude, longitude), (45.3, -73.5)) < 0.2


def test_islets_go_and_holes_stay():
    outline = simplified([[square(-73, 45, 1), square(-72.7, 45.3, 0.3)], [square(-75, 45, 0.01)]])
    assert [len(rings) for rings in outline] == [2]
    assert simplified([]) == []
    assert simplified([[[[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]]]) == []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.floats(-79, -58), st.floats(45, 62)).map(list), max_size=30), max_size=4)
)
@pytest.mark.usefixtures("db")
def test_any_outline_is_made_simple(rings):
    outline = simplified([[ring] for ring in rings])
    assert sum(len(ring) for polygon in outline for ring in polygon) <= MAX_POINTS
    if found := position_in(outline):
        assert QUEBEC.contains(*found)


def test_position_is_inside_a_crescent():
    crescent = [
        [0.0, 0.0],
        [4.0, 0.0],
        [4.0, 4.0],
        [0.0, 4.0],
        [0.0, 3.0],
        [3.0, 3.0],
        [3.0, 1.0],
        [0.0, 1.0],
    ]
    latitude, longitude = position_in([[crescent]])
    assert longitude > 3 or latitude < 1 or latitude > 3


# --- Positions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("45,313", 45.313), ("-73.873", -73.873), ("−73,873", -73.873), ("45.313°", 45.313), ("73.873 O", -73.873), ("73.873° W", -73.873),
        ("45° 18′ 47″ N", 45.3131), ("73°52'23\" O", -73.8731), ("45°30'", 45.5), ("N 45.5", 45.5), ("", None), ("abc", None), ("NaN", None),
        ("inf", None), ("200", None), ("1e1", None), ("45 18 47", None), ("--45", None),
    ],
)  # fmt: skip
def test_degrees_are_read_as_people_write_them(text, degrees):
    found = parse_degrees(text)
    assert found == degrees if degrees is None else math.isclose(found, degrees, abs_tol=0.001)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20) | st.text(alphabet="0123456789.,-+°'\"NSEWO eE", max_size=14))
@pytest.mark.usefixtures("db")
def test_whatever_is_written_is_degrees_or_nothing(text):
    found = parse_degrees(text)
    assert found is None or -180 <= found <= 180


@settings(max_examples=300, deadline=None)
@given(
    latitude=st.floats(44.01, 56.9),
    longitude=st.floats(-79.9, -57.1),
    change=st.sampled_from(["", "exchanged", "sign", "both"]),
)
@pytest.mark.usefixtures("db")
def test_a_position_of_quebec_is_found_whatever_was_done_to_it(latitude, longitude, change):
    written = {
        "": (latitude, longitude), "exchanged": (longitude, latitude), "sign": (latitude, -longitude), "both": (-longitude, latitude),
    }[change]  # fmt: skip
    found = placed(*written, QUEBEC)
    assert found[:2] == (latitude, longitude)
    assert found[2] == {"": Doubt.NONE, "exchanged": Doubt.EXCHANGED}.get(change, Doubt.SIGN)


@pytest.mark.parametrize(
    ("country", "province", "bounds"),
    [
        ("CA", "Québec", QUEBEC),
        ("CA", "quebec", QUEBEC),
        ("CA", "Ontario", Bounds(41, 84, -142, -52)),
        ("FR", "", FRANCE),
        ("ZZ", "", GLOBE),
    ],
)
def test_bounds_are_those_of_the_hub(country, province, bounds):
    assert bounds_of(Hub(country=country, province=province)) == bounds
    assert bounds_of(None) == QUEBEC


def test_overseas_departments_are_in_france_too():
    assert placed(16.2, -61.5, FRANCE) == (16.2, -61.5, Doubt.NONE)
    assert placed(3.08, 45.77, FRANCE) == (45.77, 3.08, Doubt.EXCHANGED)


def test_positions_of_a_list_are_put_right_too():
    lines = [
        "code,nom,mrc,latitude,longitude",
        "67050,Châteauguay,Roussillon,-73.75,45.4",
        "67055,Léry,Roussillon,45.3,73.8",
        "67045,Mercier,Roussillon,2,48",
    ]
    file = read_file("\n".join(lines).encode())
    assert [str(file.rows[code].longitude) for code in ("67050", "67055", "67045")] == [
        "-73.750",
        "-73.800",
        "None",
    ]
    assert len(file.notes) == 3


def test_positions_by_name_alone():
    file = read_file(
        "nom;lat;lon\nVille de Châteauguay;45,4;-73,75\nHemmingford;45;-73\nNulle part;45;-73\n".encode()
    )
    assert str(file.rows["67050"].latitude) == "45.400"
    assert "2" in file.notes[0]
