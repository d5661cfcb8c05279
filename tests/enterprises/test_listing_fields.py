"""Each list of a listing's fields holds every field that is declared in it, and every field is declared."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import get_args

import pytest
from django.contrib.postgres.fields import ArrayField
from django.urls import reverse

from enterprises.duplicates import merging
from enterprises.exporting import openapi, rows
from enterprises.forms.listing import StaffListingForm
from enterprises.forms.ownership import CorrectionForm
from enterprises.importing import trial
from enterprises.importing.columns import FIELDS as COLUMNS
from enterprises.listing import history
from enterprises.listing.completeness import RelatedFacts, completeness
from enterprises.listing_fields import COLUMN_OF_RELATION, FIELDS, SYSTEM_COLUMNS, ListName, fields_in
from enterprises.models import DuplicatePair, Listing, Sector
from enterprises.models.procurement import BY_CODE
from enterprises.ownership.proposals import stored_json_value
from tests.factories import ListingFactory
from tests.imports import silent, table_of
from tests.seen import seen_pair

LISTS = get_args(ListName.__value__)
DECLARED = {each.name: each for each in FIELDS}
# No listing that has a NEQ has it: `test_branches` tells it.
ALONE = {"parent"}
TOLD_TOGETHER = [name for name in DECLARED if name not in ALONE]
# What the database or a form asks of a field; any other text says its own name.
TOLD = {
    "legal_form": "mutual", "neq": "1190000017", "founded": 1987, "municipality": "58227", "postal_code": "J4H 5Y0",
    "latitude": Decimal("45.51234"), "longitude": Decimal("-73.41234"), "phone": "+14505550123",
    "phone_extension": "777", "email": "dit@exemple.example", "website": "https://dit.example",
    "social_links": ["https://social.example/dit"], "workforce": "25-49", "languages": ["fcs"],
    "supplies": ["denrees"], "territory": ["67"], "logo": "logos/dit.webp", "verified_on": date(2026, 3, 4),
    "description": "<p>description·dit</p>", "description_en": "<p>description_en·dit</p>",
}  # fmt: skip
# How people read it, where that differs.
READ = {
    "legal_form": "Mutuelle", "municipality": "Longueuil", "phone": "450 555-0123", "workforce": "25 à 49 personnes",
    "languages": "langue des signes québécoise", "territory": "Roussillon", "website": "dit.example",
    "description": "description·dit", "description_en": "description_en·dit",
}  # fmt: skip
# What spreadsheets write for it.
TYPED = {
    "workforce": "30", "languages": "LSQ", "territory": "Roussillon", "municipality": "Longueuil", "legal_form": "Mutuelle",
}  # fmt: skip


def column_of(name):
    return Listing._meta.get_field(name)


def told(name):
    """A value of a field that nothing else says."""
    if name == "sectors":
        return [Sector.objects.get(slug="dit").pk]
    if name in TOLD:
        return TOLD[name]
    text = f"{name}·dit"[: getattr(column_of(name), "max_length", None)]
    return [text] if isinstance(column_of(name), ArrayField) else text


def read(name):
    if name in {"sectors", "supplies"}:
        return {"sectors": "Secteur dit", "supplies": BY_CODE["denrees"].name}[name]
    value = told(name)
    return READ.get(name) or str(value[0] if isinstance(value, list) else value)


def tell(listing, names):
    for name in names:
        if name in COLUMN_OF_RELATION:
            getattr(listing, name).set(told(name))
        else:
            setattr(listing, f"{name}_id" if name == "municipality" else name, told(name))
    listing.save()


@pytest.fixture
def whole(db):
    """A listing that says something in each of its fields."""
    Sector.objects.create(slug="dit", name="Secteur dit")
    listing = ListingFactory(slug="dit")
    tell(listing, TOLD_TOGETHER)
    return Listing.objects.get(pk=listing.pk)


def names_in(name):
    return {each.name for each in fields_in(name)}


def plain(text):
    return text.replace("\xa0", " ").replace("\u202f", " ")


# --- What is declared ---------------------------------------------------------------------------------


def test_every_field_of_the_model_is_declared_once():
    fields = [*Listing._meta.concrete_fields, *Listing._meta.many_to_many]
    faults = [
        f"{each.name}: in none of the lists {', '.join(LISTS)}; declare it in enterprises/listing_fields.py"
        for each in fields
        if each.name not in DECLARED and each.name not in SYSTEM_COLUMNS
    ]
    faults += [
        f"{name}: declared, but not a field of the model"
        for name in {*DECLARED, *SYSTEM_COLUMNS} - {each.name for each in fields}
    ]
    faults += [
        f"{name}: declared both as a field and as the portal’s own"
        for name in {*DECLARED} & {*SYSTEM_COLUMNS}
    ]
    assert not faults, "\n".join(faults)
    assert len(DECLARED) == len(FIELDS)
    # `ListingVersion.changed`, `Proposal.accepted_fields` and `ColumnChoice.field` hold names of 30 characters.
    assert max(len(each.attname) for each in Listing._meta.concrete_fields) <= 30


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_field_says_how_it_is_in_each_list_or_why_not(field):
    needs = {
        "form": ("a group", field.group),
        "import": ("the headings by which spreadsheets call it", field.headings),
        "export": ("a heading", field.heading),
        "completeness": ("a step and its weight", field.step and field.weight),
    }
    faults = [
        f"{field.name}: “{name}” needs {what}, or a reason in `left_out`"
        for name, (what, given) in needs.items()
        if field.is_in(name) and not given
    ]
    faults += [
        f"{field.name}: “{name}” has {what}, and a reason to leave it out"
        for name, (what, given) in needs.items()
        if not field.is_in(name) and given
    ]
    faults += [f"{field.name}: why not in “{name}”?" for name, reason in field.left_out.items() if not reason]
    faults += [f"{field.name}: “{name}” is no list" for name in {*field.left_out} - {*LISTS}]
    faults += [
        f"{field.name}: in “{part}”, which is a part of “{whole}”, where it is not"
        for part, whole in (("corrections", "form"), ("comparison", "merge"))
        if field.is_in(part) and not field.is_in(whole)
    ]
    assert not faults, "\n".join(faults)


# --- What each list does with it ------------------------------------------------------------------------


def test_form_shows_them(whole):
    form = StaffListingForm(instance=whole)
    shown = [field.name for _title, fields in form.groups() for field in fields]
    shown += [field.name for field in form.english_fields()]
    assert sorted(shown) == sorted(names_in("form"))
    assert {*form.fields} == {*shown, "version", "is_exact"}


def test_corrections_propose_them(whole):
    assert {*CorrectionForm(instance=whole).fields} == names_in("corrections") | {"message", "version"}


def test_history_keeps_each_of_them_alone(whole):
    whole.versions.all().delete()
    blank = {name: column_of(name).get_default() for name in TOLD_TOGETHER if name not in COLUMN_OF_RELATION}
    edits = blank | {"municipality": "67050", "legal_form": "npo"}
    for name, value in edits.items():
        # Not save(), which names every column: an import writes only what it changes.
        Listing.objects.filter(pk=whole.pk).update(**{name: value})
    for name in COLUMN_OF_RELATION:
        getattr(whole, name).clear()
    kept = {column for version in whole.versions.all() for column in version.changed}
    lacking = {COLUMN_OF_RELATION.get(name) or column_of(name).attname for name in TOLD_TOGETHER} - kept
    assert not lacking, "the trigger enterprises_keep_history does not keep these"


@pytest.mark.django_db
def test_history_restores_them(staff):
    Sector.objects.create(slug="dit", name="Secteur dit")
    listing = ListingFactory()
    before = {name: stored_json_value(listing, name) for name in TOLD_TOGETHER}
    with history.attributed_edit(by=staff):
        tell(listing, TOLD_TOGETHER)
    restored = history.restore(listing_id=listing.pk, version_id=listing.versions.get().pk, by=staff)
    assert {name: stored_json_value(restored, name) for name in TOLD_TOGETHER} == before


def test_merge_takes_them(whole, staff):
    bare = ListingFactory(name="Autre", mission="", legal_form="", municipality_id="67050")
    taken = names_in("merge")
    merging.merge(
        target=bare.pk, source=whole.pk, seen=seen_pair(bare.pk, whole.pk), fields_from_source=taken, by=staff
    )
    bare.refresh_from_db()
    lost = {name for name in taken if stored_json_value(bare, name) != told(name)}
    assert not lost, "a merge loses these"


def test_merge_compares_them(whole, staff_client):
    other = ListingFactory(name="Autre", mission="Autre.", municipality_id="67050")
    pair = DuplicatePair.objects.create(first=whole, second=other, likeness=1)
    page = staff_client.get(reverse("staff:pair_review", args=[pair.pk])).content.decode()
    lacking = {name for name in names_in("comparison") if f'name="take-{name}"' not in page}
    assert not lacking, "the page of a possible duplicate does not show these"


def test_import_reads_them(whole):
    Listing.objects.all().delete()
    fields = [each for each in fields_in("import") if each.headings]
    header = [each.headings.split()[0] for each in fields]
    cells = [TYPED.get(each.name) or read(each.name) for each in fields]
    spreadsheet_import = trial.open_import(table=table_of(header, [cells]), file_name="x.csv", by=None)
    assert [*spreadsheet_import.mapping] == [
        {"street": "address"}.get(each.name, each.name) for each in fields
    ]
    assert {*COLUMNS} == {*spreadsheet_import.mapping, "mrc"}
    (row,) = trial.try_rows(spreadsheet_import, silent)
    assert (row.kind, row.reasons) == ("created", [])
    values = {name.removesuffix("_id"): value for name, value in row.cleaned["values"].items()}
    assert {name: values.get(name) for name in names_in("import")} == {
        name: told(name) for name in names_in("import")
    }


def test_exports_give_them(whole, now_known):
    cells = rows.cells(whole, now_known())
    header = rows.header(now_known())
    assert len(header) == len(cells) == len(names_in("export")) + len(["MRC", "Page"])
    row = dict(zip(header, map(plain, cells), strict=True))
    lacking = {each.name for each in fields_in("export") if read(each.name) not in row[str(each.heading)]}
    assert not lacking, "CSV and XLSX do not give these"


def test_api_gives_and_describes_them(whole, now_known):
    facts = rows.as_json(whole, now_known())
    described = openapi.description("")["components"]["schemas"]["Fiche"]["properties"]
    assert {*facts} == {*described}
    assert {*facts["address"]} == {*described["address"]["properties"]}
    assert {*facts} - {"slug", "url", "updated_at"} == {each.api_name for each in fields_in("api")}
    lacking = set()
    for each in fields_in("api"):
        value = {"sectors": ["dit"], "description": "description·dit"}.get(each.name, told(each.name))
        if isinstance(value, Decimal):
            value = float(value)
        said = value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
        if said not in json.dumps(facts[each.api_name], ensure_ascii=False):
            lacking.add(each.name)
    assert not lacking, "the API does not give these"


def test_completeness_asks_for_them(whole):
    pages = {"edit", "identity"}
    asked = {step.field for step in completeness(Listing(), RelatedFacts()).steps if step.page in pages}
    assert asked == names_in("completeness")
    assert not {step.field for step in completeness(whole, RelatedFacts()).steps if step.page in pages}


def test_page_shows_them(whole, client):
    pages = [plain(client.get(f"{language}/repertoire/dit/").content.decode()) for language in ("", "/en")]
    shown = {
        "verified_on": "4 mars 2026",
        "phone_extension": "777",
        "opening_hours_en": "opening_hours_en·dit",
    }
    lacking = {
        name
        for name in names_in("page") - ALONE
        if not any(shown.get(name, read(name)) in page for page in pages)
    }
    assert not lacking, "templates/enterprises/listing.html does not show these"
