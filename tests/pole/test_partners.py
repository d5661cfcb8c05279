"""The hub's partners: kept by the direction, shown at the foot of each page in their order."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from pole.files.images import PARTNER_SIZE_PX
from pole.hub.partners import MAX_PARTNERS
from pole.models import Partner
from tests.factories import PartnerFactory

pytestmark = pytest.mark.django_db


def logo(size=(900, 300)):
    content = io.BytesIO()
    Image.new("RGB", size, "green").save(content, "PNG")
    return SimpleUploadedFile("logo.png", content.getvalue())


def typed(**changes):
    return {"name": "La Caisse", "address": "https://caisse.exemple.ca", "logo": logo()} | changes


def at_the_foot(client, page="/"):
    return re.findall(r'class="partners__logo"[^>]* alt="([^"]*)"', client.get(page).text)


def do(client, partner, action):
    return client.post(reverse("staff:partner_change", args=[partner.pk]), {"action": action})


def test_partner_that_is_added_is_at_the_foot_of_each_page(staff_client, client):
    assert at_the_foot(client) == []
    staff_client.post(reverse("staff:partner_new"), typed(name_en="The Fund"))
    assert (at_the_foot(client), at_the_foot(client, "/en/billets/")) == (["La Caisse"], ["The Fund"])
    partner = Partner.objects.get()
    assert partner.address == "https://caisse.exemple.ca/"
    assert (partner.width_px, partner.height_px) == PARTNER_SIZE_PX


def test_logo_that_is_small_is_not_enlarged(staff_client):
    staff_client.post(reverse("staff:partner_new"), typed(logo=logo((90, 30))))
    assert Partner.objects.get().width_px == 90


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Remplissez le champ «\u00a0Nom\u00a0»"),
        ({"logo": ""}, "Logo"),
        ({"address": "/contact/"}, "Écrivez l’adresse de leur site"),
        ({"address": "http://caisse.exemple.ca/"}, "https"),
        ({"address": "javascript:alert(1)"}, "https://exemple.ca/"),
        ({"address": "https://u:p@caisse.exemple.ca/"}, "mot de passe"),
    ],
)
def test_what_is_refused_is_explained_and_kept(staff_client, changes, words):
    answer = staff_client.post(reverse("staff:partner_new"), typed(**changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert "La Caisse" in answer.text or "name" in changes
    assert not Partner.objects.exists()


def test_form_that_saw_another_version_is_refused(staff_client):
    partner = PartnerFactory(version=2)
    address = reverse("staff:partner_edit", args=[partner.pk])
    answer = staff_client.post(address, typed(logo="", version="1"))
    assert (answer.status_code, "Quelqu’un d’autre" in answer.text) == (422, True)


def test_moving_changes_the_order_and_stops_at_both_ends(staff_client, client):
    first, second = PartnerFactory(name="Un"), PartnerFactory(name="Deux")
    do(staff_client, second, "down")
    assert at_the_foot(client) == ["Un", "Deux"]
    do(staff_client, second, "up")
    do(staff_client, second, "up")
    assert at_the_foot(client) == ["Deux", "Un"]
    do(staff_client, second, "down")
    assert at_the_foot(client) == ["Un", "Deux"]
    assert first.pk < second.pk


def test_moving_goes_past_those_that_were_taken_off(staff_client, client):
    PartnerFactory(name="Un")
    PartnerFactory(name="Retiré", is_removed=True)
    last = PartnerFactory(name="Trois")
    do(staff_client, last, "up")
    assert at_the_foot(client) == ["Trois", "Un"]


def test_partner_that_is_taken_off_comes_back_where_it_was(staff_client, client):
    partners = [PartnerFactory(name=name) for name in ("Un", "Deux", "Trois")]
    do(staff_client, partners[1], "remove")
    assert at_the_foot(client) == ["Un", "Trois"]
    assert "Remettre" in staff_client.get(reverse("staff:partner_list")).text
    do(staff_client, partners[1], "restore")
    assert at_the_foot(client) == ["Un", "Deux", "Trois"]


def test_partner_is_deleted_with_its_file_only_once_taken_off(
    staff_client, settings, django_capture_on_commit_callbacks
):
    staff_client.post(reverse("staff:partner_new"), typed())
    partner = Partner.objects.get()
    do(staff_client, partner, "delete")
    assert Partner.objects.exists()
    do(staff_client, partner, "remove")
    with django_capture_on_commit_callbacks(execute=True):
        do(staff_client, partner, "delete")
    assert not Partner.objects.exists()
    assert not (settings.MEDIA_ROOT / partner.logo.name).exists()
    # Whoever had the list open before.
    assert do(staff_client, partner, "restore").status_code == 302


def test_there_are_so_many_partners_at_most(staff_client):
    Partner.objects.bulk_create(PartnerFactory.build_batch(MAX_PARTNERS))
    page = staff_client.post(reverse("staff:partner_new"), typed(), follow=True)
    assert "le maximum" in page.text
    assert Partner.objects.count() == MAX_PARTNERS


def test_database_keeps_what_no_form_may_write():
    for address in ("javascript:alert(1)", "http://exemple.ca/", "https://a@b.ca/"):
        with pytest.raises(IntegrityError, match="partner_address_followed"), transaction.atomic():
            PartnerFactory(address=address)
