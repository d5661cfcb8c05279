"""The dossier: what is sent, by which link, who answers what, and that the hub confirms before it shows."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from datetime import timedelta

import openpyxl
import pypdf
import pytest
import time_machine
from django.core import mail
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from desk.pictures import store_document
from forums.dossier import retention, sending
from forums.mail.registration_links import LinkExpired
from forums.models import Answer, Dossier, DossierEvent, Priority
from forums.models.themes import all_themes
from pole.hooks.moderation import ChangedMeanwhile
from tests.factories import ResultsFactory
from tests.forums.sealed import publish_results, seal
from tests.refusals import refused_by
from tests.seen import seen

pytestmark = pytest.mark.django_db
FORM = {
    "organisation": "Chantier fictif",
    "person": "Lou Petit",
    "email": "lou@exemple.example",
    "language": "fr",
    "message": "Bonne lecture : à bientôt.",
}


@pytest.fixture
def results():
    results = ResultsFactory(forum__title="Forum des rives")
    for position, title in enumerate(("La mutualisation", "Les toits", "Les routes"), start=1):
        results.priorities.create(position=position, title=title, themes=["logement"])
    return results


@pytest.fixture
def dossier(results, staff):
    return sending.send_dossier(results_id=results.pk, by=staff, **FORM)


def desk(results):
    return f"/gestion/forums/{results.forum.slug}/dossier/"


def page(dossier):
    return f"/dossier/{sending.link_token(dossier)}/"


def answer(client, dossier, priority, **changes):
    fields = {
        "state": "accepted",
        "body": "Direction des toits",
        "due_on": "2027-05-01",
        "text": "Oui.",
    } | changes
    form = {f"p{priority.pk}-{name}": value for name, value in fields.items()}
    return client.post(f"{page(dossier)}reponses/{priority.pk}/", form)


def kinds(dossier):
    return list(dossier.events.values_list("kind", flat=True))


# --- Sending ---------------------------------------------------------------------------------------------


def test_dossier_is_mailed_as_text_and_html_with_its_link(staff_client, results, client):
    response = staff_client.post(desk(results), FORM)
    assert response.url == desk(results)
    sent = Dossier.objects.get()
    (message,) = mail.outbox
    assert message.to == ["lou@exemple.example"]
    assert message.subject == "Résultats et dossier : Forum des rives"
    link = re.search(r"https?://\S+/dossier/\S+/", message.body)[0]
    assert link.endswith(page(sent))
    assert "Bonne lecture\u00a0: à bientôt." in message.body
    assert "Bonjour Lou Petit," in message.body
    assert link in message.alternatives[0].content
    assert client.get(page(sent)).status_code == 200
    assert kinds(sent) == ["sent"]


def test_nothing_is_sent_before_results_are_published(staff_client):
    results = ResultsFactory(published_at=None)
    assert "Il s’envoie une fois les résultats publiés." in staff_client.get(desk(results)).content.decode()
    staff_client.post(desk(results), FORM)
    assert (Dossier.objects.count(), len(mail.outbox)) == (0, 0)


@pytest.mark.parametrize(
    "changes", [{"organisation": ""}, {"email": "lou"}, {"language": "es"}, {"organisation": "x" * 141}]
)
def test_what_is_wrong_is_said_and_nothing_is_sent(staff_client, results, changes):
    response = staff_client.post(desk(results), FORM | changes)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert "Lou Petit" in response.content.decode()
    assert Dossier.objects.count() == 0


def test_english_dossier_is_in_english(results, staff):
    sent = sending.send_dossier(results_id=results.pk, by=staff, **FORM | {"language": "en"})
    assert sending.dossier_url(sent).split("/dossier/")[0].endswith("/en")
    assert mail.outbox[0].subject == "Results and dossier: Forum des rives"
    reader = pypdf.PdfReader(io.BytesIO(bytes(sent.files.get(name="1-sommaire.pdf").content)))
    assert reader.trailer["/Root"]["/Lang"] == "en-CA"
    assert "Retained priorities" in reader.pages[0].extract_text()


def test_message_of_an_english_dossier_keeps_english_typography(client, results, staff_client):
    typed = FORM | {"language": "en", "message": 'Here it is: "results"'}
    assert staff_client.post(desk(results), typed).status_code == 302
    assert "«" not in Dossier.objects.get().message
    assert "«" not in mail.outbox[0].body.split("Results and")[0]


def test_second_click_sends_nothing_more(results, staff):
    sent = [sending.send_dossier(results_id=results.pk, by=staff, **FORM) for _click in range(2)]
    assert sent[0] == sent[1]
    renewed = [sending.resend(dossier_id=sent[0].pk, by=staff, with_new_link=True) for _click in range(2)]
    assert renewed == [True, False]
    assert (Dossier.objects.count(), len(mail.outbox)) == (1, 2)


def test_files_are_checked_by_their_sums_and_never_change(client, results, dossier):
    names = [file.name for file in dossier.files.all()]
    assert names == [
        "1-sommaire.pdf",
        "2-resultats.pdf",
        "3-priorites.csv",
        "3-priorites.xlsx",
        "4-resultats.json",
        "SHA256SUMS.txt",
    ]
    before = {name: client.get(f"{page(dossier)}fichiers/{name}").content for name in names}
    sums = [line.split("  ") for line in before["SHA256SUMS.txt"].decode().splitlines()]
    assert sums == [[hashlib.sha256(before[name]).hexdigest(), name] for name in names[:-1]]
    Priority.objects.update(title="Autrement dit")
    assert {name: client.get(f"{page(dossier)}fichiers/{name}").content for name in names} == before
    with zipfile.ZipFile(io.BytesIO(client.get(f"{page(dossier)}fichiers/dossier.zip").content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == before
    assert client.get(f"{page(dossier)}fichiers/autre.pdf").status_code == 404


def test_summary_holds_in_two_pages_however_long_the_texts(results, staff):
    Priority.objects.all().delete()
    for position in range(1, 31):
        results.priorities.create(
            position=position, title="Un titre assez long " * 7, description="Des mots. " * 190
        )
    results.next_steps = "<p>" + "Une suite. " * 900 + "</p>"
    results.save()
    sent = sending.send_dossier(results_id=results.pk, by=staff, **FORM)
    assert len(pypdf.PdfReader(io.BytesIO(bytes(sent.files.get(position=1).content))).pages) == 2


def test_table_has_the_shared_columns_themes_and_figures(staff):
    round = seal(titles=("=Toits", "Navette rurale", "Cuisine", "Atelier", "Halte"))
    results = publish_results(round.forum)
    results.priorities.filter(position=1).update(themes=["logement", "aines"])
    sent = sending.send_dossier(results_id=results.pk, by=staff, **FORM)
    text = bytes(sent.files.get(name="3-priorites.csv").content).decode("utf-8-sig")
    first, second = csv.DictReader(io.StringIO(text), delimiter=";")
    assert {name: first[name] for name in ("schema", "place", "theme_1", "theme_2", "title", "decided_by", "total", "share", "ballots", "on_roll", "voted", "seal")} == {
        "schema": "pole-dossier/1", "place": "1", "theme_1": "logement", "theme_2": "aines", "title": "'=Toits", "decided_by": "vote",
        "total": "8", "share": "0.6667", "ballots": "12", "on_roll": "12", "voted": "12", "seal": round.seal,
    }  # fmt: skip
    assert (second["theme_1"], second["theme_2"]) == ("", "")
    book = openpyxl.load_workbook(io.BytesIO(bytes(sent.files.get(name="3-priorites.xlsx").content)))
    assert [cell.value for cell in book["priorites"][1]] == list(first)
    assert book["priorites"]["I2"].value == "'=Toits"
    assert [row[0].value for row in book["themes"].iter_rows(min_row=2)] == list(all_themes())
    assert bytes(sent.files.get(name="5-urne.json").content).decode() == round.box.text


def test_documents_of_the_forum_are_in_the_dossier(results, staff):
    content = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
    for title in ("Cahier du participant", "Cahier du participant", "«»"):
        results.forum.documents.add(store_document(io.BytesIO(content), title=title, by=None))
    sent = sending.send_dossier(results_id=results.pk, by=staff, **FORM)
    names = list(sent.files.filter(name__startswith="7").values_list("name", flat=True))
    assert names == [
        "7-document-1.pdf", "7-document-2-cahier-du-participant.pdf", "7-document-3-cahier-du-participant.pdf",
    ]  # fmt: skip
    assert bytes(sent.files.get(name=names[1]).content) == content
    assert names[1] in bytes(sent.files.get(name="SHA256SUMS.txt").content).decode()


def test_dossier_of_two_votes_has_both_boxes_and_the_program_that_recounts_them(staff, tmp_path):
    first = seal()
    second = seal(forum=first.forum, opens_at=timezone.now())
    sent = sending.send_dossier(results_id=publish_results(first.forum).pk, by=staff, **FORM)
    names = [name for name in sent.files.values_list("name", flat=True) if name[0] in "56"]
    assert names == ["5-urne-1.json", "5-urne-2.json", "6-recompter.py"]
    for name in names:
        (tmp_path / name).write_bytes(bytes(sent.files.get(name=name).content))
    for number, round in ((1, first), (2, second)):
        program = [sys.executable, "-I", names[-1], f"5-urne-{number}.json", "--sceau", round.seal]
        subprocess.run(program, cwd=tmp_path, check=True, stdout=subprocess.PIPE)


# --- The link -----------------------------------------------------------------------------------------------


def test_page_is_stored_by_nobody_and_indexed_by_nobody(client, dossier):
    response = client.get(page(dossier))
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots" content="noindex' in response.content.decode()


def test_reading_changes_nothing(client, dossier):
    before = (Answer.objects.count(), DossierEvent.objects.count())
    for place in ("", "fichiers/1-sommaire.pdf", "accuse/", f"reponses/{Priority.objects.first().pk}/"):
        client.get(page(dossier) + place)
    dossier.refresh_from_db()
    assert (Answer.objects.count(), DossierEvent.objects.count(), dossier.acknowledged_at) == (*before, None)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_link_expires_at_its_second(client, dossier, shift):
    with time_machine.travel(dossier.expires_at + timedelta(seconds=shift), tick=False):
        good = shift < 0
        assert client.get(page(dossier)).status_code == (200 if good else 410)
        assert client.get(f"{page(dossier)}fichiers/1-sommaire.pdf").status_code == (200 if good else 410)
        response = answer(client, dossier, Priority.objects.first())
        assert (response.status_code, Answer.objects.count()) == ((302, 1) if good else (410, 0))


@pytest.mark.parametrize("token", ["abc", "abc.def", "a" * 3000, "é", "00000000000000000000000000000000.x"])
def test_forged_links_are_refused_politely(client, db, token):
    response = client.get(f"/dossier/{token}/")
    assert response.status_code == 404
    assert "Ce lien n’est pas entier" in response.content.decode()


def test_link_signed_for_something_else_opens_nothing(client, dossier):
    foreign = Signer(sep=".", salt="forums.registration.manage").sign(dossier.key.hex)
    assert client.get(f"/dossier/{foreign}/").status_code == 404


def test_revoked_link_serves_no_more_and_a_new_one_does(staff_client, client, dossier, results):
    old = page(dossier)
    staff_client.post(f"{desk(results)}{dossier.pk}/revocation/")
    assert (client.get(old).status_code, answer(client, dossier, results.priorities.first()).status_code) == (
        410,
        410,
    )
    staff_client.post(f"{desk(results)}{dossier.pk}/renvoi/")
    assert len(mail.outbox) == 1
    staff_client.post(f"{desk(results)}{dossier.pk}/nouveau-lien/")
    dossier.refresh_from_db()
    assert (client.get(old).status_code, client.get(page(dossier)).status_code) == (410, 200)
    assert len(mail.outbox) == 2
    assert kinds(dossier) == ["sent", "revoked", "renewed"]


def test_double_click_sends_once_and_later_again(staff_client, dossier, results):
    staff_client.post(f"{desk(results)}{dossier.pk}/renvoi/")
    assert len(mail.outbox) == 1
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        staff_client.post(f"{desk(results)}{dossier.pk}/renvoi/")
    assert len(mail.outbox) == 2


def test_dossier_of_another_forum_is_a_404(staff_client, dossier):
    other = ResultsFactory()
    for act in ("renvoi", "nouveau-lien", "revocation"):
        assert staff_client.post(f"{desk(other)}{dossier.pk}/{act}/").status_code == 404
    assert kinds(dossier) == ["sent"]


# --- Answers ------------------------------------------------------------------------------------------------


def test_receipt_is_acknowledged_once_by_name(client, dossier):
    assert client.post(f"{page(dossier)}accuse/", {"name": ""}).status_code == 422
    client.post(f"{page(dossier)}accuse/", {"name": "Lou Petit"})
    client.post(f"{page(dossier)}accuse/", {"name": "Quelqu’un d’autre"})
    dossier.refresh_from_db()
    assert dossier.acknowledged_by == "Lou Petit"
    assert kinds(dossier) == ["sent", "acknowledged"]
    assert "par Lou Petit" in client.get(page(dossier)).content.decode()


@pytest.mark.parametrize("shift", [timedelta(seconds=-1), timedelta()])
@pytest.mark.parametrize("is_revoked", [False, True])
def test_link_that_ends_while_the_page_is_open_takes_nothing_more(dossier, results, staff, is_revoked, shift):
    """The view found the dossier usable; it is asked again under its lock."""
    priority = results.priorities.first()
    acts = (
        lambda: sending.acknowledge(dossier_id=dossier.pk, name="Lou Petit"),
        lambda: sending.answer_priority(
            dossier_id=dossier.pk, priority=priority, state="accepted", text="Oui.", body="", due_on=None
        ),
    )
    if is_revoked:
        sending.revoke(dossier_id=dossier.pk, by=staff)
    before = kinds(dossier)
    with time_machine.travel(dossier.expires_at + shift, tick=False):
        for act in acts:
            if is_revoked or not shift:
                with pytest.raises(LinkExpired):
                    act()
            else:
                act()
    assert (kinds(dossier) == before) is (is_revoked or not shift)


def test_answer_shows_once_the_hub_confirms_it(client, staff_client, dossier, results):
    priority = results.priorities.first()
    answer(client, dossier, priority, text="Un premier pas : un camion.")
    slug = results.forum.slug
    public = ("/priorites/", f"/forums/{slug}/suivi/", "/en/priorites/")
    assert [place for place in public if "un camion" in client.get(place).content.decode()] == []
    assert "réponse à confirmer" in staff_client.get("/gestion/").content.decode()
    follow = staff_client.get(f"/gestion/forums/{slug}/suivi/").content.decode()
    shown = re.search(r'name="seen" value="([^"]+)"', follow)[1]
    kept = Answer.objects.get()
    staff_client.post(f"/gestion/forums/{slug}/suivi/reponses/{kept.pk}/", {"seen": shown})
    for place in public:
        shown = client.get(place).content.decode()
        assert "Un premier pas\u00a0: un camion." in shown
        assert "Chantier fictif" in shown
        assert "Direction des toits" in shown
        assert "lou@exemple.example" not in shown
        assert "Lou Petit" not in shown
    assert "réponse à confirmer" not in staff_client.get("/gestion/").content.decode()


def test_answer_is_corrected_until_confirmed(client, staff, dossier, results):
    priority = results.priorities.first()
    answer(client, dossier, priority)
    answer(client, dossier, priority)
    answer(client, dossier, priority, state="refused", text="Faute de budget.")
    kept = Answer.objects.get()
    assert (kept.state, kept.text) == ("refused", "Faute de budget.")
    sending.confirm_answer(answer_id=kept.pk, seen=seen(kept), by=staff)
    answer(client, dossier, priority, state="done")
    kept.refresh_from_db()
    assert kept.state == "refused"
    sending.reopen_answer(answer_id=kept.pk, seen=seen(kept), by=staff)
    answer(client, dossier, priority, state="done")
    kept.refresh_from_db()
    assert (kept.state, kept.confirmed_at) == ("done", None)
    assert kinds(dossier) == ["sent", "answered", "corrected", "confirmed", "reopened", "corrected"]


def test_answer_corrected_while_staff_read_it_is_not_confirmed(client, staff, dossier, results):
    priority = results.priorities.first()
    answer(client, dossier, priority)
    shown = seen(Answer.objects.get())
    answer(client, dossier, priority, text="Finalement, non.", state="refused")
    with pytest.raises(ChangedMeanwhile):
        sending.confirm_answer(answer_id=Answer.objects.get().pk, seen=shown, by=staff)
    assert Answer.objects.get().confirmed_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"state": ""},
        {"state": "perdue"},
        {"state": "refused", "text": ""},
        {"due_on": "bientôt"},
        {"text": "x" * 2001},
        {"body": "x" * 141},
    ],
)
def test_wrong_answer_is_said_and_what_was_typed_stays(client, dossier, results, changes):
    response = answer(client, dossier, results.priorities.first(), **{"text": "Gardez-moi."} | changes)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert Answer.objects.count() == 0
    if "text" not in changes:
        assert "Gardez-moi." in response.content.decode()


def test_priority_of_another_forum_is_not_answered(client, dossier):
    other = ResultsFactory().priorities.create(position=1, title="Ailleurs")
    assert answer(client, dossier, other).status_code == 404
    assert Answer.objects.count() == 0


def test_script_in_an_answer_is_only_text(client, staff, staff_client, dossier, results):
    payload = "<script>alert(1)</script>"
    answer(client, dossier, results.priorities.first(), text=payload, body=payload)
    kept = Answer.objects.get()
    sending.confirm_answer(answer_id=kept.pk, seen=seen(kept), by=staff)
    slug = results.forum.slug
    for response in (
        client.get("/priorites/"),
        client.get(f"/forums/{slug}/suivi/"),
        staff_client.get(f"/gestion/forums/{slug}/suivi/"),
        client.get(page(dossier)),
    ):
        assert "<script>alert" not in response.content.decode()


def test_log_of_a_dossier_is_written_once(dossier):
    with refused_by("forums_dossierevent is written once"):
        DossierEvent.objects.update(detail="autre chose")
    # Nor with what may be forgotten.
    with refused_by("forums_dossierevent is written once"):
        DossierEvent.objects.update(detail="", at=timezone.now())


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_queries_for_1_and_3_rows(
    client, staff_client, staff, results, django_assert_num_queries, count
):
    slug = results.forum.slug
    for n in range(count):
        sent = sending.send_dossier(
            results_id=results.pk, by=staff, **FORM | {"organisation": f"Organisme {n}"}
        )
        for priority in results.priorities.all():
            answer(client, sent, priority)
    Answer.objects.update(confirmed_at=timezone.now())
    reader = Client()
    for visitor, address, queries in (
        (reader, f"/forums/{slug}/suivi/", 6),
        (reader, "/priorites/", 5),
        (reader, page(sent), 5),
        (staff_client, desk(results), 9),
    ):
        visitor.get(address)
        with django_assert_num_queries(queries):
            visitor.get(address)


# --- Telling participants ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("minutes", "told"), [(9, 0), (11, 12), (60 * 47, 12), (60 * 49, 0)])
def test_participants_are_told_of_published_results_once(minutes, told):
    from forums.mail.notices import announce_published_results

    round = seal()
    now = timezone.now()
    publish_results(round.forum, at=now)
    with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
        assert announce_published_results(timezone.now()) == told
        assert announce_published_results(timezone.now()) == 0
    assert len(mail.outbox) == told


@pytest.mark.parametrize("is_revoked", [False, True])
@pytest.mark.parametrize(("shift", "is_forgotten"), [(-1, False), (0, True)])
def test_whom_it_was_sent_to_is_forgotten_two_years_after_its_link(
    client, dossier, staff, staff_client, shift, is_forgotten, is_revoked
):
    sending.acknowledge(dossier_id=dossier.pk, name="Lou Petit")
    answer(client, dossier, dossier.results.priorities.first())
    if is_revoked:
        sending.revoke(dossier_id=dossier.pk, by=staff)
    dossier.refresh_from_db()
    ended = dossier.revoked_at or dossier.expires_at
    assert retention.forget_correspondents(ended + timedelta(days=730, seconds=shift)) == is_forgotten
    row = Dossier.objects.get()
    assert (row.person, row.email, row.message, row.acknowledged_by) == (
        ("", "", "", "—") if is_forgotten else (FORM["person"], FORM["email"], FORM["message"], "Lou Petit")
    )
    events = "".join(DossierEvent.objects.values_list("detail", flat=True))
    assert (FORM["email"] not in events and "Lou" not in events) == is_forgotten
    # What was answered, and by which body, stays; nothing more is sent there.
    assert (row.organisation, Answer.objects.get().body) == (FORM["organisation"], "Direction des toits")
    assert staff_client.get(desk(dossier.results)).status_code == 200
    if is_forgotten:
        with pytest.raises(sending.DossierRefused, match="dossier_forgotten"):
            sending.resend(dossier_id=row.pk, by=staff, with_new_link=True)
        assert retention.forget_correspondents(ended + timedelta(days=900)) == 0
