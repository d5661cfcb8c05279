"""What the map draws: discs that touch no other, names that touch nothing, colours with their letters, outlines to scale."""

from __future__ import annotations

import itertools
import json
import math
import random
import re

import pytest
from django.urls import reverse

from enterprises.search import discs, map_labels
from enterprises.search.land import WIDTH, Frame
from enterprises.search.sector_keys import LETTERS, keys_of
from pole.models import Hub, Municipality, MunicipalityBoundary
from tests.enterprises.maps import counts_of_discs
from tests.factories import ListingFactory, SectorFactory


@pytest.mark.parametrize("seed", range(30))
def test_discs_never_touch_nor_leave_the_map(seed):
    rng = random.Random(seed)
    size = (270.0, rng.choice([150.0, 230.0, 400.0]))
    places = {
        f"{at}": (rng.uniform(0, size[0]), rng.uniform(0, size[1]))
        for at in range(rng.choice([1, 3, 70, 400]))
    }
    counts = {code: rng.choice([1, 1, 2, 9, 40, 12_345]) for code in places}
    drawn = discs.apart(places, counts, size)
    assert sum(disc.count for disc in drawn) == sum(counts.values())
    assert sorted(code for disc in drawn for code in disc.codes) == sorted(places)
    for one, other in itertools.combinations(drawn, 2):
        assert math.dist((one.x, one.y), (other.x, other.y)) >= one.radius + other.radius + discs.GAP - 1e-6
    for disc in drawn:
        assert disc.radius - 1e-6 <= disc.x <= size[0] - disc.radius + 1e-6
        assert disc.radius - 1e-6 <= disc.y <= size[1] - disc.radius + 1e-6
        # Its figure, at the size of the sheet: some 8 pixels a digit.
        assert 8 * len(str(disc.count)) <= 2 * disc.radius


@pytest.mark.parametrize("seed", range(30))
def test_names_touch_no_disc_and_no_other_name_nor_leave_the_map(seed):
    rng = random.Random(seed)
    size = (270.0, 230.0)
    places = {f"{at}": (rng.uniform(0, size[0]), rng.uniform(0, size[1])) for at in range(30)}
    drawn = discs.apart(places, dict.fromkeys(places, 3), size)
    named = [(rng.choice(["Roussillon", "Les Jardins-de-Napierville"]), [places[f"{at}"]]) for at in range(8)]
    boxes = []
    for label in map_labels.labels_between(drawn, named, size):
        x, y = float(label.x[:-1]) * size[0] / 100, float(label.y[:-1]) * size[1] / 100
        half = len(label.text) * map_labels.LETTER_PX / 2
        boxes.append((x - half, y - 9, x + half, y + 9))
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= size[0]
        assert bottom <= size[1]
        for disc in drawn:
            nearest = (min(max(disc.x, left), right), min(max(disc.y, top), bottom))
            assert math.dist(nearest, (disc.x, disc.y)) >= disc.radius - 1
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_land_is_drawn_as_tiles_are():
    """Mercator: a degree of latitude is longer in the north, and as long as one of longitude where both are measured."""
    frame = Frame(45.0, -75.0, 47.0, -73.0)
    south, north = frame.point(45.5, -74)[1], frame.point(46.5, -74)[1]
    assert frame.point(45, -75) == pytest.approx((0, frame.height))
    assert frame.point(47, -73) == pytest.approx((WIDTH, 0))
    assert frame.height - south < south - north + (north - 0)
    tile = math.asinh(math.tan(math.radians(46.5))) - math.asinh(math.tan(math.radians(45.5)))
    assert (south - north) / WIDTH == pytest.approx(tile / math.radians(2))


@pytest.fixture
def sectors(db):
    return [SectorFactory(slug=f"s{at}", name=f"Secteur {at}") for at in range(8)]


def list_in(town, *sectors_of_each):
    for sectors in sectors_of_each:
        ListingFactory(municipality=Municipality.objects.get(code=town), sectors=sectors)


def block(page):
    return json.loads(
        re.findall(r'<script type="application/json" id="donnees-carte">(.*?)</script>', page)[0]
    )


@pytest.mark.django_db
def test_a_disc_has_the_letter_of_the_sector_that_comes_first_there(client, sectors):
    first, second, *_rest, last = sectors
    list_in("67045", [first], [first], [first, second])
    list_in("69055", [second], [second])
    for at in range(2, 7):
        list_in("67045", [sectors[at]])
    list_in("70052", [last])
    page = client.get("/repertoire/carte/").content.decode()
    legend = re.findall(r'region-keys__mark" aria-hidden="true">(\w)</span><span>([^<]+)<', page)
    assert [letter for letter, _name in legend] == list(LETTERS)
    assert dict(legend)["A"] == "Secteur 0"
    assert dict(legend)["B"] == "Secteur 1"
    discs_drawn = dict(
        re.findall(
            r'region__cluster( sector-key--\w)?" href="\.\./\?municipalite=(\d+)"',
            page.split("region__over--wide")[1],
        )
    )
    assert {town: key for key, town in discs_drawn.items()}["69055"] == " sector-key--b"
    assert re.search(r'region__cluster" href="\.\./\?municipalite=70052"', page), (
        "a sector that the legend leaves out has no letter"
    )


@pytest.mark.django_db
def test_sectors_are_counted_among_what_the_filters_find(client, sectors, now_known):
    first, second = sectors[:2]
    list_in("67045", [first], [first], [second])
    page = client.get("/repertoire/carte/?secteur=s1").content.decode()
    (town,) = block(page)["towns"]
    assert town[4] == 1
    names = [block(page)["sectors"][at][1] for at, _count in town[5]]
    assert names == ["Secteur 1"]


