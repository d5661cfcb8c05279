"""Which enterprise a row is: two NEQ are two, an answer holds, the order of a file changes nothing, twice is once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from enterprises.duplicates import merging
from enterprises.importing import answers, trial
from enterprises.importing.answers import RowAnswer
from enterprises.models import DuplicatePair, Listing, RememberedValue
from tests.factories import ListingFactory
from tests.imports import imported, kinds, one, opened, rows_of, run, said_of

pytestmark = pytest.mark.django_db
HEADER = ["Nom", "Ville", "NEQ", "Téléphone", "Courriel"]
A, B = "1190000001", "1175303016"


def directory():
    """What the directory says, whatever the keys and the order."""
    rows = Listing.objects.order_by("name", "neq", "phone", "email", "slug")
    columns = ("name", "other_names", "neq", "municipality_id", "phone", "email", "state", "sector_ids")
    return [tuple(str(value) for value in row) for row in rows.values_list(*columns)]


# --- Two NEQ ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("only_fills", [True, False])
def test_another_neq_is_another_enterprise_of_the_same_name_and_town(only_fills):
    stored = ListingFactory(name="La Ruche", neq=A, municipality_id="67045")
    done = imported([["La Ruche", "Mercier", B, "", ""]], HEADER, only_fills=only_fills)
    assert kinds(done) == ["created"]
    stored.refresh_from_db()
    assert stored.neq == A
    assert Listing.objects.get(neq=B).name == "La Ruche"


def test_a_neq_is_never_replaced_even_when_staff_say_it_is_this_listing():
    stored = ListingFactory(name="La Ruche", neq=A, municipality_id="67045", phone="")
    row = ["Ruches de Mercier", "Mercier", "", "450 555-0123", ""]
    tried = opened([row], HEADER, only_fills=False)
    # Its NEQ came to be known meanwhile.
    answers.answer_rows(import_id=tried.pk, answers={2: RowAnswer("update", stored.pk)}, by=None)
    run(tried)
    stored.refresh_from_db()
    assert stored.neq == A


def test_a_neq_is_not_given_to_a_listing_when_another_has_it():
    ListingFactory(name="Autre chose", neq=A, municipality_id="68045")
    stored = ListingFactory(name="La Ruche", neq="", municipality_id="67045")
    tried = opened([["La Ruche", "Mercier", A, "450 555-0123", ""]], HEADER)
    if kinds(tried) == ["duplicate"]:
        said_of(tried, rows={2: f"update:{stored.pk}"})
    run(tried)
    assert Listing.objects.get(neq=A).name == "Autre chose"


def test_two_rows_of_one_file_with_two_neqs_both_come_in_without_being_asked():
    rows = [
        ["Coop de travail Brindille", "Beauharnois", A, "", ""],
        ["Coopérative de solidarité Brindille", "Beauharnois", B, "", ""],
    ]
    assert kinds(imported(rows, HEADER)) == ["created", "created"]
    assert Listing.objects.count() == 2


# --- « C'est une autre entreprise » -------------------------------------------------------------------


def test_another_enterprise_inside_one_file_is_created_and_remembered():
    rows = [
        ["Coop de travail Brindille", "Beauharnois", A, "450 555-0125", ""],
        ["Coopérative de solidarité Brindille", "Beauharnois", "", "450 555-0126", ""],
    ]
    tried = opened(rows, HEADER, publishes=True)
    assert kinds(tried) == ["created", "duplicate"]
    assert rows_of(tried)[1].matches[0][0] == -2
    done = run(said_of(tried, rows={3: "create"}))
    assert kinds(done) == ["created", "created"]
    (pair,) = DuplicatePair.objects.all()
    assert pair.state == DuplicatePair.State.DISMISSED
    merging.find_pairs()
    assert DuplicatePair.objects.filter(state="open").count() == 0
    before = directory()
    again = imported(rows, HEADER)
    assert not {"created", "changed", "duplicate"} & set(kinds(again)), [
        row.reasons for row in rows_of(again)
    ]
    assert directory() == before


def test_another_enterprise_than_a_listing_is_remembered():
    stored = ListingFactory(name="Coop La Ruches", municipality_id="67045")
    rows = [["Coopérative de solidarité La Ruche", "Mercier", "", "450 555-0123", ""]]
    imported(rows, HEADER, rows={2: "create"})
    created = Listing.objects.exclude(pk=stored.pk).get()
    pair = DuplicatePair.objects.get()
    assert {pair.first_id, pair.second_id} == {stored.pk, created.pk}
    assert pair.state == DuplicatePair.State.DISMISSED
    assert kinds(imported(rows, HEADER)) == ["same"]


def test_one_neq_makes_no_two_enterprises_whatever_is_answered():
    rows = [["La Ruche", "Mercier", A, "", ""], ["Café du Coin", "Léry", A, "450 555-0123", ""]]
    tried = opened(rows, HEADER)
    asked = next(row.number for row in rows_of(tried) if row.kind == "duplicate")
    assert kinds(said_of(tried, rows={asked: "create"})).count("duplicate") == 1
    run(tried)
    assert Listing.objects.filter(neq=A).count() == 1


def test_a_row_completes_another_row_of_its_file():
    rows = [
        ["La Ruche", "Mercier", A, "450 555-0123", ""],
        ["Coop La Ruches", "Mercier", "", "", "info@ruche.example"],
    ]
    tried = opened(rows, HEADER)
    assert kinds(tried) == ["created", "duplicate"]
    assert kinds(said_of(tried, rows={3: "update:-2"})) == ["created", "changed"]
    run(tried)
    listing = Listing.objects.get()
    assert (listing.email, listing.other_names, listing.phone) == (
        "info@ruche.example",
        ["Coop La Ruches"],
        "+14505550123",
    )
    before = directory()
    imported(rows, HEADER)
    assert directory() == before


def test_a_row_that_completes_one_which_is_left_out_comes_in_by_itself():
    rows = [
        ["La Ruche", "Mercier", A, "450 555-0123", ""],
        ["Coop La Ruches", "Mercier", "", "", "info@ruche.example"],
    ]
    tried = opened(rows, HEADER, rows={3: "update:-2"})
    assert kinds(said_of(tried, rows={2: "leave_out"})) == ["skipped", "created"]
    assert kinds(said_of(tried, rows={2: "undo"})) == ["created", "changed"]


# --- A branch -----------------------------------------------------------------------------------------


def test_a_branch_has_no_neq_and_names_its_parent():
    parent = ListingFactory(name="Caisse du Fleuve", neq=A, municipality_id="67045")
    rows = [["Caisse du Fleuve – point de service Léry", "Léry", A, "450 555-0123", ""]]
    tried = opened(rows, HEADER)
    assert kinds(tried) == ["duplicate"]
    assert "NEQ" in rows_of(tried)[0].reasons[0]
    done = run(said_of(tried, rows={2: f"branch:{parent.pk}"}))
    assert kinds(done) == ["created"]
    branch = Listing.objects.exclude(pk=parent.pk).get()
    assert (branch.neq, branch.phone, branch.parent_id) == ("", "+14505550123", parent.pk)
    before = directory()
    assert kinds(imported(rows, HEADER)) == ["same"]
    assert directory() == before


def test_a_branch_that_comes_again_takes_no_neq():
    """Of an enterprise whose NEQ the directory does not know, the branch bears it in the file."""
    parent = ListingFactory(name="La Ruche", municipality_id="67045", neq="")
    rows = [["La Ruche", "Châteauguay", A, "450 555-0123", ""]]
    tried = opened(rows, HEADER)
    assert kinds(tried) == ["duplicate"]
    run(said_of(tried, rows={2: f"branch:{parent.pk}"}))
    again = imported(rows, HEADER, only_fills=False)
    assert kinds(again) == ["same"]
    assert Listing.objects.exclude(parent=None).get().neq == ""


def test_a_row_that_completes_a_branch_gives_it_no_neq():
    parent = ListingFactory(name="La Ruche", municipality_id="67045", neq="")
    rows = [
        ["La Ruche", "Châteauguay", "", "450 555-0123", "a@ruche.example"],
        ["La Ruche", "Châteauguay", A, "", ""],
    ]
    tried = opened(rows, HEADER)
    done = run(said_of(tried, rows={2: f"branch:{parent.pk}", 3: "update:-2"}))
    assert done.state == "done"
    branch = Listing.objects.exclude(parent=None).get()
    assert (branch.neq, branch.phone) == ("", "+14505550123")


def test_a_branch_of_a_row_of_the_same_file():
    rows = [
        ["Caisse du Fleuve", "Mercier", A, "450 555-0120", "a@caisse.example"],
        ["Caisse du Fleuve – point de service Léry", "Léry", A, "450 555-0123", ""],
    ]
    tried = opened(rows, HEADER)
    assert kinds(tried) == ["created", "duplicate"]
    run(said_of(tried, rows={3: "branch:-2"}))
    assert Listing.objects.get(neq="").parent == Listing.objects.get(neq=A)


# --- Which of several ---------------------------------------------------------------------------------


def test_of_two_homonyms_of_one_town_a_row_is_the_one_whose_facts_it_has():
    ListingFactory(name="La Ruche", municipality_id="67045", phone="+14505550100")
    other = ListingFactory(name="La Ruche", municipality_id="67045", phone="+14505550123")
    assert rows_of(opened([["Ruche", "Mercier", "", "450 555-0123", ""]], HEADER))[0].listing_id == other.pk
    assert one({"Nom": "La Ruche", "Ville": "Mercier"}).kind == "duplicate"


def test_a_row_is_not_taken_for_the_one_that_another_row_of_its_file_is():
    """A record that shares a word with one that matches was matched with that one’s match elsewhere."""
    ListingFactory(name="Atelier du Quai", municipality_id="67045", email="info@quai.example")
    rows = [
        ["Atelier du Quai", "Mercier", "", "", "info@quai.example"],
        ["Atelier de la Forge", "Mercier", "", "", "info@forge.example"],
    ]
    assert kinds(opened(rows, HEADER)) == ["same", "created"]


def test_two_rows_of_one_listing_are_one():
    ListingFactory(name="La Ruche", municipality_id="67045", phone="+14505550100")
    rows = [
        ["La Ruche", "Mercier", "", "", "a@ruche.example"],
        ["La Ruche inc.", "Mercier", "", "450 555-0100", ""],
    ]
    assert sorted(kinds(opened(rows, HEADER))) == ["changed", "same"]


def test_a_row_left_out_is_left_out_of_the_next_file_until_it_is_taken_again():
    rows = [["La Ruche", "Mercier", "", "", ""], ["Le Pré", "Mercier", "", "", ""]]
    tried = opened(rows, HEADER, rows={2: "leave_out"})
    assert kinds(tried) == ["skipped", "created"]
    assert kinds(opened([*reversed(rows)], HEADER)) == ["created", "skipped"]
    said_of(tried, rows={2: "undo"})
    assert kinds(opened(rows, HEADER)) == ["created", "created"]


# --- Order and repetition -----------------------------------------------------------------------------

NAMES = [
    "La Ruche",
    "Coop La Ruche",
    "Ruche (La)",
    "Ruches de Mercier",
    "Le Pré commun",
    "Pré commun inc.",
    "Caisse du Fleuve",
]
ROW = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(["Mercier", "Léry", "Nulle part", "Hemmingford", ""]),
    st.sampled_from(["", "", A, B]),
    st.sampled_from(["", "450 555-0123", "450 555-0124"]),
    st.sampled_from(["", "info@ruche.example"]),
)
# Each example is two imports: a smaller one is not worth minutes.
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
DECISIONS = st.sampled_from(["", "create", "update", "branch", "leave_out"])


def forget_everything():
    """Examples are drawn in one transaction."""
    # As their own key is set to nothing, branches would leave a version of a listing that is gone.
    Listing.objects.exclude(parent=None).delete()
    Listing.objects.all().delete()
    RememberedValue.objects.all().delete()


@settings(
    max_examples=25,
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(ROW, min_size=1, max_size=6, unique=True), data=st.data())
def test_rows_in_any_order_give_the_same_directory_and_twice_is_once(rows, data):
    said = {row: data.draw(DECISIONS) for row in rows}
    results = []
    for order in (rows, data.draw(st.permutations(rows))):
        forget_everything()
        tried = opened(order, HEADER, publishes=True)
        # By rank, as each answer may need the ones before it.
        for row in tried.rows.order_by("rank"):
            if decision := said[tuple(row.cells)]:
                answers.answer_rows(import_id=tried.pk, answers={row.number: RowAnswer(decision)}, by=None)
        said_before = [(row.kind, row.reasons, row.changes) for row in rows_of(tried)]
        run(tried)
        results.append(directory())
        # What was shown is what was done.
        assert [(row.kind, row.reasons, row.changes) for row in rows_of(tried)] == said_before
    assert results[0] == results[1]
    imported(rows, HEADER)
    assert directory() == results[1]


@settings(
    max_examples=15,
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(ROW, min_size=2, max_size=6, unique=True), data=st.data())
def test_what_an_answer_decides_is_what_a_new_trial_would(rows, data):
    forget_everything()
    ListingFactory(name="La Ruche", municipality_id="67045", neq=data.draw(st.sampled_from(["", A])))
    tried = opened(rows, HEADER)
    for _each in range(3):
        number = data.draw(st.integers(2, len(rows) + 1))
        action = data.draw(st.sampled_from(["create", "update", "branch", "leave_out", "undo"]))
        answers.answer_rows(import_id=tried.pk, answers={number: RowAnswer(action)}, by=None)
        decided = [(row.number, row.kind, row.reasons, row.changes) for row in rows_of(tried)]
        trial.start(import_id=tried.pk)
        assert [(row.number, row.kind, row.reasons, row.changes) for row in rows_of(tried)] == decided


def test_of_two_rows_that_are_as_like_the_order_of_the_file_chooses_none():
    alike = [["Le Pré", "Mercier", A, "450 555-0123", ""], ["Le Pré", "Mercier", B, "450 555-0124", ""]]
    asked = ["Le Pré", "Mercier", "", "", ""]
    likeliest = set()
    for order in ([*alike, asked], [asked, *reversed(alike)]):
        rows = {tuple(row.cells): row for row in rows_of(opened(order, HEADER))}
        numbers = {row.number: cells for cells, row in rows.items()}
        likeliest.add(tuple(numbers[-match[0]] for match in rows[tuple(asked)].matches))
    (found,) = likeliest
    assert len(found) == 2


# --- Its cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("listings", [3, 40])
def test_an_answer_asks_nothing_of_the_rest(listings):
    for number in range(listings):
        ListingFactory(name=f"Entreprise {'abcdefghij'[number % 10] * 6}{number}", municipality_id="67045")
    ListingFactory(name="Coop La Ruches", municipality_id="67045")
    filling = [[f"Autre {'klmnopqrst'[at % 10] * 6}{at}", "Mercier", "", "", ""] for at in range(listings)]
    tried = opened([["Coopérative La Ruche", "Mercier", "", "", ""], *filling], HEADER)
    with CaptureQueriesContext(connection) as asked:
        answers.answer_rows(import_id=tried.pk, answers={2: RowAnswer("create")}, by=None)
    statements = [query["sql"] for query in asked]
    assert len(statements) <= 25, statements
    assert rows_of(tried)[0].kind == "created"
    # No listing is read but by its key, or by its NEQ.
    for statement in statements:
        if 'FROM "enterprises_listing"' in statement:
            assert "WHERE" in statement, statement


def test_rows_of_one_name_stay_cheap():
    rows = [["Maison des jeunes", "Mercier", "", f"450 555-{at:04}", ""] for at in range(300)]
    tried = opened(rows, HEADER)
    assert max(len(row.matches) for row in rows_of(tried)) <= 25
    with CaptureQueriesContext(connection) as asked:
        answers.answer_rows(import_id=tried.pk, answers={5: RowAnswer("leave_out")}, by=None)
    assert len(asked) <= 25
