"""The point of a picture that stays in sight where it is cut."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from desk.models import Picture
from desk.pictures import picture_markup, store_picture
from pole.files.images import SHARED_SIZE_PX, reencode, shared_size
from pole.text import richtext
from pole.text.focus import Focus
from tests.factories import PostFactory

tenths = st.integers(0, 10)
sides = st.integers(1, 6_000)


@given(st.tuples(sides, sides), st.builds(Focus, tenths, tenths))
def test_cut_is_within_the_picture_and_as_near_the_point_as_it_may_be(size, focus):
    left, top, right, bottom = focus.box(size, SHARED_SIZE_PX)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    # Along one of its sides, whole; the point is in it, or on its edge.
    assert (right - left, bottom - top)[0] == size[0] or bottom - top == size[1]
    assert left - 1 <= size[0] * focus.x / 10 <= right + 1
    assert top - 1 <= size[1] * focus.y / 10 <= bottom + 1
    made = shared_size(size)
    assert made[0] <= min(size[0], SHARED_SIZE_PX[0])
    assert made[1] <= size[1]


@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_every_point_has_a_class_that_the_stylesheet_knows_and_that_prose_keeps(x, y):
    focus = Focus.nearest(x, y)
    if focus.is_default:
        return
    styles = Path(project.BASE_DIR, "static/css/components.css").read_text()
    for name, tenth in zip(focus.classes.split(), (focus.x, focus.y), strict=True):
        rule = f".{name} {{ --{name[:7]}: {10 * tenth}%; }}"
        assert rule in styles or tenth == 5
    markup = f'<img src="/a.webp" alt="A" class="{focus.classes}">'
    assert f'class="{focus.classes}"' in richtext.sanitise(markup)


@given(st.text(alphabet='focus-xy0123456789 abc"<>', max_size=40))
def test_prose_has_no_other_class_on_a_picture(written):
    kept = re.search(r'class="([^"]*)"', richtext.sanitise(f"<img src='/a.webp' alt='A' class='{written}'>"))
    assert kept is None or re.fullmatch(r"focus-x-\d+ focus-y-\d+", kept[1])


@pytest.fixture
def picture(db):
    """Red on the left, blue on the right; twice as wide as networks show."""
    image = Image.new("RGB", (1600, 420), "red")
    image.paste("blue", (800, 0, 1600, 420))
    content = io.BytesIO()
    image.save(content, "PNG")
    return store_picture(
        reencode(SimpleUploadedFile("a.png", content.getvalue())), description="Deux moitiés", by=None
    )


@pytest.mark.parametrize(("x", "colour"), [(0, "red"), (100, "blue"), (97, "blue")])
def test_page_is_shared_by_the_part_that_matters(client, picture, x, colour):
    Picture.objects.update(focus_x=x, focus_y=100)
    PostFactory(slug="t", lead_picture=picture)
    page = client.get("/billets/t/").text
    address = re.search(r'og:image" content="[^"]*?(/media/[^"]+)"', page)[1]
    shown = Image.open(io.BytesIO(client.get(address).content))
    assert re.findall(r'og:image:(?:width|height)" content="(\d+)"', page) == [
        str(side) for side in shown.size
    ]
    red, _green, blue = shown.getpixel((shown.width // 2, 5))
    assert (red > 200, blue > 200) == (colour == "red", colour == "blue")
    assert f"focus-x-{round(x / 10)} focus-y-10" in page


@pytest.mark.parametrize("tail", ["-x11y0", "-x5", "-x05y5", "-x-1y0", "-x5y", "-x٣y٣"])
def test_address_of_no_cut_is_not_found(client, picture, tail):
    assert client.get(picture.jpeg_url.replace(".jpg", f"{tail}.jpg")).status_code == 404


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"focus_x": "12", "focus_y": "88"}, (12, 88)),
        ({"focus_x": "", "focus_y": ""}, (50, 50)),
        ({}, (30, 40)),
        ({"focus_x": "101", "focus_y": "5"}, None),
        ({"focus_x": "-1", "focus_y": "5"}, None),
        ({"focus_x": "a", "focus_y": "5"}, None),
    ],
)
def test_point_is_typed_emptied_or_left(staff_client, picture, typed, kept):
    Picture.objects.update(focus_x=30, focus_y=40)
    answer = staff_client.post(
        reverse("staff:picture_edit", args=[picture.pk]), {"description": "Deux moitiés", **typed}
    )
    picture.refresh_from_db()
    assert (picture.focus_x, picture.focus_y) == (kept or (30, 40))
    assert answer.status_code in ({302} if kept else {200, 422})


def test_picture_of_a_text_has_the_point_of_the_library(picture):
    picture.focus_x, picture.focus_y = 0, 70
    assert 'class="focus-x-0 focus-y-7"' in picture_markup(picture, "Deux moitiés")
