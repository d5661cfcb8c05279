"""Who is in the team, as the direction writes it and visitors read it."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.models import AuditEntry
from pole.files.faces import initials_of
from pole.models import Hub, TeamMember
from tests.factories import PageFactory

pytestmark = pytest.mark.django_db
NEW = "/gestion/pole/equipe/nouveau/"


def picture(size=(900, 600)):
    content = BytesIO()
    Image.new("RGB", size, "#1f5c3f").save(content, "JPEG")
    return SimpleUploadedFile("visage.jpg", content.getvalue(), "image/jpeg")


def typed(**changes):
    return {
        "name": "Rose Cyr", "role": "Directrice générale", "role_en": "Executive Director", "about": "", "about_en": "",
        "email": "rose@pole.example", "phone": "450 555-0100, poste 12", "position": "1",
    } | changes  # fmt: skip


def files(settings):
    return sorted(path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())


def test_whoever_is_added_is_on_the_contact_page_in_both_languages(client, staff_client):
    PageFactory(slug="contact", title_en="Contact us", body_en="<p>Come.</p>")
    assert "L’équipe" not in client.get("/contact/").content.decode()
    assert staff_client.post(NEW, typed()).url == "/gestion/pole/equipe/"
    french, english = (client.get(path).content.decode() for path in ("/contact/", "/en/contact/"))
    assert 'href="tel:+14505550100"' in french
    assert "poste 12" in french.replace("\xa0", " ")
    assert "mailto:rose@pole.example" in french
    assert "Directrice générale" in french
    assert 'aria-hidden="true">RC<' in french
    assert "Executive Director" in english
    assert "Rose Cyr" not in client.get("/en/repertoire/").content.decode()


def test_without_a_role_in_english_the_french_one_says_its_language(client, staff_client):
    PageFactory(slug="contact", title_en="Contact us", body_en="<p>Come.</p>")
    staff_client.post(NEW, typed(role_en=""))
    assert (
        '<p class="team__role" lang="fr">Directrice générale</p>'
        in client.get("/en/contact/").content.decode()
    )


def test_order_is_that_of_the_direction(client, staff_client):
    PageFactory(slug="contact")
    for name, position in (("Bleu", 2), ("Anis", 3), ("Cyan", 1)):
        staff_client.post(NEW, typed(name=name, position=position))
    page = client.get("/contact/").content.decode()
    assert page.index("Cyan") < page.index("Bleu") < page.index("Anis")


def test_a_portrait_is_a_square_and_goes_with_its_person(
    client, staff_client, settings, django_capture_on_commit_callbacks
):
    PageFactory(slug="contact")
    staff_client.post(NEW, typed(portrait=picture()))
    member = TeamMember.objects.get()
    with Image.open(member.portrait.path) as stored:
        assert (stored.width, stored.height) == (400, 400)
    assert f'src="{member.portrait.url}"' in client.get("/contact/").content.decode()
    edit = reverse("staff:member_edit", args=[member.pk])
    with django_capture_on_commit_callbacks(execute=True):
        staff_client.post(edit, typed(portrait=picture((500, 700)), version=1))
    member.refresh_from_db()
    assert files(settings) == [member.portrait.name.removeprefix("hub/")]
    with django_capture_on_commit_callbacks(execute=True):
        assert staff_client.post(edit, {"action": "delete"}).status_code == 302
    assert files(settings) == []
    assert not TeamMember.objects.exists()
    actions = AuditEntry.objects.filter(kind="team_member").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["add", "save", "delete"]


def test_what_was_changed_meanwhile_is_not_lost(staff_client):
    staff_client.post(NEW, typed())
    member = TeamMember.objects.get()
    edit = reverse("staff:member_edit", args=[member.pk])
    assert staff_client.post(edit, typed(role="Direction", version=1)).status_code == 302
    answer = staff_client.post(edit, typed(role="Présidence", version=1))
    assert answer.status_code == 422
    assert TeamMember.objects.get().role == "Direction"


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"role": ""}, {"email": "rose"}, {"phone": "12"}, {"position": "-1"}, {"portrait": SimpleUploadedFile("a.jpg", b"x")}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_written(staff_client, changes):
    answer = staff_client.post(NEW, typed(**changes))
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert not TeamMember.objects.exists()


def test_whoever_was_taken_out_is_no_longer_there(staff_client):
    assert staff_client.get("/gestion/pole/equipe/999/").status_code == 404
    assert staff_client.post("/gestion/pole/equipe/999/", typed()).status_code == 404
    assert staff_client.post("/gestion/pole/equipe/999/", {"action": "delete"}).status_code == 302


def test_the_list_says_what_it_is_for(staff_client):
    Hub.objects.create(name="Le Pôle", short_name="Pôle", tagline="Ici.")
    assert "Ajouter une personne" in staff_client.get("/gestion/pole/equipe/").content.decode()
    TeamMember.objects.create(name="Rose Cyr", role="Direction")
    assert "Rose Cyr" in staff_client.get("/gestion/pole/equipe/").content.decode()


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Rose Cyr", "RC"), ("Anne-Marie de la Salle", "AS"), ("Cher", "C"), ("Élodie (stagiaire) Roy", "ÉR"),
        ("Rose Cyr (elle)", "RC"), ("Åse Hylle", "ÅH"), ("Галина Ковальчук", "ГК"), ("Ann O’Neil", "AO"), ("😀 Ada", "A"),
        ("@rose", "R"), ("", ""), ("123", ""),
    ],
)  # fmt: skip
def test_initials(name, initials):
    assert initials_of(name) == initials
