"""Staff write results by hand: the real page, its order, its states, two writers, bad input."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from django.utils.html import escape

from desk.publishing import as_if_published, publish
from forums.models import Forum, Priority, PriorityUpdate, Results
from forums.results.drafts import save_results
from tests.conftest import signed_in
from tests.factories import ForumFactory
from tests.forums.typed import PRIORITIES, results_form, stored_lines


def edit(forum):
    return f"/gestion/forums/{forum.slug}/resultats/"


def public(forum):
    return f"/forums/{forum.slug}/resultats/"


def past_forum(**changes):
    return ForumFactory(starts_at=timezone.now() - timedelta(days=9), **changes)


def words(markup):
    """The text of a page's main part, on one line."""
    main = markup.split("<main")[1].split("</main>")[0]
    return re.sub(r"[ \n]+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def test_real_results_page_is_published_with_nothing_lost(staff_client, client, forum_of_2023):
    forum = forum_of_2023
    territorial, regional = forum.tracks.all()
    tracks = [territorial, regional, territorial, regional, territorial]
    lines = [
        {"title": title, "description": description, "ORDER": n, "track": track.pk, "key": ""}
        for n, ((title, description), track) in enumerate(zip(PRIORITIES, tracks, strict=True), start=1)
    ]
    response = staff_client.post(
        edit(forum), results_form(lines=lines, action="publish", publish_at="2023-11-20T10:00")
    )
    assert response.url == edit(forum)
    markup = client.get(public(forum)).content.decode()
    text = words(markup)
    for shown in (
        "Forum régional de l’économie sociale",
        "Des échanges fructueux",
        "Le 7 novembre 2023, de 9\u00a0h à 16\u00a0h\u00a030",
        "Mardi 7 novembre 2023",
        "Manoir d’Youville",
        "Châteauguay",
        "Une quarantaine de personnes",
        "Entreprises d’économie sociale 18 Citoyennes et citoyens Partenaires 7 "
        "Collaboratrices et collaborateurs",
        "Chantier de l’économie sociale",
        "Résultats du forum",
        "«\u00a0Cet événement a permis d’effectuer un grand bilan!\u00a0»",
        "L’ensemble des participants ont priorisé cinq grandes opportunités\u00a0:",
        "Elles seront aussi acheminées au Chantier de l’économie sociale, en vue du Sommet de 2025.",
        "Connectez-vous pour partager votre opinion",
    ):
        assert shown in text
    assert "<cite>Olivier Doyle</cite>, <span>directeur général</span>" in markup
    assert markup.count("««") == markup.count("«\u00a0«") == 0
    assert re.findall(r'<li class="tracks__item">([^<]+)</li>', markup) == [
        "Enjeux territoriaux",
        "Enjeux régionaux et transversaux de l’écosystème",
    ]
    assert re.findall(r'class="priority__title">([^<]+)</h3>', markup) == [
        title for title, _text in PRIORITIES
    ]
    assert re.findall(r'class="priority__text">([^<]+)</p>', markup) == [text for _title, text in PRIORITIES]
    assert re.findall(r'class="priority__track">([^<]+)</p>', markup) == [track.title for track in tracks]
    assert f"/compte/connexion/?next={public(forum).replace('/', '%2F')}%23commentaires" in markup
    assert len(re.findall("<h1", markup)) == 1
    assert timezone.localdate(Results.objects.get().published_at) == date(2023, 11, 20)


def test_saved_results_are_for_staff_only(staff_client, client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form())
    assert client.get(public(forum)).status_code == 404
    assert Priority.objects.count() == 0
    text = staff_client.get(edit(forum)).content.decode()
    assert 'value="La mutualisation"' in text
    assert 'name="version" value="1"' in text


def test_reading_the_editor_begins_nothing(staff_client):
    staff_client.get(edit(past_forum()))
    assert Results.objects.count() == 0


def test_editor_offers_five_lines(staff_client):
    text = staff_client.get(edit(past_forum())).content.decode()
    assert 'name="priorites-TOTAL_FORMS" value="5"' in text


def test_numbers_alone_reorder_remove_and_add(staff_client, client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(action="publish"))
    results = Results.objects.get()
    lines = stored_lines(results)
    lines[0]["ORDER"] = 9
    lines[1]["DELETE"] = "on"
    lines[4]["title"] = lines[4]["description"] = ""
    lines.append({"title": "Relève", "ORDER": 0})
    staff_client.post(edit(forum), results_form(lines=lines, version=1, action="publish"))
    titles = [
        "Relève",
        "Le partage d’infrastructures",
        "La souplesse et la créativité réglementaire",
        "La mutualisation",
    ]
    assert list(Priority.objects.values_list("position", "title")) == list(enumerate(titles, start=1))
    markup = client.get(public(forum)).content.decode()
    assert re.findall(r'class="priority__title">([^<]+)</h3>', markup) == titles


def test_republished_priorities_keep_their_state_and_updates(staff_client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(action="publish"))
    before = dict(Priority.objects.values_list("title", "pk"))
    kept = Priority.objects.get(title="La mutualisation")
    Priority.objects.filter(pk=kept.pk).update(state="done")
    PriorityUpdate.objects.create(priority=kept, dated_on=date(2024, 1, 1), text="Un pas")
    lines = stored_lines(Results.objects.get())[::-1]
    for position, line in enumerate(lines, start=1):
        line["ORDER"] = position
    lines[4]["title"] = "La mutualisation, encore"
    staff_client.post(edit(forum), results_form(lines=lines, version=1, action="publish"))
    kept.refresh_from_db()
    assert (kept.position, kept.title, kept.state) == (5, "La mutualisation, encore", "done")
    assert kept.updates.count() == 1
    assert set(Priority.objects.values_list("pk", flat=True)) == set(before.values())


def test_saving_changes_nothing_public_until_published(staff_client, client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(action="publish"))
    lines = stored_lines(Results.objects.get())
    lines[0]["title"] = "Autrement dit"
    staff_client.post(edit(forum), results_form(lines=lines, version=1, heading="Autre sous-titre"))
    markup = client.get(public(forum)).content.decode()
    assert "La mutualisation" in markup
    assert "Autre" not in markup
    staff_client.post(
        edit(forum), results_form(lines=lines, version=2, heading="Autre sous-titre", action="publish")
    )
    markup = client.get(public(forum)).content.decode()
    assert ("Autrement dit" in markup, "Autre sous-titre" in markup) == (True, True)


def test_schedule_shows_the_page_at_its_second(staff_client, client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(action="publish", publish_at="2031-01-15T08:00"))
    moment = datetime(2031, 1, 15, 13, tzinfo=UTC)
    for shift, status in ((-1, 404), (0, 200), (1, 200)):
        with time_machine.travel(moment + timedelta(seconds=shift), tick=False):
            assert client.get(public(forum)).status_code == status


def test_unpublished_results_disappear_and_are_kept(staff_client, client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(action="publish"))
    lines = stored_lines(Results.objects.get())
    staff_client.post(edit(forum), results_form(lines=lines, version=1, action="unpublish"))
    assert client.get(public(forum)).status_code == 404
    assert "La mutualisation" not in client.get("/priorites/").content.decode()
    assert 'value="La mutualisation"' in staff_client.get(edit(forum)).content.decode()


def test_results_of_a_draft_forum_wait_for_it(staff_client, client):
    forum = past_forum(announced_at=None)
    page = staff_client.post(edit(forum), results_form(action="publish"), follow=True).content.decode()
    assert "ses résultats paraîtront en même temps que lui" in page
    assert client.get(public(forum)).status_code == 404
    Forum.objects.update(announced_at=timezone.now())
    assert client.get(public(forum)).status_code == 200


# --- Preview ------------------------------------------------------------------------------------------


def test_preview_shows_unsaved_words_in_the_real_page(staff_client):
    forum = past_forum()
    response = staff_client.post(f"{edit(forum)}apercu/", results_form())
    markup = response.content.decode()
    assert re.findall(r'class="priority__title">([^<]+)</h3>', markup) == [
        title for title, _text in PRIORITIES
    ]
    assert "Olivier Doyle" in markup
    assert Results.objects.count() == 0
    assert response["Cache-Control"] == "private, no-store"


def test_preview_of_published_results_changes_nothing(staff_client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(action="publish"))
    Priority.objects.filter(position=1).update(state="done")
    lines = stored_lines(Results.objects.get())
    lines[0] |= {"title": "Aperçue", "ORDER": 5}
    lines[4] |= {"ORDER": 0}
    markup = staff_client.post(f"{edit(forum)}apercu/", results_form(lines=lines, version=1)).content.decode()
    titles = re.findall(r'class="priority__title">([^<]+)</h3>', markup)
    assert (titles[0], titles[4]) == ("L’innovation par l’économie sociale", "Aperçue")
    assert 'data-state="done"' in markup.split("Aperçue")[1]
    assert Priority.objects.get(position=1).title == "La mutualisation"
    assert Results.objects.get().draft.version == 1


def test_preview_of_a_form_to_correct_shows_the_rest(staff_client):
    forum = past_forum()
    response = staff_client.post(f"{edit(forum)}apercu/", results_form(heading="x" * 300))
    assert response.status_code == 200
    assert "La mutualisation" in response.content.decode()


def test_preview_names_the_track_of_an_unsaved_priority(db):
    forum = past_forum()
    track = forum.tracks.create(position=1, title="Toits")
    wanted = {
        "key": "",
        "title": "A",
        "title_en": "",
        "description": "",
        "description_en": "",
        "track": track.pk,
    }
    shown = as_if_published(Results(forum=forum), {"priorities": [wanted, wanted | {"track": 999_999}]})
    assert [priority.track for priority in shown.shown_priorities] == [track, None]


# --- Two writers -----------------------------------------------------------------------------------------


def test_second_writer_sees_both_texts_then_saves_knowingly(staff_client, staff):
    forum = past_forum()
    staff_client.post(edit(forum), results_form())
    lines = stored_lines(Results.objects.get())
    theirs = [line | {"title": "Titre de l’une"} if line["ORDER"] == 1 else line for line in lines]
    signed_in(staff, second_factor=True).post(
        edit(forum), results_form(lines=theirs, version=1, introduction="<p>Texte de l’une</p>")
    )
    ours = [line | {"title": "Titre de l’autre"} if line["ORDER"] == 1 else line for line in lines]
    response = staff_client.post(
        edit(forum),
        results_form(lines=ours, version=1, introduction="<p>Texte de l’autre</p>", action="publish"),
    )
    assert response.status_code == 409
    text = response.content.decode()
    conflict = text.split('id="conflit"')[1].split("</section>")[0]
    form = text.split('id="conflit"')[1].split("</section>", 1)[1]
    assert ("Texte de l’une" in conflict, "Titre de l’une" in conflict) == (True, True)
    assert f">\n{escape('<p>Texte de l’autre</p>')}</textarea>" in form
    assert 'value="Titre de l’autre"' in form
    assert "Dominique Caron" in conflict
    assert "L’immobilier collectif" not in conflict
    stored = Results.objects.get()
    assert stored.draft.content["introduction"] == "<p>Texte de l’une</p>"
    assert stored.published_at is None
    assert 'name="version" value="2"' in form
    again = results_form(lines=ours, version=2, introduction="<p>Texte de l’autre</p>")
    assert staff_client.post(edit(forum), again).status_code == 302
    versions = Results.objects.get().draft.versions.values_list("number", "content__introduction")
    assert [text for _number, text in versions][:2] == ["<p>Texte de l’autre</p>", "<p>Texte de l’une</p>"]


def test_two_first_saves_begin_one_text(staff_client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(heading="L’une"))
    response = staff_client.post(edit(forum), results_form(heading="L’autre"))
    assert response.status_code == 409
    assert Results.objects.count() == 1
    assert Results.objects.get().draft.content["heading"] == "L’une"
    assert 'value="L’autre"' in response.content.decode()


def test_saving_the_same_text_again_makes_no_version(staff_client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form())
    lines = stored_lines(Results.objects.get())
    staff_client.post(edit(forum), results_form(lines=lines, version=1))
    assert Results.objects.get().draft.version == 1


# --- Bad input -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"introduction": "<p>" + "x" * 1_000_000}, 'id="id_introduction_error"'),
        ({"introduction": "a\x00b"}, 'id="id_introduction_error"'),
        ({"quotation": "x" * 1_000_000}, 'id="id_quotation_error"'),
        ({"publish_at": "9999-12-31T23:59"}, 'id="id_publish_at_error"'),
        ({"priorites-0-title": ""}, 'id="id_priorites-0-title_error"'),
        ({"priorites-0-title": "x" * 161}, 'id="id_priorites-0-title_error"'),
        ({"priorites-0-description": "x" * 2001}, 'id="id_priorites-0-description_error"'),
        ({"priorites-0-title_en": "x" * 161}, 'id="id_priorites-0-title_en_error"'),
        ({"priorites-0-key": "pas-un-uuid"}, "field__error"),
        ({"priorites-0-ORDER": "premier"}, 'id="id_priorites-0-ORDER_error"'),
        ({"priorites-TOTAL_FORMS": "100000"}, "field__error"),
        ({"priorites-TOTAL_FORMS": ""}, "field__error"),
        ({"version": "beaucoup"}, "Il y a quelque chose à corriger"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(staff_client, changes, said):
    forum = past_forum()
    response = staff_client.post(edit(forum), results_form(**changes))
    assert response.status_code == 200
    text = response.content.decode()
    assert said in text
    assert 'value="Olivier Doyle"' in text
    assert Results.objects.count() == 0


def test_null_byte_in_a_quotation_is_left_out(staff_client):
    forum = past_forum()
    assert staff_client.post(edit(forum), results_form(quotation="a\x00b")).status_code == 302
    assert Results.objects.get().draft.content["quotation"] == "ab"


def test_key_typed_twice_makes_two_priorities(staff_client):
    forum = past_forum()
    key = "6b8b0c64-3a54-4d0e-9a55-0d8f6a1a3c11"
    lines = [{"title": "Une", "ORDER": 1, "key": key}, {"title": "Deux", "ORDER": 2, "key": key}]
    staff_client.post(edit(forum), results_form(lines=lines, action="publish"))
    assert list(Priority.objects.values_list("title", flat=True)) == ["Une", "Deux"]


def test_key_of_another_forum_does_not_take_its_priority(staff_client):
    first, second = past_forum(), past_forum()
    staff_client.post(edit(first), results_form(action="publish"))
    stolen = stored_lines(Results.objects.get())[:1]
    stolen[0]["title"] = "Prise"
    staff_client.post(edit(second), results_form(lines=stolen, action="publish"))
    assert Priority.objects.get(results__forum=first, position=1).title == "La mutualisation"
    assert Priority.objects.get(results__forum=second).title == "Prise"


def test_script_typed_by_staff_is_never_markup(staff_client, client):
    forum = past_forum()
    payload = '"><script>alert(1)</script>'
    hostile = results_form(
        lines=[{"title": payload, "description": payload, "title_en": payload, "ORDER": 1}],
        action="publish",
        heading=payload,
        introduction=f"<p onmouseover=alert(1)>{payload}<a href='javascript:alert(1)'>x</a></p>",
        quotation=payload,
        quotation_author=payload,
        quotation_role=payload,
        priorities_lead=payload,
        next_steps="<iframe src=//x.example></iframe><p>y</p>",
    )
    preview = staff_client.post(f"{edit(forum)}apercu/", hostile).content.decode()
    staff_client.post(edit(forum), hostile)
    pages = [preview, client.get(public(forum)).content.decode(), client.get("/priorites/").content.decode()]
    pages += [client.get("/forums/").content.decode(), staff_client.get(edit(forum)).content.decode()]
    pages.append(staff_client.get(f"/gestion/forums/{forum.slug}/suivi/").content.decode())
    for text in pages:
        assert "<script>alert" not in text
        assert "javascript:" not in text
        assert "onmouseover" not in text
        assert "<iframe" not in text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("« Un bilan! »", "Un bilan!"),
        ("“Un bilan”", "Un bilan"),
        ("« Un » et « deux »", "«\u00a0Un\u00a0» et «\u00a0deux\u00a0»"),
        ("Un « bilan »", "Un «\u00a0bilan\u00a0»"),
        ("«", "«"),
    ],
)
def test_quotation_loses_its_outer_marks_only(staff_client, typed, kept):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(quotation=typed))
    assert Results.objects.get().draft.content["quotation"] == kept


