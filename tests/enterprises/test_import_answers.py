"""What staff answer once about the towns and the words of a file, and what later files do with it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.importing import answers, remembered, running
from enterprises.importing.reading import municipality_label
from enterprises.importing.remembered import Answer
from enterprises.models import Import, Listing, RememberedValue
from pole.geo.gazetteer import load_gazetteer
from pole.models import Municipality
from tests.factories import ListingFactory, SectorFactory
from tests.imports import imported, kinds, opened, rows_of, run, said_of

pytestmark = pytest.mark.django_db
HEADER = ["Nom", "Ville"]


@pytest.fixture
def sector(db):
    return SectorFactory(slug="jardins", name="Jardins et paysages")


# --- Towns --------------------------------------------------------------------------------------------


def test_a_town_is_answered_once_for_all_its_rows_and_for_later_files():
    rows = [["La Ruche", "Port-Fictif"], ["Le Pré", "PORT FICTIF (Québec)"], ["Le Quai", "Mercier"]]
    tried = opened(rows, HEADER)
    assert kinds(tried) == ["question", "question", "created"]
    assert kinds(said_of(tried, towns={"Port-Fictif": "70022"})) == ["created"] * 3
    running.cancel(import_id=tried.pk)
    assert kinds(imported(rows, HEADER)) == ["created"] * 3
    assert Listing.objects.filter(municipality_id="70022").count() == 2


def test_rows_of_a_town_may_be_left_out_and_the_answer_changed():
    rows = [["La Ruche", "Port-Fictif"], ["Le Quai", "Mercier"]]
    tried = opened(rows, HEADER, towns={"Port-Fictif": ""})
    assert kinds(tried) == ["skipped", "created"]
    assert kinds(opened(rows, HEADER)) == ["skipped", "created"]
    assert kinds(said_of(tried, towns={"Port-Fictif": "70022"})) == ["created", "created"]
    assert kinds(said_of(tried, towns={"Port-Fictif": "67045"})) == ["created", "created"]
    assert rows_of(tried)[0].cleaned["values"]["municipality_id"] == "67045"


def test_a_former_name_is_remembered_everywhere():
    tried = opened([["La Ruche", "Port-Fictif"]], HEADER)
    town = answers.TownAnswer("Port-Fictif", "70022", is_former=True)
    answers.answer_questions(import_id=tried.pk, towns=[town], by=None)
    assert load_gazetteer().find("port fictif").municipality.code == "70022"
    RememberedValue.objects.all().delete()
    assert kinds(opened([["Le Pré", "Port-Fictif"]], HEADER)) == ["created"]


def test_a_row_whose_town_was_unknown_is_compared_once_it_is_known():
    ListingFactory(name="Coopérative La Ruche", municipality_id="70022", phone="+14505550100")
    ListingFactory(name="Coopérative La Ruche", municipality_id="67045", phone="+14505550123")
    tried = opened(
        [["Coop la ruche", "Port-Fictif"], ["Les Ruches", "Port-Fictif"], ["Ruche, La", "Léry"]], HEADER
    )
    said_of(tried, towns={"Port-Fictif": "70022"})
    assert rows_of(tried)[0].kind == "same"
    assert rows_of(tried)[0].listing.municipality_id == "70022"
    decided = [(row.kind, row.exact, row.matches) for row in rows_of(tried)]
    again = opened(
        [["Coop la ruche", "Port-Fictif"], ["Les Ruches", "Port-Fictif"], ["Ruche, La", "Léry"]], HEADER
    )
    assert [(row.kind, row.exact, row.matches) for row in rows_of(again)] == decided


def test_an_answer_about_a_town_reads_only_its_rows():
    filling = [[f"Autre {'klmnopqrst'[at % 10] * 6}{at}", "Mercier"] for at in range(60)]
    tried = opened([["La Ruche", "Port-Fictif"], *filling], HEADER)
    with CaptureQueriesContext(connection) as asked:
        said_of(tried, towns={"Port-Fictif": "70022"})
    assert len(asked) <= 45, [query["sql"][:120] for query in asked]
    assert kinds(tried)[0] == "created"


def test_an_import_that_has_begun_takes_no_answer():
    done = imported([["La Ruche", "Mercier"]], HEADER)
    for answer in (
        lambda: answers.answer_questions(import_id=done.pk, towns=[], by=None),
        lambda: answers.answer_questions(import_id=done.pk, values=[], by=None),
        lambda: answers.answer_rows(import_id=done.pk, answers={}, by=None),
        lambda: answers.choose_columns(import_id=done.pk, mapping=["name", "municipality"]),
        lambda: answers.choose_options(
            import_id=done.pk, only_fills=True, publishes=True, applies_guesses=True
        ),
    ):
        with pytest.raises(answers.ImportNotOpen):
            answer()


# --- Words --------------------------------------------------------------------------------------------


def words(tried):
    return sorted({word for row in rows_of(tried) for word in row.unknown})


def test_their_sectors_become_ours_one_or_several_and_are_remembered(sector):
    other = SectorFactory(slug="soins", name="Soins")
    header, rows = (
        [*HEADER, "Secteur"],
        [["La Ruche", "Mercier", "Aménagement; NA"], ["Le Pré", "Mercier", "soins, amenagement"]],
    )
    tried = opened(rows, header)
    assert words(tried) == ["sectors:Aménagement", "sectors:amenagement"]
    said_of(tried, values=[Answer("sectors", "Aménagement", ("jardins", "soins"))])
    assert sorted(rows_of(tried)[0].cleaned["values"]["sectors"]) == sorted([sector.pk, other.pk])
    Import.objects.all().delete()
    done = imported(rows, header)
    assert [sorted(row.listing.sector_ids) for row in rows_of(done)] == [sorted([sector.pk, other.pk])] * 2


@pytest.mark.parametrize(
    ("column", "written", "codes", "name", "value"),
    [
        ("Forme juridique", "Association personnifiée XYZ", ("npo",), "legal_form", "npo"),
        ("Forme juridique", "Inconnue", (), "legal_form", ""),
        ("Territoire desservi", "Rive-Sud", ("67", "70"), "served", ["67", "70"]),
        ("Langues", "bilingue", ("fr", "en"), "languages", ["en", "fr"]),
        ("Langues", "signes", ("fcs",), "languages", ["fcs"]),
        ("Secteur", "divers", (), "sector_ids", []),
    ],
)
def test_their_words_are_mapped_or_ignored(column, written, codes, name, value):
    field = {
        "Forme juridique": "legal_form",
        "Territoire desservi": "territory",
        "Langues": "languages",
        "Secteur": "sectors",
    }
    rows, header = [["La Ruche", "Mercier", written]], [*HEADER, column]
    tried = opened(rows, header)
    if tried.mapping[2] == "":
        answers.choose_columns(import_id=tried.pk, mapping=["name", "municipality", field[column]])
    said_of(tried, values=[Answer(field[column], written, codes)])
    run(tried)
    assert getattr(Listing.objects.get(), name) == value
    again = imported(rows, header)
    assert kinds(again) == ["same"]


def test_what_is_left_out_of_the_memory_is_asked_again(sector, staff):
    remembered.remember([Answer("sectors", "amenagement", ("jardins",))], by=None)
    assert rows_of(opened([["La Ruche", "Mercier", "Aménagement"]], [*HEADER, "Secteur"]))[0].cleaned[
        "values"
    ]["sectors"]
    assert remembered.forget(keys=[RememberedValue.objects.get().pk], by=staff) == 1
    assert (
        not rows_of(opened([["Le Pré", "Mercier", "Aménagement"]], [*HEADER, "Secteur"]))[0]
        .cleaned["values"]
        .get("sectors")
    )


@pytest.mark.parametrize("applies", [True, False])
def test_guesses_are_proposed_and_applied_only_when_asked(applies, db):
    rows = [["Boulangerie du Quai", "Mercier"]]
    tried = opened(rows, HEADER, applies_guesses=applies)
    guessed = rows_of(tried)[0].cleaned["guessed"].get("sectors", [])
    assert guessed
    run(tried)
    assert Listing.objects.get().sector_ids == (sorted(guessed) if applies else [])


# --- Any text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["???", "🐝", "’", "x" * 400, "ǅ", "株式会社", "a|b|c", "%s %(x)d", "<b>", "municipality:x"]
)
def test_any_town_and_any_word_is_asked_and_answered(written, staff_client, sector):
    tried = opened([["La Ruche", written, written]], [*HEADER, "Secteur"])
    url = f"/gestion/repertoire/importer/{tried.pk}/"
    assert staff_client.get(url).status_code == 200
    sent = {
        "part": "questions",
        "written": [rows_of(tried)[0].cleaned["written_municipality"]],
        "town-0": "70022",
    }
    assert staff_client.post(url, sent).status_code == 302
    word = next(iter(rows_of(tried)[0].unknown), "")
    assert (
        staff_client.post(url, {"part": "questions", "word": [word], "value-0": ["jardins"]}).status_code
        == 302
    )
    assert staff_client.get(url).status_code == 200
    assert staff_client.get("/gestion/repertoire/importer/reponses/").status_code == 200


# --- One form -----------------------------------------------------------------------------------------


def test_towns_and_words_are_answered_together_and_a_town_that_nobody_knows_is_said(staff_client, sector):
    tried = opened(
        [["La Ruche", "Pointe-à-Fifine", "Verdure"], ["Le Pré", "Côte-Perdue", "Verdure"]],
        [*HEADER, "Secteur"],
    )
    url = f"/gestion/repertoire/importer/{tried.pk}/"
    places = [row.cleaned["written_municipality"] for row in rows_of(tried)]
    (word,) = rows_of(tried)[0].unknown
    sent = {
        "part": "questions", "written": places, "other-0": "Mercier", "other-1": "Bourg Introuvable", "word": [word],
        "value-0": ["jardins"],
    }  # fmt: skip
    page = staff_client.post(url, sent, follow=True).content.decode()
    assert "«\u00a0Bourg Introuvable\u00a0»" in page
    ruche, pre = rows_of(tried)
    assert (ruche.cleaned["values"]["municipality_id"], ruche.kind, pre.kind) == (
        "67045",
        "created",
        "question",
    )
    assert ruche.cleaned["values"]["sectors"] == pre.cleaned["values"]["sectors"] == [sector.pk]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (["jardins", ""], ["jardins"]),
        (["jardins", "miel"], ["jardins", "miel"]),
        (["", "miel"], ["miel"]),
        (["miel", "miel"], ["miel"]),
        (["none", ""], []),
        (["none", "miel"], ["miel"]),
        (["", ""], None),
    ],
)
def test_a_word_may_mean_two_sectors(staff_client, sector, sent, kept):
    SectorFactory(slug="miel", name="Miel et cire")
    tried = opened([["La Ruche", "Mercier", "Verdure"]], [*HEADER, "Secteur"])
    url = f"/gestion/repertoire/importer/{tried.pk}/"
    (word,) = rows_of(tried)[0].unknown
    staff_client.post(url, {"part": "questions", "word": [word], "value-0": sent})
    found = RememberedValue.objects.filter(field="sectors").values_list("values", flat=True).first()
    assert found == kept
    page = staff_client.get(url).content.decode()
    # One list more than what was chosen.
    assert page.count('name="value-0"') == max(1, len(kept or [])) + 1


def test_each_town_of_the_list_is_the_one_that_is_chosen(staff_client):
    towns = list(Municipality.objects.in_territory().select_related("mrc"))[:80]
    places = [f"Port Fictif {chr(65 + at // 26)}{chr(65 + at % 26)}zq" for at in range(len(towns))]
    tried = opened([[f"La Ruche {at}", place] for at, place in enumerate(places)], HEADER)
    chosen = {f"other-{at}": municipality_label(town) for at, town in enumerate(towns)}
    sent = {"part": "questions", "written": places} | chosen
    staff_client.post(f"/gestion/repertoire/importer/{tried.pk}/", sent)
    found = [row.cleaned["values"].get("municipality_id") for row in rows_of(tried)]
    assert found == [town.code for town in towns]
