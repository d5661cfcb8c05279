"""Galleries of the editor: many pictures at once, their order, their words, and what visitors see of them."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import expect

from blog.models import Post
from desk.models import Picture
from desk.pictures import store_picture
from pole.files.images import reencode
from tests.browser.soon import soon
from tests.browser.test_accessibility import faults_of
from tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
COLOURS = ("green", "red", "blue")


def photo(colour, size=(900, 600)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


NO_PICTURE = {"name": "faux.jpg", "mimeType": "image/jpeg", "buffer": b"rien"}


@pytest.fixture
def desk(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/billets/{PostFactory(body='<p>Avant.</p>', published_at=None).pk}/")
    expect(page.locator(".prose-menubar").first).to_be_visible()
    return page


def add(page, *files):
    page.locator(".tiptap").first.focus()
    page.get_by_role("button", name="Galerie de photos").first.click()
    page.locator("dialog input[type=file]").set_input_files(list(files))


def describe(page, words, caption=""):
    field = page.get_by_label("Ce que montre l’image, pour les personnes")
    expect(field).to_have_value("")
    field.fill(words)
    page.get_by_label("Légende sous l’image").fill(caption)
    page.get_by_role("button", name="C’est fait").click()


def await_order(page, described):
    pictures = page.locator(".tiptap .figure--gallery img")
    soon(page, lambda: pictures.evaluate_all("all => all.map(({ alt }) => alt)"), described)


def filled(page):
    add(page, photo("green"), NO_PICTURE, photo("red"), photo("blue"))
    describe(page, "Vert", "Le vert")
    describe(page, "Rouge")
    describe(page, "Bleu", "Le bleu")
    expect(page.locator(".tiptap .figure--gallery > figure")).to_have_count(3)
    await_order(page, ["Vert", "Rouge", "Bleu"])


def test_gallery_is_filled_at_once_ordered_by_keyboard_and_read(desk, open_page):
    filled(desk)
    # One that is refused says so, and stops none of the others.
    expect(desk.locator("[data-writing-alert]")).to_contain_text("faux.jpg – ")
    desk.locator(".tiptap img[alt=Vert]").click()
    earlier, later = (desk.get_by_role("button", name=f"{way} l’image dans la galerie") for way in ("Avancer", "Reculer"))  # fmt: skip
    expect(earlier).to_contain_class("disabled")
    for _ in range(2):
        later.focus()
        desk.keyboard.press("Enter")
    await_order(desk, ["Rouge", "Bleu", "Vert"])
    expect(later).to_contain_class("disabled")
    earlier.focus()
    desk.keyboard.press("Enter")
    await_order(desk, ["Rouge", "Vert", "Bleu"])
    # Elsewhere than the click before, for two at one place are a double click.
    desk.locator(".tiptap img[alt=Rouge]").click(position={"x": 8, "y": 8})
    desk.get_by_role("button", name="Retirer l’image de la galerie").click()
    await_order(desk, ["Vert", "Bleu"])
    desk.get_by_role("button", name="Publier", exact=True).click()
    expect(desk.get_by_text("Publié", exact=True).first).to_be_visible()
    post = Post.objects.get()
    body = post.body
    assert body.count("<figure") == 3
    assert body.index("Le vert</figcaption>") < body.index("Le bleu</figcaption>")
    page = open_page()
    assert faults_of(page, [post.get_absolute_url()]) == []
    page.goto(post.get_absolute_url())
    links = page.locator(".figure--gallery a")
    assert links.evaluate_all("all => all.map((each) => each.getAttribute('href'))") == [
        Picture.objects.get(pk=key).file.url
        for key in page.locator(".figure--gallery img").evaluate_all("all => all.map(({ dataset }) => dataset.picture)")
    ]  # fmt: skip


def test_picture_of_a_gallery_is_dragged_with_its_caption(desk):
    filled(desk)
    desk.locator(".tiptap img[alt=Vert]").drag_to(desk.locator(".tiptap img[alt=Bleu]"))
    await_order(desk, ["Rouge", "Bleu", "Vert"])
    figures = desk.locator(".tiptap .figure--gallery > figure")
    expect(figures).to_have_text(["", "Le bleu", "Le vert"])
    # Undone as one step.
    desk.keyboard.press("Control+z")
    await_order(desk, ["Vert", "Rouge", "Bleu"])


def test_what_is_added_where_a_gallery_is_goes_to_it(desk):
    filled(desk)
    desk.locator(".tiptap img[alt=Rouge]").click()
    add(desk, photo("yellow"))
    describe(desk, "Jaune")
    await_order(desk, ["Vert", "Rouge", "Jaune", "Bleu"])
    expect(desk.locator(".tiptap .figure--gallery")).to_have_count(1)


def test_point_of_a_picture_is_clicked_or_typed(open_page, sign_in):
    picture = store_picture(
        reencode(SimpleUploadedFile("a.jpg", photo("green")["buffer"])), description="Un verger", by=None
    )
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/images/{picture.pk}/")
    shown = page.locator("[data-focus]")
    box = shown.bounding_box()
    shown.click(position={"x": box["width"] * 0.2, "y": box["height"] * 0.9})
    across, down = page.locator("[name=focus_x]"), page.locator("[name=focus_y]")
    expect(across).to_have_value(re.compile("^(19|20|21)$"))
    expect(down).to_have_value(re.compile("^(89|90|91)$"))
    across.fill("75")
    expect(page.locator(".focus__cut").first).to_have_attribute("style", re.compile("object-position: 75% "))
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("L’image est à jour").first).to_be_visible()
    picture.refresh_from_db()
    assert (picture.focus_x, abs(picture.focus_y - 90) <= 1) == (75, True)
