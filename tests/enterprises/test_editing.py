from __future__ import annotations

import io
import re
import threading
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from enterprises.forms.listing import ListingForm
from enterprises.models import Listing, ListingRole
from tests.conftest import signed_in
from tests.factories import ListingFactory, SectorFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "/repertoire/le-rayon-libre/modifier/"
PREVIEW = f"{URL}apercu/"


def typed(listing: Listing, **changes) -> dict:
    """What the browser sends back for a listing, with some fields changed."""
    data = {
        "version": listing.version, "mission": listing.mission, "mission_en": "", "description": listing.description,
        "description_en": "", "products": "\n".join(listing.products), "products_en": "", "founded": "", "workforce": "",
        "street": "", "municipality": listing.municipality_id, "postal_code": "", "territory": [], "phone": "",
        "email": listing.email, "website": "", "opening_hours": "", "opening_hours_en": "", "languages": [],
    }  # fmt: skip
    return data | changes


def errors(response) -> dict[str, str]:
    return {name: " ".join(found) for name, found in response.context["form"].errors.items()}


def png(size=(40, 30), **save) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, "PNG", **save)
    return SimpleUploadedFile("../../logo.png", content.getvalue(), content_type="image/png")


class _Dangers(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        if any(name.startswith("on") for name in names) or (
            # Data for machines is not run; what would break out of it is a tag of its own here.
            tag == "script"
            and not names.keys() & {"src", "nonce"}
            and names.get("type") != "application/ld+json"
        ):
            self.found.append((tag, attributes))


def dangers(page):
    """Tags that would run something, as a browser reads the page."""
    parser = _Dangers()
    parser.feed(page)
    return parser.found


# --- Who ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["published", "draft", "archived"])
@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("owner", {"published", "draft"}), ("editor", {"published", "draft"}), ("staff", {"published", "draft", "archived"}),
        ("staff without second factor", set()), ("owner of another", set()), ("citizen", set()),
    ],
)  # fmt: skip
def test_who_may_edit(listing, state, role, allowed):
    Listing.objects.filter(pk=listing.pk).update(state=state)
    person = UserFactory(is_staff="staff" in role)
    if role in {"owner", "editor"}:
        ListingRole.objects.create(listing=listing, user=person, role=role)
    if role == "owner of another":
        ListingRole.objects.create(listing=ListingFactory(), user=person)
    client = signed_in(person, second_factor=role == "staff")
    expected = 200 if state in allowed else 404
    assert client.get(URL).status_code == expected
    identity = {"name": "Le Rayon libre", "legal_form": "npo", "sectors": [SectorFactory().pk]}
    response = client.post(URL, typed(listing, mission="Changée.", **identity))
    assert response.status_code == (302 if state in allowed else 404)
    assert client.post(PREVIEW, typed(listing)).status_code == expected
    listing.refresh_from_db()
    assert listing.mission == ("Changée." if state in allowed else "Réparer des vélos.")


def test_visitors_sign_in_first(client, listing):
    for response in (client.get(URL), client.post(URL, typed(listing)), client.post(PREVIEW, typed(listing))):
        assert response.status_code == 302
        assert response["Location"].startswith("/compte/connexion/")


# --- What -----------------------------------------------------------------------------------------


def test_owner_changes_every_public_field(owner_client, listing):
    changes = {
        "mission": "Rouler.", "mission_en": "Ride.", "description": "<p>Un <strong>lieu</strong> : ouvert.</p>",
        "description_en": "<p>A place.</p>", "products": "réparation\n\n  location  \nréparation", "products_en": "repair",
        "founded": "1999", "workforce": "5-9", "street": "12, rue Haute", "municipality": "58227", "postal_code": "j4h5y0",
        "territory": ["67", "58"], "phone": "450 555-0123, poste 25", "email": "nous@exemple.example",
        "website": "Exemple.Example/nous", "opening_hours": "Lundi", "opening_hours_en": "Monday", "languages": ["fr", "fcs"],
    }  # fmt: skip
    response = owner_client.post(URL, typed(listing, **changes), follow=True)
    assert response.redirect_chain == [("/repertoire/le-rayon-libre/", 302)]
    assert "La fiche est à jour." in response.content.decode()
    listing.refresh_from_db()
    stored = {name: getattr(listing, name) for name in changes if name not in {"municipality", "territory"}}
    assert stored == {
        **{name: value for name, value in changes.items() if name in stored},
        "description": "<p>Un <strong>lieu</strong>\xa0: ouvert.</p>", "products": ["réparation", "location"],
        "products_en": ["repair"], "founded": 1999, "postal_code": "J4H 5Y0", "phone": "+14505550123",
        "website": "https://exemple.example/nous",
    }  # fmt: skip
    assert listing.phone_extension == "25"
    assert listing.municipality_id == "58227"
    assert sorted(listing.territory.values_list("pk", flat=True)) == ["58", "67"]
    assert (listing.version, listing.verified_on) == (2, None)