def test_french_typography_is_set_and_english_left_alone(staff_client):
    forum = past_forum()
    staff_client.post(edit(forum), results_form(heading="Un pas : l'autre", heading_en="One step: another"))
    content = Results.objects.get().draft.content
    assert (content["heading"], content["heading_en"]) == ("Un pas\u00a0: l’autre", "One step: another")


def test_track_gone_while_writing_is_asked_again(staff_client):
    forum = past_forum()
    forum.tracks.create(position=1, title="Toits")
    lines = [{"title": "Une", "ORDER": 1, "track": 999_999}]
    text = staff_client.post(edit(forum), results_form(lines=lines)).content.decode()
    assert 'id="id_priorites-0-track_error"' in text
    forum.tracks.all().delete()
    assert staff_client.post(edit(forum), results_form(lines=lines)).status_code == 302


def test_draft_whose_track_is_gone_can_be_published(staff_client):
    forum = past_forum()
    track = forum.tracks.create(position=1, title="Toits")
    staff_client.post(edit(forum), results_form(lines=[{"title": "Une", "ORDER": 1, "track": track.pk}]))
    track.delete()
    publish(owner=Results.objects.get(), at=None, now=timezone.now())
    assert Priority.objects.get().track_id is None


def test_tracks_gone_from_the_event_leave_the_priorities(staff_client):
    forum = past_forum()
    track = forum.tracks.create(position=1, title="Toits")
    lines = [{"title": "Une", "ORDER": 1, "track": track.pk}]
    staff_client.post(edit(forum), results_form(lines=lines))
    track.delete()
    results = Results.objects.select_related("draft").get()
    assert staff_client.get(edit(forum)).status_code == 200
    save_results(forum=forum, content=results.draft.content, seen_version=1, by=None)
    lines = [{"title": "Une", "ORDER": 1, "track": ""}]
    staff_client.post(edit(forum), results_form(lines=lines, version=1, action="publish"))
    assert Priority.objects.get().track is None
