"""Several listings at once: what is lacking, prepared, done, undone."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from enterprises.listing import bulk
from enterprises.models import BulkChange, Import, Listing, ListingVersion, Sector
from pole.models import Municipality
from tests.factories import ImportFactory, ListingFactory, SectorFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST, PREPARE = "/gestion/repertoire/", "/gestion/repertoire/en-lot/"
NOW = timezone.now()


def bare(**facts):
    return ListingFactory(**{"legal_form": "", "sectors": [], **facts})


def prepared(keys, field="legal_form", value="npo", *, adds=False, by=None):
    return bulk.prepare(
        field=BulkChange.Field(field),
        value=value,
        adds=adds,
        keys=keys,
        by=by or UserFactory(),
        now=timezone.now(),
    )


def done(keys, field="legal_form", value="npo", *, adds=False, by=None):
    by = by or UserFactory()
    return bulk.apply(change_id=prepared(keys, field, value, adds=adds, by=by).pk, by=by, now=timezone.now())


def found(client, asked):
    return {listing.name for listing in client.get(f"{LIST}?{asked}").context["page"]}


@pytest.fixture
def hub(db):
    """One listing that lacks nothing, one that lacks all, one hidden, one archived that lacks all too."""
    sector = SectorFactory()
    whole = ListingFactory(name="Entière", sectors=[sector])
    whole.territory.set(["67"])
    nowhere = Municipality.objects.exclude(pk=whole.municipality_id).first()
    Municipality.objects.filter(pk=nowhere.pk).update(latitude=None, longitude=None)
    bare(name="Nue", municipality=nowhere)
    ListingFactory(name="Cachée", sectors=[sector], legal_form="", state="draft").territory.set(["67"])
    bare(name="Archivée", state="archived", municipality=nowhere)
    return whole


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", {"Entière", "Nue", "Cachée", "Archivée"}),
        ("sans=secteur", {"Nue"}),
        ("sans=forme", {"Nue", "Cachée"}),
        ("sans=position", {"Nue"}),
        ("sans=mrc", {"Nue"}),
        ("sans=forme&sans=secteur", {"Nue"}),
        ("sans=forme&etat=draft", {"Cachée"}),
        ("sans=forme&q=nue", {"Nue"}),
        ("sans=relecture", {"Cachée"}),
        ("sans=n%27importe&sans=%00", {"Entière", "Nue", "Cachée", "Archivée"}),
    ],
)
def test_list_finds_what_is_lacking(staff_client, hub, asked, names):
    assert found(staff_client, asked) == names


def test_list_counts_what_is_lacking_among_what_is_found(staff_client, hub):
    def counts(asked):
        filters = staff_client.get(f"{LIST}?{asked}").context["filters"]
        return {gap: count for gap, _label, count, _chosen, _address in filters.gaps()}

    assert counts("") == {"secteur": 1, "forme": 2, "position": 1, "mrc": 1, "relecture": 1}
    assert counts("etat=draft") == counts("sans=forme&q=Cach") == {"forme": 1, "relecture": 1}


def test_list_finds_what_an_import_wrote(staff_client, hub):
    done = ImportFactory(file_name="membres.csv", state=Import.State.DONE)
    bare = Listing.objects.get(name="Nue")
    for number, (kind, listing) in enumerate([("changed", hub), ("same", bare), ("refused", None)], start=10):
        done.rows.create(number=number, cells=[], kind=kind, listing=listing)
    key = done.pk
    assert found(staff_client, f"importation={key}") == {"Entière"}
    assert "membres.csv" in staff_client.get(f"{LIST}?importation={key}").content.decode()
    assert (
        len(found(staff_client, "importation=999999")) == len(found(staff_client, "importation=%C2%B2")) == 4
    )


@pytest.mark.parametrize(
    ("field", "value", "adds", "column", "wanted"),
    [
        ("legal_form", "npo", False, "legal_form", "npo"),
        ("state", "draft", False, "state", "draft"),
        ("territory", ["69"], False, "served", ["69"]),
        ("territory", ["69"], True, "served", ["67", "69"]),
    ],
)
def test_every_field_is_set_and_undone(field, value, adds, column, wanted):
    rows = [ListingFactory(legal_form="mutual") for _number in range(3)]
    for row in rows:
        row.territory.set(["67"])
    before = list(Listing.objects.order_by("pk").values_list(column, flat=True))
    change = done([row.pk for row in rows], field, value, adds=adds)
    assert set(map(str, Listing.objects.values_list(column, flat=True))) == {str(wanted)}
    bulk.undo(change_id=change.pk, by=UserFactory(), now=timezone.now())
    assert list(Listing.objects.order_by("pk").values_list(column, flat=True)) == before
    change.refresh_from_db()
    assert (change.state, change.kept_keys) == ("undone", [])


@pytest.mark.parametrize("adds", [False, True])
def test_sectors_are_replaced_or_added(adds):
    first, second = SectorFactory(), SectorFactory()
    with_one, with_none, with_it = ListingFactory(sectors=[first]), bare(), ListingFactory(sectors=[second])
    change = done([with_one.pk, with_none.pk, with_it.pk], "sectors", [second.pk], adds=adds)
    stored = dict(Listing.objects.values_list("pk", "sector_ids"))
    assert stored == {
        with_one.pk: [first.pk, second.pk] if adds else [second.pk], with_none.pk: [second.pk], with_it.pk: [second.pk],
    }  # fmt: skip
    assert set(change.before) == {str(with_one.pk), str(with_none.pk)}
    assert set(with_one.sectors.all()) == ({first, second} if adds else {second})


def test_preview_says_what_would_change_and_changes_nothing():
    rows = [bare(), bare(legal_form="mutual"), bare(legal_form="npo")]
    merged = bare(state="archived", merged_into=rows[0])
    keys = [row.pk for row in rows] + [merged.pk, 999_999_999]
    assert bulk.preview(prepared(keys)) == bulk.Preview(changed=2, same=1, replaced=1, gone=2)
    assert sorted(Listing.objects.values_list("legal_form", flat=True)) == ["", "", "mutual", "npo"]


def test_every_listing_has_its_history_and_the_journal_one_entry():
    staff = UserFactory()
    rows = [bare() for _number in range(3)]
    change = done([row.pk for row in rows], "sectors", [SectorFactory().pk], by=staff)
    versions = ListingVersion.objects.all()
    assert [(each.actor, each.changed) for each in versions] == [(staff, ["sector_ids"])] * 3
    assert set(Listing.objects.values_list("version", flat=True)) == {2}
    entry = AuditEntry.objects.get(kind="bulk_change")
    assert (entry.action, entry.key, entry.by) == ("applied", change.pk, staff)


def test_what_was_edited_since_is_kept():
    kept, restored, erased = bare(), bare(), bare()
    change = done([kept.pk, restored.pk, erased.pk])
    Listing.objects.filter(pk=kept.pk).update(legal_form="mutual")
    Listing.objects.filter(pk=restored.pk).update(phone="+14505550101")
    erased_key = erased.pk
    erased.delete()
    bulk.undo(change_id=change.pk, by=UserFactory(), now=timezone.now())
    change.refresh_from_db()
    assert change.kept_keys == [kept.pk, erased_key]
    assert dict(Listing.objects.values_list("pk", "legal_form")) == {kept.pk: "mutual", restored.pk: ""}


def test_sector_that_is_gone_is_not_given_back():
    gone, new = SectorFactory(), SectorFactory()
    row = ListingFactory(sectors=[gone])
    change = done([row.pk], "sectors", [new.pk])
    gone.delete()
    bulk.undo(change_id=change.pk, by=UserFactory(), now=timezone.now())
    assert Listing.objects.get().sector_ids == []


def test_twice_is_once():
    row = bare()
    change = done([row.pk])
    for act in (bulk.apply, bulk.undo, bulk.undo, bulk.apply):
        act(change_id=change.pk, by=UserFactory(), now=timezone.now())
    assert Listing.objects.get().legal_form == ""
    assert AuditEntry.objects.filter(kind="bulk_change").count() == 2


def test_many_are_left_to_the_worker(monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    rows = [bare() for _number in range(3)]
    change = done([row.pk for row in rows])
    assert change.state == "queued"
    assert set(Listing.objects.values_list("legal_form", flat=True)) == {""}
    for _twice in range(2):
        bulk.apply_queued(change_id=change.pk, now=timezone.now())
    assert set(Listing.objects.values_list("legal_form", flat=True)) == {"npo"}
    change.refresh_from_db()
    assert change.state == "done"


@pytest.mark.parametrize(
    ("field", "value"), [("sectors", None), ("legal_form", "npo"), ("territory", ["69"])]
)
def test_queries_are_as_many_whatever_the_number_of_listings(field, value):
    value = value or [SectorFactory().pk]

    def queries(number):
        change = prepared([bare().pk for _each in range(number)], field, value)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            bulk.apply(change_id=change.pk, by=change.created_by, now=timezone.now())
        with CaptureQueriesContext(connection) as undone:
            bulk.undo(change_id=change.pk, by=change.created_by, now=timezone.now())
        return len(asked), len(undone)

    assert queries(1) == queries(12)


def test_what_was_prepared_and_left_is_forgotten():
    staff, row = UserFactory(), bare()
    left = prepared([row.pk], by=staff)
    BulkChange.objects.update(created_at=NOW - timedelta(days=2))
    assert BulkChange.objects.exclude(pk=prepared([row.pk], by=staff).pk).filter(pk=left.pk).count() == 0


# --- In the browser's words


def test_listings_that_are_ticked_are_changed_after_a_look(staff_client):
    one, other = bare(name="Une"), bare(name="Deux")
    address = staff_client.post(PREPARE, {"what": "legal_form:npo", "scope": "picked", "fiche": [one.pk]}).url
    page = staff_client.get(address).content.decode()
    assert "Une" in page
    assert "Deux" not in page
    assert Listing.objects.get(pk=one.pk).legal_form == ""
    staff_client.post(f"{address}appliquer/")
    assert dict(Listing.objects.values_list("pk", "legal_form")) == {one.pk: "npo", other.pk: ""}
    assert "defaire" in staff_client.get(LIST).content.decode()
    staff_client.post(f"{address}defaire/")
    assert set(Listing.objects.values_list("legal_form", flat=True)) == {""}
    assert "defaire" not in staff_client.get(LIST).content.decode()


def test_all_that_the_filters_find_is_more_than_the_page(staff_client):
    for number in range(60):
        bare(name=f"Coop {number}")
    other = bare(name="Autre")
    asked = {"what": f"sectors:{SectorFactory().pk}", "scope": "found"}
    address = staff_client.post(f"{PREPARE}?q=coop&sans=secteur", asked).url
    staff_client.post(f"{address}appliquer/")
    assert Listing.objects.filter(sector_ids=[]).get() == other


@pytest.mark.parametrize(
    "sent",
    [{}, {"what": "legal_form:npo"}, {"what": "legal_form:npo", "scope": "picked"}, {"what": "legal_form:x", "scope": "found"},
     {"what": "sectors:0", "scope": "found"}, {"what": "slug:x", "scope": "found"}, {"what": "state:published", "scope": "picked", "fiche": "x"},
     {"what": "\x00", "scope": "\x00", "fiche": "²"}],
)  # fmt: skip
def test_what_can_not_be_done_is_said_beside_the_list(staff_client, sent):
    bare(name="Une")
    refused = staff_client.post(PREPARE, sent)
    assert refused.status_code == 422
    assert "Une" in refused.content.decode()
    assert not BulkChange.objects.exists()


def test_thousand_listings_in_bounded_time(django_assert_max_num_queries):
    sector = SectorFactory()
    first = ListingFactory(sectors=[])
    columns = [
        each.name for each in Listing._meta.concrete_fields if not each.generated and not each.primary_key
    ]
    blank = {name: getattr(first, name) for name in columns} | {"neq": "", "document": None}
    Listing.objects.bulk_create(
        Listing(**blank | {"slug": f"f-{at}", "name": f"F {at}"}) for at in range(1000)
    )
    keys = list(Listing.objects.values_list("pk", flat=True))
    started = time.perf_counter()
    with django_assert_max_num_queries(40):
        change = done(keys, "sectors", [sector.pk])
    with django_assert_max_num_queries(40):
        bulk.undo(change_id=change.pk, by=change.created_by, now=timezone.now())
    # Both, on a busy machine: a page has four seconds a statement.
    assert time.perf_counter() - started < 30
    assert len(change.before) == 1001


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_never_wait_in_a_circle():
    keys = [bare().pk for _number in range(20)]
    sectors = [SectorFactory().pk for _number in range(2)]
    people = [UserFactory(), UserFactory()]
    changes = [
        prepared(keys if at else keys[::-1], "sectors", [sectors[at]], adds=True, by=people[at])
        for at in range(2)
    ]
    ready, failed = Barrier(2), []

    def act(change):
        try:
            ready.wait()
            with transaction.atomic():
                bulk.apply(change_id=change.pk, by=change.created_by, now=timezone.now())
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=act, args=[change]) for change in changes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {tuple(each) for each in Listing.objects.values_list("sector_ids", flat=True)} == {
        tuple(sorted(sectors))
    }
    assert Sector.objects.filter(pk__in=sectors).count() == 2