def test_extra_fields_are_ignored(owner_client, listing):
    other = SectorFactory()
    forged = {
        "name": "Piraté", "slug": "pirate", "state": "archived", "neq": "1190000001", "legal_form": "mutual",
        "sectors": [other.pk], "verified_on": "2030-01-01", "sector_ids": [other.pk], "document": "x", "id": "999",
        "other_names": "Piraté", "latitude": "1", "longitude": "1", "created_at": "2000-01-01", "phone_extension": "9",
    }  # fmt: skip
    before = Listing.objects.filter(pk=listing.pk).values(*(set(forged) - {"sectors", "document"})).get()
    assert owner_client.post(URL, typed(listing, **forged)).status_code == 302
    assert Listing.objects.filter(pk=listing.pk).values(*before).get() == before
    assert list(listing.sectors.all()) == []


def test_owner_reads_the_identity_and_why_it_is_not_here(owner_client, listing):
    page = owner_client.get(URL).content.decode()
    assert "L’équipe vérifie le nom, la forme juridique" in page
    assert 'name="neq"' not in page


def test_exact_today_dates_the_verification(owner_client, listing):
    Listing.objects.filter(pk=listing.pk).update(verified_on=timezone.localdate() - timedelta(days=400))
    owner_client.post(URL, typed(listing, is_exact="on"))
    listing.refresh_from_db()
    assert listing.verified_on == timezone.localdate()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("mission", "", "Remplissez le champ «\u00a0Mission en une phrase\u00a0»"),
        ("mission", "m" * 241, "240"),
        ("postal_code", "G8Y5GY", "6"),
        ("postal_code", "12345", "J0S 1Y0"),
        ("phone", "555", "indicatif"),
        ("phone", "appelez-moi", "a"),
        ("website", "javascript:alert(1)", "https://"),
        ("website", "nous@exemple.example", "courriel"),
        ("email", "pas une adresse", "courriel"),
        ("founded", "1066", "année"),
        ("founded", "bientôt", "nombre"),
        ("municipality", "00000", "choix"),
        ("territory", ["99"], "choix"),
        ("languages", ["tlh"], "choix"),
        ("workforce", "mille", "choix"),
        ("products", "\n".join(str(number) for number in range(41)), "40"),
        ("products", "p" * 81, "80"),
        ("description", "<p>" + "x" * 1_000_000 + "</p>", ""),
    ],
)
def test_errors_are_beside_their_field_and_keep_what_was_typed(owner_client, listing, field, value, message):
    response = owner_client.post(URL, typed(listing, **{field: value, "opening_hours": "Tapé avec soin"}))
    assert response.status_code == 200
    found = errors(response)
    assert list(found) == [field]
    assert message in found[field]
    page = response.content.decode()
    assert f'id="id_{field}_error"' in page
    assert "Tapé avec soin" in page
    if isinstance(value, str) and 0 < len(value) < 300 and "\n" not in value:
        assert response.context["form"][field].value() == value
    listing.refresh_from_db()
    assert listing.version == 1


@pytest.mark.parametrize(
    ("neq", "message"),
    [
        ("119000000", "10 chiffres"),
        ("4490000001", "11, 22, 33 ou 88"),
        ("11x0000001", "chiffres"),
        ("1190000019", "Une autre fiche a déjà ce NEQ."),
    ],
)
def test_staff_read_what_is_wrong_with_a_neq(staff_client, listing, neq, message):
    ListingFactory(neq="1190000019")
    sector = SectorFactory()
    data = typed(
        listing, name="Le Rayon libre", legal_form="npo", other_names="", sectors=[sector.pk], neq=neq
    )
    response = staff_client.post(URL, data)
    assert response.status_code == 200
    found = errors(response)
    assert list(found) == ["neq"]
    assert message in found["neq"]


def test_neq_with_a_wrong_check_digit_is_saved_with_a_warning(staff_client, listing):
    data = typed(
        listing,
        name="Autre nom",
        legal_form="npo",
        other_names="",
        sectors=[SectorFactory().pk],
        neq="11 9000 0002",
    )
    page = staff_client.post(URL, data, follow=True).content.decode()
    listing.refresh_from_db()
    assert (listing.neq, listing.name) == ("1190000002", "Autre nom")
    assert "message--warning" in page


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}", "\u202egnp.exe"]
)
def test_payloads_are_shown_as_text(owner_client, client, listing, text):
    data = typed(
        listing,
        mission=text,
        street=text,
        opening_hours=text,
        products=text,
        description=f"<p onclick=x>{text}</p>",
    )
    assert owner_client.post(URL, data).status_code == 302
    for page in (
        client.get("/repertoire/le-rayon-libre/"),
        client.get("/repertoire/"),
        owner_client.get(URL),
    ):
        assert dangers(page.content.decode()) == []