@pytest.mark.django_db
def test_index_and_database_count_the_same_pairs(sectors, now_known):
    from dataclasses import replace

    from enterprises.search.query import Search, count_sectors_by_town

    rng = random.Random(3)
    for _at in range(30):
        list_in(rng.choice(["67045", "69055", "70052"]), rng.sample(sectors, rng.choice([1, 2, 3])))
    snapshot = now_known()
    in_memory_only, in_database = snapshot, replace(snapshot, state=None)
    for search in (Search(), Search(sectors=frozenset([sectors[0].pk])), Search(municipalities=frozenset(["67045"])),
                   Search(words=("secteur",), typed="secteur"), Search(words=(), typed="%")):  # fmt: skip
        counted = count_sectors_by_town(search, in_memory_only, language="fr")
        assert counted == count_sectors_by_town(search, in_database, language="fr")
    assert (
        sum(sum(each.values()) for each in count_sectors_by_town(Search(), snapshot, language="fr").values())
        >= 30
    )


@pytest.mark.django_db
def test_data_of_the_script_holds_what_is_drawn_and_nothing_escapes(client, sectors):
    Municipality.objects.filter(code="67045").update(name="</script><b>&")
    list_in("67045", [sectors[0]], [sectors[0]])
    page = client.get("/repertoire/carte/?zone=67&q=secteur&langue=klingon").content.decode()
    assert "</script><b>" not in page
    data = block(page)
    assert [(town[0], town[4]) for town in data["towns"]] == [("67045", 2)]
    assert data["towns"][0][1] == "</script><b>&"
    # What the page dropped would be refused by the data that the panel asks for.
    assert (
        client.get(f"{data['listings']}?{data['filters']}&municipalite=67045&par_page=50").json()["total"]
        == 2
    )
    assert sum(counts_of_discs(page, "narrow")) == 2


@pytest.mark.django_db
def test_keys_of_nothing(now_known):
    keys = keys_of({}, now_known())
    assert (keys.keys, keys.letter_of(["67045"])) == ([], "")


def ragged(west, south, size, points):
    """An outline of so many points, none of which a line would do without."""
    rng = random.Random(f"{west}{south}")
    middle = (west + size / 2, south + size / 2)
    turn = [2 * math.pi * at / points for at in range(points)]
    reach = [size / 2 * rng.uniform(0.6, 1) for _at in turn]
    return [
        [round(middle[0] + far * math.cos(at), 4), round(middle[1] + far * math.sin(at), 4)]
        for at, far in zip(turn, reach, strict=True)
    ]


@pytest.mark.django_db
def test_real_outlines_are_drawn_whole_and_light(client, sectors):
    import brotli

    list_in("67045", [sectors[0]])
    for row in Municipality.objects.filter(is_in_territory=True):
        ring = ragged(float(row.longitude) - 0.06, float(row.latitude) - 0.05, 0.12, 160)
        MunicipalityBoundary.objects.create(municipality=row, polygons=[[ring]])
    page = client.get("/repertoire/carte/").content.decode()
    assert page.count("region__cell ") == Municipality.objects.filter(is_in_territory=True).count()
    # The most that seventy outlines may weigh, each as ragged as it can be kept.
    assert len(brotli.compress(page.encode(), quality=5)) < 45_000


# --- Tiles --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_policy_lets_in_one_host_on_the_map_alone(client):
    ListingFactory()
    before = client.get("/repertoire/carte/").headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in before
    assert "data-tiles" not in client.get("/repertoire/carte/").content.decode()
    Hub.objects.update_or_create(
        pk=1, defaults={"tile_host": "tuiles.example.org", "tile_credit": "© <b>Cartes</b>"}
    )
    page = client.get("/repertoire/carte/")
    assert page.headers["Content-Security-Policy"] == before.replace(
        "img-src 'self' data:", "img-src 'self' data: https://tuiles.example.org"
    )
    assert 'data-tiles="tuiles.example.org"' in page.content.decode()
    assert "© &lt;b&gt;Cartes&lt;/b&gt;" in page.content.decode()
    for other in ("/", "/repertoire/", "/repertoire/portrait/"):
        assert "tuiles.example.org" not in client.get(other).headers["Content-Security-Policy"]
    # Kept, then shown again.
    assert (
        client.get("/repertoire/carte/").headers["Content-Security-Policy"]
        == page.headers["Content-Security-Policy"]
    )


@pytest.mark.django_db
def test_staff_set_and_take_away_the_server(staff_client, client):
    ListingFactory()
    form = staff_client.get(reverse("staff:hub")).context["form"]
    sent = {name: value for name in form.fields if (value := form[name].value()) not in (None, False)} | {
        "name": "Pôle",
        "short_name": "Pôle",
        "tagline": ".",
    }
    refused = staff_client.post(reverse("staff:hub"), sent | {"tile_host": "https://Tuiles.Example.org/"})
    assert not Hub.objects.exclude(tile_host="").exists()
    assert "Indiquez la mention" in refused.content.decode()
    sent |= {"tile_host": "https://Tuiles.Example.org/", "tile_credit": "© Cartes"}
    assert staff_client.post(reverse("staff:hub"), sent).status_code == 302
    assert "https://tuiles.example.org" in client.get("/repertoire/carte/").headers["Content-Security-Policy"]
    sent["version"] = staff_client.get(reverse("staff:hub")).context["form"]["version"].value()
    assert (
        staff_client.post(reverse("staff:hub"), sent | {"tile_host": "", "tile_credit": ""}).status_code
        == 302
    )
    assert "https:" not in client.get("/repertoire/carte/").headers["Content-Security-Policy"]
