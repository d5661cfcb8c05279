from __future__ import annotations

import io
from datetime import date

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from enterprises.listing import attachments
from enterprises.listing.completeness import RelatedFacts, completeness
from enterprises.listing.refusals import AlreadyDecided
from enterprises.models import Attestation, Listing, ListingPhoto, ListingRole
from enterprises.models.attestation import valid_until
from enterprises.models.files import MAX_PHOTOS
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.refusals import refused_by
from tests.seen import seen

pytestmark = pytest.mark.django_db
FILES = "/repertoire/le-rayon-libre/modifier/photos/"
ATTESTATION = "/repertoire/le-rayon-libre/attestation/"
PAGE = "/repertoire/le-rayon-libre/"


def png(size=(40, 30)):
    content = io.BytesIO()
    Image.new("RGB", size, "red").save(content, "PNG")
    return SimpleUploadedFile("../../x.svg", content.getvalue(), content_type="image/png")


def pdf(content=b"%PDF-1.7\n...\n%%EOF\n"):
    return SimpleUploadedFile("rapport.html", content, content_type="text/html")


def add_photo(client, description="Trois personnes à l'atelier", **other):
    return client.post(FILES, {"action": "photo", "photo": png(), "description": description} | other)


# --- Photos and documents ---------------------------------------------------------------------------


def test_photo_is_reencoded_described_and_shown(owner_client, client, listing):
    assert add_photo(owner_client).status_code == 302
    photo = listing.photos.get()
    assert photo.file.name.startswith("photos/")
    assert photo.file.name.endswith(".webp")
    assert 'alt="Trois personnes à l&#x27;atelier"' in client.get(PAGE).content.decode()


def test_photo_without_text_is_refused_and_the_database_refuses_too(owner_client, listing):
    response = add_photo(owner_client, description="  ")
    assert response.status_code == 200
    assert listing.photos.count() == 0
    with refused_by("listing_photo_described"):
        ListingPhoto.objects.create(listing=listing, file="x.webp", width_px=1, height_px=1, description="")


def test_one_photo_too_many_is_refused_and_leaves_no_file(owner_client, listing):
    for position in range(MAX_PHOTOS):
        listing.photos.create(
            file=f"photos/{position}.webp", width_px=1, height_px=1, description="x", position=position
        )
    response = add_photo(owner_client)
    assert "retirez-en une" in response.content.decode()
    assert listing.photos.count() == MAX_PHOTOS
    assert not default_storage.exists("photos") or default_storage.listdir("photos")[1] == []


def test_photos_are_removed_with_their_files_and_put_first(
    owner_client, listing, django_capture_on_commit_callbacks
):
    for text in ("Une", "Deux"):
        add_photo(owner_client, description=text)
    first, second = listing.photos.all()
    owner_client.post(FILES, {"action": "show_first", "key": second.pk})
    assert [photo.description for photo in listing.photos.all()] == ["Deux", "Une"]
    with django_capture_on_commit_callbacks(execute=True):
        owner_client.post(FILES, {"action": "remove_photo", "key": first.pk})
    assert [photo.description for photo in listing.photos.all()] == ["Deux"]
    assert not default_storage.exists(first.file.name)
    assert default_storage.exists(second.file.name)


def test_photos_of_another_listing_are_out_of_reach(owner_client, listing):
    from tests.factories import ListingFactory

    other = ListingFactory()
    photo = other.photos.create(file="photos/a.webp", width_px=1, height_px=1, description="À eux")
    for action in ("remove_photo", "describe", "show_first"):
        owner_client.post(FILES, {"action": action, "key": photo.pk, "description": "Pris"})
    assert [each.description for each in other.photos.all()] == ["À eux"]


@pytest.mark.parametrize("content", [b"<html>", b"%PDF-1.7 cut", b"MZ%PDF-1.7\n%%EOF"])
def test_document_is_a_pdf_by_its_content(owner_client, listing, content):
    posted = {"action": "document", "title": "Rapport", "document": pdf(content)}
    assert owner_client.post(FILES, posted).status_code == 200
    assert listing.documents.count() == 0


def test_document_is_served_as_an_attachment(owner_client, client, listing):
    owner_client.post(FILES, {"action": "document", "title": "Rapport <annuel>", "document": pdf()})
    document = listing.documents.get()
    assert "Rapport &lt;annuel&gt;" in client.get(PAGE).content.decode()
    served = client.get(document.file.url)
    assert served["Content-Disposition"].startswith("attachment")
    assert "sandbox" in served["Content-Security-Policy"]