# --- Two people at once ---------------------------------------------------------------------------


def test_conflict_keeps_both_texts(owner_client, staff_client, listing):
    seen = typed(listing)
    assert owner_client.post(URL, seen | {"mission": "De Samuel."}).status_code == 302
    colleague = UserFactory()
    ListingRole.objects.create(listing=listing, user=colleague, role="editor")
    second = signed_in(colleague)
    response = second.post(URL, seen | {"mission": "De sa collègue.", "opening_hours": "Lundi"})
    assert response.status_code == 200
    page = response.content.decode()
    assert "De Samuel." in page
    assert "De sa collègue." in page
    listing.refresh_from_db()
    assert listing.mission == "De Samuel."
    again = re.search(r'name="version" value="(\d+)"', page)[1]
    assert second.post(URL, seen | {"version": again, "mission": "Des deux."}).status_code == 302
    listing.refresh_from_db()
    assert (listing.mission, listing.version) == ("Des deux.", 3)


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_instant_one_is_refused(listing, owner):
    """With real connections: the second waits for the row, then sees that its version is old."""
    seen, answers = typed(listing), []
    start = threading.Barrier(2)

    def save(text):
        try:
            client = signed_in(owner)
            start.wait()
            answers.append(client.post(URL, seen | {"mission": text}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[f"Texte {number}"]) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listing.refresh_from_db()
    assert sorted(answers) == [200, 302]
    assert listing.version == 2


# --- Preview --------------------------------------------------------------------------------------


def test_preview_shows_the_public_page_and_saves_nothing(owner_client, listing):
    data = typed(listing, mission="Pas encore.", territory=["69"], products="essai")
    page = owner_client.post(PREVIEW, data | {"logo": png()}).content.decode()
    assert "Ceci est un aperçu" in page
    for text in ("Pas encore.", "Le Haut-Saint-Laurent", "essai", 'src="data:image/webp;base64,'):
        assert text in page
    listing.refresh_from_db()
    assert (listing.mission, listing.version, listing.logo.name) == ("Réparer des vélos.", 1, "")
    assert not default_storage.exists("logos") or default_storage.listdir("logos")[1] == []


def test_preview_is_never_stored_nor_read_with_get(owner_client, listing):
    assert owner_client.get(PREVIEW).status_code == 405
    assert "no-store" in owner_client.post(PREVIEW, typed(listing))["Cache-Control"]


def test_preview_with_an_error_shows_the_form(owner_client, listing):
    response = owner_client.post(PREVIEW, typed(listing, mission=""))
    assert "mission" in errors(response)


def test_preview_does_not_mind_that_someone_else_saved(owner_client, listing):
    Listing.objects.filter(pk=listing.pk).update(version=7)
    assert "Ceci est un aperçu" in owner_client.post(PREVIEW, typed(listing)).content.decode()


# --- Logo -----------------------------------------------------------------------------------------


def test_logo_is_written_anew_under_a_random_name(
    owner_client, client, listing, django_capture_on_commit_callbacks
):
    assert owner_client.post(URL, typed(listing) | {"logo": png()}).status_code == 302
    listing.refresh_from_db()
    first = listing.logo.name
    assert re.fullmatch(r"logos/[0-9a-f]{32}\.webp", first)
    with listing.logo.open() as file:
        assert Image.open(file).format == "WEBP"
    assert first in client.get("/repertoire/le-rayon-libre/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        owner_client.post(URL, typed(listing) | {"logo-clear": "on"})
    listing.refresh_from_db()
    assert listing.logo.name == ""
    assert not default_storage.exists(first)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<html><script>alert(1)</script></html>",
        b"GIF89a" + b"\0" * 50, b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"", b"x" * (5 * 1024 * 1024 + 1), b"%PDF-1.4",
    ],
)  # fmt: skip
def test_wrong_files_are_refused_with_a_reason(owner_client, listing, content):
    upload = SimpleUploadedFile("logo.png", content, content_type="image/png")
    response = owner_client.post(URL, typed(listing, mission="Gardée.") | {"logo": upload})
    assert response.status_code == 200
    assert list(errors(response)) == ["logo"]
    assert "Gardée." in response.content.decode()
    listing.refresh_from_db()
    assert listing.logo.name == ""


def test_form_page_is_not_stored(owner_client, listing):
    assert "no-store" in owner_client.get(URL)["Cache-Control"]


def test_boxes_of_a_listing_hold_no_empty_choice():
    form = ListingForm()
    for name in ("languages", "supplies"):
        assert form.fields[name].choices
        assert all(value for value, _label in form.fields[name].choices)
