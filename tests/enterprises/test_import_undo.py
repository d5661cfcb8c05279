"""An import is taken back as a whole, but for what someone has touched since."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

from enterprises.importing import undoing
from enterprises.importing.undoing import UndoRefused
from enterprises.listing import editing
from enterprises.listing.history import attributed_edit
from enterprises.models import Import, Listing, ListingRole, ListingVersion
from pole.models import Municipality
from tests.factories import ListingFactory, SectorFactory, UserFactory
from tests.imports import imported, kinds, opened, rows_of, run

pytestmark = pytest.mark.django_db
HEADER = ["Nom", "Ville", "Téléphone", "Courriel", "Secteur"]


@pytest.fixture
def sector(db):
    return SectorFactory(slug="jardins", name="Jardins et paysages")


def state_of_directory():
    columns = [column.attname for column in Listing._meta.concrete_fields]
    left = {"updated_at", "version", "document"}
    return list(Listing.objects.order_by("pk").values(*(name for name in columns if name not in left)))


def test_what_an_import_made_is_deleted_and_what_it_changed_says_again_what_it_said(staff, sector):
    ListingFactory(name="La Ruche", municipality_id="67045", phone="", email="a@ruche.example")
    before = state_of_directory()
    rows = [
        ["La Ruche", "Mercier", "450 555-0123", "b@ruche.example", "Jardins et paysages"],
        ["Le Pré", "Léry", "", "", ""],
    ]
    done = imported(rows, HEADER, only_fills=False)
    assert kinds(done) == ["changed", "created"]
    undone = undoing.undo(import_id=done.pk, by=staff)
    assert (len(undone.deleted), len(undone.restored), undone.kept) == (1, 1, {})
    assert state_of_directory() == before
    done.refresh_from_db()
    assert (done.state, done.kept) == ("undone", [])
    with pytest.raises(UndoRefused):
        undoing.undo(import_id=done.pk, by=staff)
    # And the file comes in again.
    assert kinds(imported(rows, HEADER, only_fills=False)) == ["changed", "created"]


def edit(listing, **values):
    with attributed_edit(by=None):
        for name, value in values.items():
            setattr(listing, name, value)
        listing.save()


def test_a_field_that_someone_edited_since_stays_and_the_others_go_back(staff):
    listing = ListingFactory(name="La Ruche", municipality_id="67045", phone="", email="")
    done = imported([["La Ruche", "Mercier", "450 555-0123", "b@ruche.example", ""]], HEADER)
    listing.refresh_from_db()
    edit(listing, phone="+14505550199")
    undone = undoing.undo(import_id=done.pk, by=staff)
    listing.refresh_from_db()
    assert (listing.phone, listing.email) == ("+14505550199", "")
    assert undone.restored == {listing.pk: ["email"]}
    assert list(undone.kept) == [listing.pk]


@pytest.mark.parametrize(
    "touch",
    [
        lambda listing: edit(listing, mission="Abeilles."),
        lambda listing: listing.sectors.add(SectorFactory()),
        lambda listing: ListingRole.objects.create(listing=listing, user=UserFactory()),
        lambda listing: listing.claims.create(user=UserFactory(), state="waiting"),
        lambda listing: listing.proposals.create(kind="report", message="Une erreur"),
        lambda listing: listing.attestations.create(
            expires_on="2999-01-01", signer_name="A B", signer_title="C"
        ),
    ],
)
def test_a_new_listing_that_someone_touched_is_kept_and_said(staff, touch):
    done = imported([["La Ruche", "Mercier", "", "", ""]], HEADER)
    listing = Listing.objects.get()
    touch(listing)
    undone = undoing.undo(import_id=done.pk, by=staff)
    assert list(undone.kept) == [listing.pk]
    done.refresh_from_db()
    ((key, name, reasons),) = done.kept
    assert (key, name) == (listing.pk, "La Ruche")
    assert reasons


@pytest.mark.parametrize(
    "change",
    [{"mission": "Abeilles."}, {"other_names": ["RU", "CHE"]}, {"phone": ""}, {"legal_form": "mutual"}],
)
def test_what_was_changed_then_given_back_is_no_edit(staff, change):
    known = ListingFactory(name="Le Pré", municipality_id="67055", phone="", email="")
    before = state_of_directory()
    done = imported(
        [["La Ruche", "Mercier", "450 555-0123", "", ""], ["Le Pré", "Léry", "450 555-0124", "", ""]], HEADER
    )
    for listing in Listing.objects.all():
        said = {name: getattr(listing, name) for name in change}
        edit(listing, **change)
        edit(listing, **said)
    sector = SectorFactory()
    known.sectors.add(sector)
    known.sectors.remove(sector)
    undone = undoing.undo(import_id=done.pk, by=staff)
    assert undone.kept == {}
    assert state_of_directory() == before


@pytest.mark.parametrize("state", ["published", "draft", "archived"])
def test_publishing_and_hiding_are_no_edit(staff, state):
    done = imported([["La Ruche", "Mercier", "", "", ""]], HEADER, publishes=state != "published")
    editing.change_state(listing_id=Listing.objects.get().pk, state=Listing.State(state), by=staff)
    undoing.undo(import_id=done.pk, by=staff)
    assert not Listing.objects.exists()


def test_new_listings_are_published_all_at_once_and_the_next_file_alike(staff):
    done = imported(
        [["La Ruche", "Mercier", "", "", ""], ["Le Pré", "Léry", "", "", ""]], HEADER, publishes=False
    )
    assert set(Listing.objects.values_list("state", flat=True)) == {"draft"}
    assert undoing.publish_all(import_id=done.pk, by=staff) == 2
    assert set(Listing.objects.values_list("state", flat=True)) == {"published"}
    assert undoing.publish_all(import_id=done.pk, by=staff) == 0
    undoing.undo(import_id=done.pk, by=staff)
    assert not Listing.objects.exists()


def test_pages_say_it_in_numbers_then_do_it(staff_client, django_capture_on_commit_callbacks):
    done = imported([["La Ruche", "Mercier", "", "", ""]], HEADER, publishes=False)
    url = f"/gestion/repertoire/importer/{done.pk}/"
    assert "Publier cette fiche" in staff_client.get(url).content.decode()
    staff_client.post(f"{url}publier/")
    assert Listing.objects.get().state == "published"
    page = staff_client.get(f"{url}defaire/").content.decode()
    assert "1 fiche créée par l’importation est supprimée" in page
    staff_client.post(f"{url}defaire/")
    done.refresh_from_db()
    assert done.state == "undoing"
    undoing.undo(import_id=done.pk, by=None)
    assert "L’importation a été défaite" in staff_client.get(url).content.decode()
    assert staff_client.get(f"{url}defaire/").status_code == 302


def test_an_import_by_command_is_undone_too(tmp_path, staff):
    path = tmp_path / "liste.csv"
    path.write_text("Nom;Ville\nLa Ruche;Mercier\nLe Pré;Léry\n", encoding="utf-8")
    call_command("import_enterprises", path, "--publish")
    assert set(Listing.objects.values_list("state", flat=True)) == {"published"}
    undoing.undo(import_id=Import.objects.get().pk, by=staff)
    assert not Listing.objects.exists()


def test_an_enterprise_and_its_branch_go_together(staff):
    neq = "1190000001"
    rows = [
        ["Caisse du Fleuve", "Mercier", neq, "450 555-0120"],
        ["Caisse du Fleuve – point de service Léry", "Léry", neq, ""],
    ]
    tried = opened(rows, ["Nom", "Ville", "NEQ", "Téléphone"], rows={3: "branch:-2"})
    done = run(tried)
    assert kinds(done) == ["created", "created"]
    assert len(undoing.undo(import_id=done.pk, by=staff).deleted) == 2
    connection.check_constraints()


def test_a_second_import_over_the_first_is_an_edit(staff):
    first = imported([["La Ruche", "Mercier", "", "", ""]], HEADER)
    second = imported([["La Ruche", "Mercier", "450 555-0123", "", ""]], HEADER)
    assert list(undoing.undo(import_id=first.pk, by=staff).kept) == [Listing.objects.get().pk]
    undoing.undo(import_id=second.pk, by=staff)
    assert Listing.objects.get().phone == ""
    assert ListingVersion.objects.filter(edit=f"import-{second.pk}-undo").count() == 1
    assert rows_of(first)[0].listing_id


def test_what_has_branches_of_others_is_kept_and_said(staff):
    done = imported([["Caisse du Fleuve", "Mercier", "", "", ""], ["Le Pré", "Léry", "", "", ""]], HEADER)
    parent = Listing.objects.get(name="Caisse du Fleuve")
    branch = ListingFactory(name="Caisse du Fleuve, Léry", parent=parent)
    undone = undoing.undo(import_id=done.pk, by=staff)
    assert list(undone.kept) == [parent.pk]
    branch.refresh_from_db()
    assert branch.parent_id == parent.pk


def test_a_branch_that_is_kept_keeps_its_enterprise(staff):
    neq = "1190000001"
    rows = [
        ["Caisse du Fleuve", "Mercier", neq, "450 555-0120"],
        ["Caisse du Fleuve – point de service Léry", "Léry", neq, ""],
    ]
    done = run(opened(rows, ["Nom", "Ville", "NEQ", "Téléphone"], rows={3: "branch:-2"}))
    branch = Listing.objects.exclude(parent=None).get()
    edit(branch, mission="Épargner.")
    assert set(undoing.undo(import_id=done.pk, by=staff).kept) == {branch.pk, branch.parent_id}


def test_a_sector_that_is_gone_since_does_not_come_back(staff, sector):
    gone, left = SectorFactory(name="Anciens métiers"), SectorFactory(name="Autres métiers")
    listing = ListingFactory(name="La Ruche", municipality_id="67045")
    listing.sectors.set([gone, left])
    done = imported([["La Ruche", "Mercier", "", "", "Jardins et paysages"]], HEADER, only_fills=False)
    assert list(listing.sectors.all()) == [sector]
    connection.check_constraints()
    gone.delete()
    undoing.undo(import_id=done.pk, by=staff)
    connection.check_constraints()
    listing.refresh_from_db()
    assert list(listing.sectors.all()) == [left]
    assert listing.sector_ids == [left.pk]


def test_a_town_that_is_gone_since_stays_as_it_is(staff):
    gone = Municipality.objects.create(
        code="99001", name="Ancienneville", designation="Ville", latitude="45.3", longitude="-73.8"
    )
    listing = ListingFactory(name="La Ruche", neq="1190000001", municipality=gone, phone="")
    done = imported(
        [["La Ruche", "Mercier", "1190000001", "450 555-0123"]],
        ["Nom", "Ville", "NEQ", "Téléphone"],
        only_fills=False,
    )
    listing.refresh_from_db()
    assert listing.municipality_id == "67045"
    gone.delete()
    undone = undoing.undo(import_id=done.pk, by=staff)
    connection.check_constraints()
    listing.refresh_from_db()
    assert (listing.municipality_id, listing.phone) == ("67045", "")
    assert list(undone.kept) == [listing.pk]


def test_an_undo_that_fails_may_be_asked_again(staff, monkeypatch):
    done = imported([["La Ruche", "Mercier", "", "", ""]], HEADER)
    undoing.enqueue(import_id=done.pk, by=staff)
    with monkeypatch.context() as broken:
        broken.setattr(undoing, "plan_undo", lambda _import: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            undoing.undo(import_id=done.pk, by=staff)
    done.refresh_from_db()
    assert done.state == "done"
    undoing.enqueue(import_id=done.pk, by=staff)