# --- Attestation ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("signed", "last"),
    [
        (date(2026, 5, 3), date(2029, 5, 2)),
        (date(2028, 2, 29), date(2031, 2, 28)),
        (date(2027, 3, 1), date(2030, 2, 28)),
    ],
)
def test_attestation_holds_three_years(signed, last):
    assert valid_until(signed) == last


def sign(client, **typed):
    return client.post(ATTESTATION, {"name": "Samuel Roy", "title": "direction générale"} | typed)


def test_attestation_is_public_once_accepted_and_until_its_last_day(owner_client, client, listing, staff):
    with time_machine.travel("2026-05-03 12:00-04:00"):
        sign(owner_client)
        assert "Samuel Roy" not in client.get(PAGE).content.decode()
        attestation = listing.attestations.get()
        assert len(attestation.wording.splitlines()) == 6
        attachments.decide_attestation(
            attestation_id=attestation.pk,
            accepted=True,
            seen=seen(attestation),
            by=staff,
            reason="",
            now=timezone.now(),
        )
    for moment, shown in (("2029-05-02 23:59:59-04:00", True), ("2029-05-03 00:00:00-04:00", False)):
        with time_machine.travel(moment, tick=False):
            assert ("attestés par Samuel Roy" in client.get(PAGE).content.decode()) is shown


def test_only_an_owner_signs(listing, owner, staff_client, citizen_client):
    editor = UserFactory()
    ListingRole.objects.create(listing=listing, user=editor, role="editor")
    for client in (signed_in(editor), staff_client, citizen_client):
        assert client.get(ATTESTATION).status_code == 404
        assert sign(client).status_code == 404
    assert Attestation.objects.count() == 0


def test_a_second_signature_waits_for_the_first(owner_client, listing):
    sign(owner_client)
    sign(owner_client)
    assert listing.attestations.count() == 1


def test_a_signature_is_a_whole_name(owner_client, listing):
    assert sign(owner_client, name="Samuel").status_code == 200
    assert listing.attestations.count() == 0


def test_an_attestation_is_decided_once(owner_client, listing, staff):
    sign(owner_client)
    key, now = listing.attestations.get().pk, timezone.now()
    decided = {"attestation_id": key, "seen": seen(listing.attestations.get()), "by": staff, "now": now}
    assert attachments.decide_attestation(accepted=False, reason="Non", **decided)
    with pytest.raises(AlreadyDecided):
        attachments.decide_attestation(accepted=True, reason="", **decided)
    assert listing.attestations.get().state == "refused"


# --- Completeness -----------------------------------------------------------------------------------


def test_completeness_goes_from_nothing_to_all(listing):
    bare = completeness(Listing(), RelatedFacts())
    assert bare.score == 0
    assert [step.weight for step in bare.steps] == sorted((step.weight for step in bare.steps), reverse=True)
    whole = Listing(
        mission="x",
        description="<p>x</p>", products=["x"], phone="+14505550100", email="a@b.ca", street="1", postal_code="J0S 1Y0",
        served=["67"], supplies=["denrees"], logo="l.webp", website="https://x.ca", opening_hours="x", languages=["fr"],
        founded=2000, workforce="0", mission_en="x", legal_form="npo", sector_ids=[1],
    )  # fmt: skip
    assert completeness(whole, RelatedFacts(photos=1, has_attestation=True)).score == 100


def test_editor_says_what_to_do_next(owner_client, listing):
    page = owner_client.get("/repertoire/le-rayon-libre/modifier/").content.decode()
    assert "Décrivez ce que vous faites" in page
    assert "#id_description" in page


# --- What triggers keep -------------------------------------------------------------------------------


def test_territory_served_is_kept_beside_the_listing(listing):
    listing.territory.set(["67", "58"])
    listing.refresh_from_db()
    assert listing.served == ["58", "67"]
    listing.served = ["71"]
    listing.save()
    listing.territory.remove("58")
    listing.refresh_from_db()
    assert listing.served == ["67"]


def test_unknown_supplies_are_refused(owner_client, listing):
    with refused_by("listing_supplies_known"):
        Listing.objects.filter(pk=listing.pk).update(supplies=["ailleurs"])
