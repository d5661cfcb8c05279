"""What is published of a sealed round: when, to whom, in which form, and that it is what was counted."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from html import unescape

import pypdf
import pytest
import time_machine
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forums.dossier import sending
from forums.models import Answer, Results
from forums.tally.box import read
from forums.tally.canonical import in_groups
from forums.tally.count import count
from forums.tally.outcome import as_json
from forums.vote.methods.registry import COUNTING
from forums.vote.rounds import annul_round, open_round
from tests import pdf_tags
from tests.factories import (
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
)
from tests.forums.printing.conftest import structure
from tests.forums.sealed import BALLOTS, TITLES, past_forum, publish_results, seal

pytestmark = pytest.mark.django_db

FILES = ("resultats.pdf", "resultats.csv", "resultats.json", "resultats/urne.json", "resultats/recompter.py")
HOSTILE = '#panic("x") $1$ `<a>` @ref *b* \\ <script>alert(1)</script> =1+1'


def page(round, place="resultats/"):
    return f"/forums/{round.forum.slug}/{place}"


def of_round(round, place="resultats/"):
    return f"/forums/{round.forum.slug}/tours/{round.number}/{place}"


def text_of(response):
    main = response.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " "))


def pdf_text(content):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(each.extract_text() for each in pages).replace("\u00a0", " "))


# --- When ---------------------------------------------------------------------------------------------


def test_nothing_of_the_outcome_is_public_before_results_are_published(client):
    round = seal()
    for place in ("resultats/", *FILES):
        assert client.get(page(round, place)).status_code == 404
    for place in FILES:
        assert client.get(of_round(round, place)).status_code == 404
    text = text_of(client.get(of_round(round)))
    assert in_groups(round.seal) in text
    assert [title for title in TITLES if title in text] == []


@pytest.mark.parametrize("place", ["resultats/", *FILES])
def test_scheduled_results_and_files_appear_at_their_second(client, place):
    round = seal()
    moment = timezone.now() + timedelta(days=3)
    publish_results(round.forum, at=moment)
    found = []
    for shift in (-1, 0, 1):
        with time_machine.travel(moment + timedelta(seconds=shift), tick=False):
            found.append(
                (
                    client.get(page(round, place)).status_code,
                    "Toits" in client.get(of_round(round)).content.decode(),
                )
            )
    assert found == [(404, False), (200, True), (200, True)]


@pytest.mark.parametrize("place", ["resultats/", *FILES])
def test_results_taken_back_take_their_files_along(client, place):
    from desk.publishing import unpublish

    round = seal()
    results = publish_results(round.forum)
    assert client.get(page(round, place)).status_code == 200
    unpublish(owner=results)
    assert client.get(page(round, place)).status_code == 404
    if place != "resultats/":
        assert client.get(of_round(round, place)).status_code == 404


def test_results_of_a_draft_forum_wait_for_it(client):
    round = seal()
    publish_results(round.forum)
    round.forum.announced_at = None
    round.forum.save()
    assert {
        client.get(address).status_code for address in (page(round), of_round(round), page(round, "suivi/"))
    } == {404}


def test_second_round_waits_for_its_own_publication(client):
    first = seal()
    publish_results(first.forum)
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        second = seal(forum=first.forum, titles=("Scierie", "Buanderie", "Verger", "Four à pain", "Fournil"))
        assert "Scierie" not in client.get(page(second)).content.decode()
        assert "Scierie" not in client.get(page(second, "resultats.json")).content.decode()
        assert client.get(of_round(second, "resultats.csv")).status_code == 404
        assert client.get(page(second, "resultats/urne.json")).content.decode() == first.box.text
        publish_results(first.forum)
        assert "Scierie" in client.get(page(second)).content.decode()
        assert client.get(page(second, "resultats/urne.json")).content.decode() == second.box.text
        assert client.get(of_round(first, "resultats/urne.json")).content.decode() == first.box.text


def test_trial_vote_has_a_page_of_its_own_and_no_results(client):
    round = seal(is_trial=True, titles=("Café", "Thé", "Tisane", "Eau", "Jus"))
    assert not Results.objects.exists()
    text = text_of(client.get(of_round(round)))
    assert "Café" in text
    assert "vote d’essai" in text
    assert client.get(of_round(round, "resultats/urne.json")).content.decode() == round.box.text
    assert client.get(page(round, "resultats/urne.json")).status_code == 404


def test_annulled_round_says_publicly_why(client, staff):
    forum = past_forum()
    round = RoundFactory(forum=forum, number=1)
    QuestionFactory(round=round, position=1)
    RegistrationFactory(forum=forum)
    assert client.get(of_round(round)).status_code == 404
    open_round(round_id=round.pk, by=staff)
    assert "personne ne voit de résultats partiels" in text_of(client.get(of_round(round)))
    annul_round(round_id=round.pk, reason="Panne de courant.", by=staff)
    assert "Panne de courant." in text_of(client.get(of_round(round)))


def test_reading_pages_answer_304_until_something_public_changes(client):
    round = seal()
    publish_results(round.forum)
    for place in ("resultats/", "suivi/", *FILES):
        first = client.get(page(round, place))
        assert first["Cache-Control"] == "public, max-age=0, must-revalidate"
        again = client.get(page(round, place), headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    etag = client.get(page(round))["ETag"]
    Results.objects.get().priorities.update(state="done")
    assert client.get(page(round), headers={"if-none-match": etag}).status_code == 200


# --- What ------------------------------------------------------------------------------------------------


def test_page_says_figures_turnout_method_and_seal(client):
    round = seal(roll=3)
    publish_results(round.forum)
    response = client.get(page(round))
    text = text_of(response)
    for said in (
        "1 Toits abordables",
        "8 appuis (66,7 %)",
        "7 appuis (58,3 %)",
        "Ont voté : 12 sur 15",
        "(80 %)",
        "11 bulletins remplis, 1 blanc, aucun rejeté.",
        "12 à l’écran + 0 sur papier = 12",
        "Question 1 : 11 remplis + 1 blanc + 0 rejeté = 12",
        "La lecture équilibrée des mêmes bulletins aurait retenu les mêmes",
        in_groups(round.seal),
        in_groups(round.seed_hash),
        "python3 recompter.py urne.json --sceau LE_SCEAU_NOTÉ_DANS_LA_SALLE",
    ):
        assert said.removeprefix("1 ") in text
    assert re.findall(r'class="priority__title">([^<]+)<', response.content.decode()) == [
        "Toits abordables",
        "Navette rurale",
    ]
    assert 'role="img"' in response.content.decode()
    assert "<style" not in response.content.decode()
    assert " style=" not in response.content.decode()


def test_tie_at_the_threshold_is_said_in_words(client):
    # Three equals for two places.
    round = seal(ballots=((1,), (1,), (2,), (2,), (3,), (3,), (4,), (), (), ()), to_retain=2)
    publish_results(round.forum)
    text = text_of(client.get(page(round)))
    assert "Égalité de 3 options pour 2 places, avec 2 appuis chacune" in text
    assert "selon la règle publiée" in text
    kept = [option["title"] for option in _retained(round)]
    assert "a retenu « {} » et « {} »".format(*kept) in text


def _retained(round):
    question = json.loads(round.box.text)["questions"][0]
    titles = {option["number"]: option for option in question["options"]}
    return [titles[number] for number in round.box.outcome["questions"][0]["retained"]]


def test_balanced_reading_that_differs_is_said_in_a_sentence(client):
    # Six people tick 1 and 2; four tick 3 alone: totals retain 1 and 2, the balanced reading 1 (or 2) and 3.
    round = seal(ballots=((1, 2),) * 6 + ((1,),) + ((3,),) * 4, to_retain=2)
    publish_results(round.forum)
    said = "La lecture équilibrée des mêmes bulletins aurait retenu « Cuisine partagée » au lieu de « Navette rurale »."
    assert said in text_of(client.get(page(round)))
    assert said in pdf_text(client.get(page(round, "resultats.pdf")).content)


def test_balanced_reading_that_decides_is_named_and_compared_with_totals(client):
    round = seal(ballots=((1, 2),) * 6 + ((1,),) + ((3,),) * 4, to_retain=2, reading="balanced")
    publish_results(round.forum)
    text = text_of(client.get(page(round)))
    assert (
        "Les totaux des mêmes bulletins auraient retenu « Navette rurale » au lieu de « Cuisine partagée »."
        in text
    )
    assert "est la lecture équilibrée" in text


def test_consultation_says_whom_it_does_not_represent(client, citizen):
    forum = past_forum()
    from tests.factories import UserFactory

    UserFactory.create_batch(11)
    round = seal(forum=forum, public="accounts")
    publish_results(forum)
    assert round.is_consultation
    said = "ses résultats ne représentent pas l’ensemble de la population"
    assert said in text_of(client.get(page(round)))
    assert said in text_of(client.get(of_round(round)))
    assert said in pdf_text(client.get(page(round, "resultats.pdf")).content)


@pytest.mark.parametrize(("voters", "has_box"), [(9, False), (10, True)])
def test_fewer_than_ten_ballots_publish_totals_and_seal_alone(client, voters, has_box):
    round = seal(ballots=((1, 2),) * (voters - 1) + ((3,),), to_retain=2)
    publish_results(round.forum)
    text = text_of(client.get(page(round)))
    assert ("Moins de 10 bulletins ont été comptés" in text) is not has_box
    assert in_groups(round.seal) in text
    assert "Toits abordables" in text
    for place in FILES[3:]:
        assert client.get(page(round, place)).status_code == (200 if has_box else 404)
    data = json.loads(client.get(page(round, "resultats.json")).content)["rounds"][0]
    assert (data["has_box"], data["count"] is not None, "turnout" in data["reconciliation"]) == (has_box,) * 3
    assert ("lecture équilibrée" in text) is has_box


def test_kinds_of_fewer_than_five_are_counted_together(client):
    forum = past_forum()
    RegistrationFactory.create_batch(3, forum=forum, kind="partner")
    RegistrationFactory.create_batch(2, forum=forum, kind="other")
    round = seal(forum=forum)
    publish_results(forum)
    text = text_of(client.get(page(round)))
    assert "Autres catégories, comptées ensemble 5 5" in text
    assert "Citoyennes et citoyens 12 7" in text


def test_priorities_show_where_they_come_from(client):
    forum = past_forum()
    survivor = RecommendationFactory(forum=forum, title="Toits", is_on_ballot=True)
    source = RecommendationFactory(forum=forum, title="Loyers", state="merged", survivor=survivor)
    RecommendationFactory(forum=forum, title="Navette", is_on_ballot=True)
    round = RoundFactory(forum=forum, number=1)
    QuestionFactory(round=round, position=1, options=0, limits={"limit": 1}, to_retain=1)
    from forums.event.open_and_seal import seal_vote
    from forums.vote.rounds import close_round
    from tests.forums.sealed import _cast

    RegistrationFactory.create_batch(10, forum=forum)
    open_round(round_id=round.pk, by=None)
    number = round.questions.get().options.get(recommendation=survivor).number
    _cast(round, ((number,),) * 10, 1)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    publish_results(forum)
    markup = client.get(page(round)).content.decode().split("Origine de la recommandation")[1]
    assert f'href="{survivor.get_absolute_url()}"' in markup
    assert f'href="{source.get_absolute_url()}"' in markup
    survivor.is_on_ballot = False
    survivor.is_hidden = True
    survivor.save()
    assert "Origine de la recommandation" not in client.get(page(round)).content.decode()


def test_results_by_hand_have_files_without_figures(client):
    results = ResultsFactory()
    results.priorities.create(position=1, title="La mutualisation", description="Appuyer la mutualisation.")
    slug = results.forum.slug
    assert 'class="bars' not in client.get(f"/forums/{slug}/resultats/").content.decode()
    rows = list(
        csv.reader(
            io.StringIO(client.get(f"/forums/{slug}/resultats.csv").content.decode("utf-8-sig")),
            delimiter=";",
        )
    )
    assert [row[3] for row in rows] == ["title", "La mutualisation"]
    data = json.loads(client.get(f"/forums/{slug}/resultats.json").content)
    assert (data["schema"], data["rounds"], data["priorities"][0]["vote"]) == ("pole-resultats/1", [], None)
    assert "La mutualisation" in pdf_text(client.get(f"/forums/{slug}/resultats.pdf").content)
    assert client.get(f"/forums/{slug}/resultats/urne.json").status_code == 404


# --- Files -------------------------------------------------------------------------------------------------


def test_files_say_what_they_are(client):
    round = seal()
    publish_results(round.forum)
    found = {place: client.get(page(round, place)) for place in FILES}
    assert {place: response["Content-Type"] for place, response in found.items()} == {
        "resultats.pdf": "application/pdf",
        "resultats.csv": "text/csv; charset=utf-8",
        "resultats.json": "application/json",
        "resultats/urne.json": "application/json",
        "resultats/recompter.py": "text/plain; charset=utf-8",
    }
    assert {response["X-Content-Type-Options"] for response in found.values()} == {"nosniff"}
    assert found["resultats/recompter.py"]["Content-Disposition"] == 'attachment; filename="recompter.py"'


@pytest.mark.parametrize(
    ("prefix", "language", "said"),
    [("", "fr-CA", "Priorités retenues"), ("/en", "en-CA", "Retained priorities")],
)
def test_pdf_is_tagged_titled_and_in_its_language(client, prefix, language, said):
    round = seal()
    publish_results(round.forum)
    content = client.get(prefix + page(round, "resultats.pdf")).content
    reader = pypdf.PdfReader(io.BytesIO(content))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert root["/StructTreeRoot"]["/K"]
    assert round.forum.title in reader.metadata.title
    assert b"pdfuaid" in reader.xmp_metadata.stream.get_data()
    text = pdf_text(content)
    for words in (said, "Toits abordables", "66,7 %" if not prefix else "66.7%", "Navette rurale"):
        assert words in text
    alternatives = [each.get("/Alt") for each in structure(root["/StructTreeRoot"])]
    assert [alt for alt in alternatives if alt and "Toits abordables" in alt]
    assert pdf_tags.faults_of(content) == []
    assert pdf_tags.tags_of(content)["/TH"] >= 4


def test_pdf_is_compiled_once_a_version(client, monkeypatch, settings, tmp_path):
    from forums import printing

    settings.VAR_DIR = tmp_path
    compiled = []
    compile_it = printing.compile
    monkeypatch.setattr(
        printing, "compile", lambda *args, **named: compiled.append(1) or compile_it(*args, **named)
    )
    round = seal()
    publish_results(round.forum)
    first = client.get(page(round, "resultats.pdf")).content
    assert client.get(page(round, "resultats.pdf")).content == first
    assert len(compiled) == 1
    Results.objects.update(quotation="Une phrase de plus.")
    assert "Une phrase de plus." in pdf_text(client.get(page(round, "resultats.pdf")).content)
    assert len(compiled) == 2


def test_hostile_titles_are_only_text_everywhere(client):
    titles = (HOSTILE, "=cmd|'/c calc'!A1", "@SUM(1)", "+1", "-1")
    round = seal(titles=titles, ballots=BALLOTS)
    publish_results(round.forum)
    Results.objects.update(quotation=HOSTILE, introduction='<p>#read("frame.typ")</p>')
    markup = client.get(page(round)).content.decode()
    assert "<script>alert" not in markup
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in markup.split('<div class="bars"')[1].split("</svg>")[0]
    text = pdf_text(client.get(page(round, "resultats.pdf")).content)
    assert '#panic("x") $1$' in text
    assert '#read("frame.typ")' in text
    rows = list(
        csv.DictReader(
            io.StringIO(client.get(page(round, "resultats.csv")).content.decode("utf-8-sig")), delimiter=";"
        )
    )
    assert {row["title"][0] for row in rows if row["title"][1:] in titles} == {"'"}
    options = json.loads(client.get(page(round, "resultats.json")).content)["rounds"][0]["questions"][0][
        "options"
    ]
    assert {option["title"] for option in options} == set(titles)


def test_stranger_recounts_on_bare_python_and_gets_the_page_s_figures(client, tmp_path):
    round = seal(ballots=BALLOTS + ((3,),) * 4, questions=2)
    publish_results(round.forum)
    (tmp_path / "urne.json").write_bytes(client.get(page(round, "resultats/urne.json")).content)
    (tmp_path / "recompter.py").write_bytes(client.get(page(round, "resultats/recompter.py")).content)
    noted = re.search(
        r"(?:[0-9a-f]{8} ){7}[0-9a-f]{8}", text_of(client.get(f"/forums/{round.forum.slug}/tours/1/ecran/"))
    )[0]
    assert noted == in_groups(round.seal)
    command = [sys.executable, "-I", "-S", "recompter.py", "urne.json", "--sceau", noted]
    run = subprocess.run(
        [*command, "--json"], cwd=tmp_path, env={}, capture_output=True, text=True, check=True
    )
    data = json.loads(client.get(page(round, "resultats.json")).content)["rounds"][0]
    assert json.loads(run.stdout) == data["count"] | {"verified": True}
    table = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONUTF8": "1"}, capture_output=True, text=True, check=True
    ).stdout
    assert len(data["questions"][0]["options"]) == 5
    for option in data["questions"][0]["options"]:
        assert re.search(rf"{option['number']}\s+{option['total']}\s.*{option['title']}", table)
    forged = (tmp_path / "urne.json").read_text(encoding="utf-8").replace("[1,2],[1,2]", "[1,2],[1,3]", 1)
    (tmp_path / "urne.json").write_text(forged, encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, check=False).returncode != 0


ballot = st.lists(st.integers(1, 5), unique=True, max_size=3).map(sorted).map(tuple)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ballots=st.lists(ballot, min_size=10, max_size=16),
    to_retain=st.integers(1, 5),
    reading=st.sampled_from(["most_supported", "balanced"]),
)
def test_page_and_data_agree_with_the_tally_of_the_box(client, ballots, to_retain, reading):
    round = seal(ballots=tuple(ballots), to_retain=to_retain, reading=reading)
    publish_results(round.forum)
    outcome = count(
        read(client.get(page(round, "resultats/urne.json")).content.decode(), COUNTING)
    ).questions[0]
    data = json.loads(client.get(page(round, "resultats.json")).content)
    assert data["rounds"][0]["count"] == as_json(count(read(round.box.text, COUNTING)))
    options = {option["number"]: option for option in data["rounds"][0]["questions"][0]["options"]}
    assert {number: option["total"] for number, option in options.items()} == {
        line.number: line.total for line in outcome.totals
    }
    places = sorted((option["place"], number) for number, option in options.items() if option["place"])
    assert [number for _place, number in places] == list(outcome.retained)
    shown = re.findall(r'class="priority__title">([^<]+)<', client.get(page(round)).content.decode())
    assert shown == [TITLES[number - 1] for number in outcome.retained]
    assert sum(ballots.count(each) for each in set(ballots)) == data["rounds"][0]["ballots"]


def test_points_are_shared_and_shown(client):
    round = seal(method="points", ballots=(((1, 4), (2, 3)),) * 6 + (((3, 4),),) * 4)
    publish_results(round.forum)
    text = text_of(client.get(page(round)))
    assert "24 des 58 points donnés, par 6 des 10 bulletins valides" in text
    assert "Chaque personne avait 10 points à répartir, au plus 4 sur une même option" in text
    assert "lecture équilibrée" not in text


# --- Staff and speed ------------------------------------------------------------------------------------------


def test_sealing_drafts_and_one_click_publishes(staff_client, client):
    round = seal()
    edit = f"/gestion/forums/{round.forum.slug}/resultats/"
    shown = staff_client.get(edit).content.decode()
    assert "Toits abordables" in shown
    assert "8 appuis" in shown.replace("\u00a0", " ")
    results = Results.objects.get()
    from tests.forums.typed import results_form, stored_lines

    lines = stored_lines(results)
    lines[0]["themes"] = ["logement", "aines"]
    staff_client.post(edit, results_form(lines=lines, version=results.draft.version, action="publish"))
    text = text_of(client.get(page(round)))
    assert "8 appuis (66,7 %)" in text
    assert results.priorities.get(position=1).themes == ["logement", "aines"]
    lines[0]["themes"] = ["logement", "aines", "sante"]
    again = staff_client.post(edit, results_form(lines=lines, version=2))
    assert "Choisissez au plus deux thèmes" in again.content.decode()


def test_preview_shows_the_figures_to_staff_alone(staff_client, client):
    from tests.forums.typed import results_form, stored_lines

    round = seal()
    results = Results.objects.get()
    form = results_form(lines=stored_lines(results), version=results.draft.version)
    preview = staff_client.post(f"/gestion/forums/{round.forum.slug}/resultats/apercu/", form)
    assert "8 appuis (66,7 %)" in text_of(preview)
    assert client.get(page(round)).status_code == 404


def test_removed_priority_is_pointed_out_to_staff(staff_client):
    from tests.forums.typed import results_form, stored_lines

    round = seal()
    results = Results.objects.get()
    form = results_form(lines=stored_lines(results)[1:], version=results.draft.version)
    edit = f"/gestion/forums/{round.forum.slug}/resultats/"
    staff_client.post(edit, form)
    assert "Le vote a retenu celles-ci" in staff_client.get(edit).content.decode()


@pytest.mark.parametrize("follows", ["news", "answer", ""])
def test_priority_with_published_news_or_answers_is_not_published_away(staff_client, staff, follows):
    from tests.forums.typed import results_form, stored_lines

    round = seal()
    results = publish_results(round.forum)
    lost = results.priorities.get(position=1)
    if follows == "news":
        lost.updates.create(dated_on="2026-03-01", text="Un pas")
    if follows == "answer":
        dossier = sending.send_dossier(
            results_id=results.pk, by=staff, organisation="Chantier fictif", person="", email="lou@exemple.example",
            language="fr", message="",
        )  # fmt: skip
        Answer.objects.create(dossier=dossier, priority=lost, state="accepted", text="Oui")
    edit = f"/gestion/forums/{round.forum.slug}/resultats/"
    form = results_form(lines=stored_lines(results)[1:], version=Results.objects.get().draft.version)
    response = staff_client.post(edit, form | {"action": "publish"})
    assert ("qui seraient perdues" in response.content.decode()) == bool(follows)
    assert results.priorities.filter(pk=lost.pk).exists() == bool(follows)
    # Nor by the button of the round, which publishes the working copy as it was saved.
    staff_client.post(edit, form)
    again = staff_client.post(f"/gestion/forums/{round.forum.slug}/scrutins/1/publication/", follow=True)
    assert ("qui seraient perdues" in again.content.decode()) == bool(follows)
    assert results.priorities.filter(pk=lost.pk).exists() == bool(follows)


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_same_queries_for_1_and_3_questions(client, django_assert_num_queries, count):
    round = seal(questions=count)
    publish_results(round.forum)
    client.get(page(round))
    with django_assert_num_queries(11):
        client.get(page(round))
