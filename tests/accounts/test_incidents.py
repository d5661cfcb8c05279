"""The register of privacy incidents: what the law asks for, corrected by versions, kept by the database, read by two roles."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.hooks.diagnostics import check_incidents
from accounts.models import AuditEntry, Incident, IncidentEntry, Role
from accounts.team import incidents
from pole.hooks.diagnostics import Level
from pole.hub.state import looking
from pole.models import Hub
from tests.conftest import signed_in
from tests.factories import IncidentEntryFactory, UserFactory
from tests.refusals import assert_statement_refused

pytestmark = pytest.mark.django_db
WHOLE = {
    "circumstances": "Un courriel envoyé à la mauvaise liste.",
    "happened_on": "2026-01-04",
    "known_on": "2026-01-05",
    "information": "Noms et adresses de courriel.",
    "people": "40",
    "sensitivity": "Faible.",
    "consequences": "Des courriels non voulus.",
    "likelihood": "Faible.",
    "risk": "none",
    "measures": "Les destinataires ont effacé la liste.",
}


@pytest.fixture
def direction():
    return signed_in(UserFactory(roles=[Role.DIRECTION], name="Rose Cyr"), second_factor=True)


def entry_of(key):
    return IncidentEntry.objects.filter(incident=key).first()


def write(client, **typed):
    answer = client.post(reverse("staff:incident_new"), {"known_on": "2026-01-05"} | typed)
    assert answer.status_code == 302, answer.context["form"].errors
    return Incident.objects.latest("pk").pk


def test_little_is_enough_to_begin_and_the_page_says_what_is_missing(direction):
    key = write(direction, circumstances="Un téléphone perdu.")
    page = direction.get(reverse("staff:incident", args=[key])).text
    for missing in (
        "les mesures prises",
        "le nombre de personnes, ou une estimation",
        "s’il y a un risque de préjudice sérieux",
    ):
        assert missing in page
    assert len(incidents.missing_of(entry_of(key))) == 6


def test_whole_entry_lacks_nothing(direction):
    key = write(direction, **WHOLE)
    assert incidents.missing_of(entry_of(key)) == []
    assert "L’inscription est complète." in direction.get(reverse("staff:incident_list")).text
    assert looking.look_at(check_incidents).level == Level.WELL


def test_serious_risk_asks_for_notices_and_for_what_the_public_was_told(direction):
    key = write(direction, **WHOLE | {"risk": "serious"})
    missing = [str(name) for name in incidents.missing_of(entry_of(key))]
    assert missing == [
        "la date de l’avis à la Commission",
        "la date de l’avis aux personnes concernées",
        "si un avis public a été donné",
    ]
    assert "sans tarder" in direction.get(reverse("staff:incident_list")).text
    found = looking.look_at(check_incidents)
    assert (found.level, found.page) == (Level.ACT, "staff:incident_list")


def test_public_notice_takes_the_place_of_letters_and_says_why():
    entry = IncidentEntryFactory.build(
        incident=None, risk="serious", commission_told_on=date(2026, 1, 6), public_notice="given"
    )
    assert not incidents.notices_due(entry)
    assert "pourquoi un avis public a été donné" in [str(name) for name in incidents.missing_of(entry)]


def test_correction_is_another_version_and_history_shows_both(direction):
    key = write(direction, **WHOLE)
    edit = reverse("staff:incident_edit", args=[key])
    refused = direction.post(edit, WHOLE | {"people": "41", "version": "1"})
    assert refused.status_code == 422
    assert (
        direction.post(edit, WHOLE | {"people": "41", "version": "1", "because": "Recompté."}).status_code
        == 302
    )
    assert list(IncidentEntry.objects.values_list("version", "people")) == [(2, 41), (1, 40)]
    page = direction.get(reverse("staff:incident", args=[key])).text
    assert "<del>40</del>" in page
    assert "<ins>41</ins>" in page
    assert "Recompté." in page
    assert list(
        AuditEntry.objects.filter(kind="incident").order_by("pk").values_list("action", flat=True)
    ) == [
        "add",
        "save",
    ]


def test_two_who_correct_at_once_lose_nothing(direction):
    key = write(direction, **WHOLE)
    edit = reverse("staff:incident_edit", args=[key])
    direction.post(edit, WHOLE | {"people": "41", "version": "1", "because": "Un."})
    answer = direction.post(edit, WHOLE | {"people": "42", "version": "1", "because": "Deux."})
    assert answer.status_code == 422
    assert IncidentEntry.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"known_on": ""}, "known_on"),
        ({"known_on": "2999-01-01"}, "known_on"),
        ({"known_on": "0001-01-01"}, "known_on"),
        ({"known_on": "2026-01-05", "known_until": "2026-01-04"}, "__all__"),
        ({"happened_on": "2026-01-05", "happened_until": "2026-01-04"}, "__all__"),
        ({"people": "-1"}, "people"),
        ({"people": "99999999999"}, "people"),
        ({"risk": "peut-être"}, "risk"),
        ({"commission_told_on": "2199-01-01"}, "commission_told_on"),
        ({"circumstances": "x" * 5001}, "circumstances"),
    ],
)
def test_hostile_values_are_refused_with_their_field(direction, typed, field):
    answer = direction.post(reverse("staff:incident_new"), {"known_on": "2026-01-05"} | typed)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not Incident.objects.exists()


def test_script_is_shown_as_text_and_a_formula_is_no_formula(direction):
    key = write(direction, circumstances="=HYPERLINK(1) <script>alert(1)</script>")
    for name, arguments in (("incident", [key]), ("incident_list", []), ("incident_copy", [])):
        page = direction.get(reverse(f"staff:{name}", args=arguments)).text
        assert "<script>alert" not in page
    content = direction.get(reverse("staff:incident_csv")).content.decode("utf-8-sig")
    (heading, row) = csv.reader(io.StringIO(content), delimiter=";")
    assert row[3].startswith("'=HYPERLINK")
    assert "circonstances" in heading
    assert "les mesures prises" in row[-1]


def test_database_keeps_each_version_as_it_was_written(direction):
    key = write(direction, **WHOLE)
    changed, kept = (
        "the register of incidents is added to, never changed nor emptied",
        "an incident is kept for five years",
    )
    for told, statement in (
        (changed, "UPDATE accounts_incidententry SET people = 1"),
        (kept, "DELETE FROM accounts_incidententry"),
        (kept, "DELETE FROM accounts_incident"),
        (changed, "UPDATE accounts_incident SET created_at = '2001-01-01'"),
        # Postponed checks of what was just written would refuse it first.
        (changed, "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE accounts_incident CASCADE"),
        (changed, "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE accounts_incidententry"),
    ):
        assert_statement_refused(told, statement)
    assert entry_of(key).people == 40


def written_long_ago(known_on, **values):
    """As by a portal that has run for years."""
    ago = timezone.now() - timedelta(days=6 * 366)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_incident DISABLE TRIGGER USER")
        incident = Incident.objects.create(created_at=ago)
        cursor.execute("ALTER TABLE accounts_incident ENABLE TRIGGER USER")
    return IncidentEntry.objects.create(incident=incident, at=ago, known_on=known_on, **values)


def test_incident_known_six_years_ago_may_be_deleted():
    entry = written_long_ago(timezone.localdate() - timedelta(days=6 * 366))
    entry.incident.delete()
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "later",
    [
        {"known_until": timezone.localdate() - timedelta(days=300)},
        {"is_corrected": True},
    ],
)
def test_five_years_are_counted_from_when_it_was_last_known(later):
    ago = timezone.localdate() - timedelta(days=6 * 366)
    if later.pop("is_corrected", False):
        first = written_long_ago(timezone.localdate() - timedelta(days=300))
        # A correction that says that it was known earlier does not shorten it.
        IncidentEntry.objects.create(incident=first.incident, version=2, at=first.at, known_on=ago)
    else:
        written_long_ago(ago, **later)
    assert_statement_refused("an incident is kept for five years", "DELETE FROM accounts_incidententry")
    assert_statement_refused(
        "an incident is kept for five years", "DELETE FROM accounts_incidententry WHERE version = 2 OR true"
    )


def test_old_date_on_an_incident_just_written_frees_nothing():
    IncidentEntryFactory(known_on=date(1999, 1, 1))
    assert_statement_refused("an incident is kept for five years", "DELETE FROM accounts_incidententry")


@pytest.mark.parametrize("role", [Role.EDITORIAL, Role.DIRECTORY, Role.FORUMS])
def test_privacy_officer_reads_it_and_nobody_else(role):
    Hub.objects.create(name="Pôle", short_name="Pôle", tagline="x", privacy_email="VP@exemple.example")
    officer = signed_in(UserFactory(roles=[role], email="vp@exemple.example"), second_factor=True)
    other = signed_in(UserFactory(roles=[role]), second_factor=True)
    key = IncidentEntryFactory().incident_id
    for name, arguments in (
        ("incident_list", []),
        ("incident_new", []),
        ("incident_copy", []),
        ("incident_csv", []),
        ("incident", [key]),
        ("incident_edit", [key]),
    ):
        address = reverse(f"staff:{name}", args=arguments)
        assert officer.get(address).status_code == 200, name
        assert other.get(address).status_code == 403, name
    assert reverse("staff:incident_list") in officer.get("/gestion/").text
    assert reverse("staff:incident_list") not in other.get("/gestion/").text


def test_hub_without_an_officer_opens_to_nobody_by_an_empty_address():
    Hub.objects.create(name="Pôle", short_name="Pôle", tagline="x", privacy_email="")
    other = signed_in(UserFactory(roles=[Role.EDITORIAL]), second_factor=True)
    assert other.get(reverse("staff:incident_list")).status_code == 403


def test_incident_that_is_not_there_is_a_404(direction):
    for name in ("incident", "incident_edit"):
        assert direction.get(reverse(f"staff:{name}", args=[99])).status_code == 404
    assert direction.post(reverse("staff:incident_edit", args=[99]), WHOLE).status_code == 404


@pytest.mark.parametrize(
    ("known", "kept"),
    [(date(2026, 1, 5), date(2031, 1, 5)), (date(2024, 2, 29), date(2029, 3, 1))],
)
def test_until_when_it_is_kept(known, kept):
    assert incidents.kept_until(IncidentEntry(known_on=known)) == kept


def test_register_asks_as_much_whatever_it_holds(direction):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert direction.get(reverse("staff:incident_list")).status_code == 200
        return len(queries)

    IncidentEntryFactory()
    asked()
    few = asked()
    IncidentEntryFactory.create_batch(30)
    assert asked() == few


def test_the_whole_register_is_one_page_to_print(direction):
    with transaction.atomic():
        IncidentEntryFactory.create_batch(2)
    page = direction.get(reverse("staff:incident_copy")).text
    assert page.count("incidents__copy") == 2
    assert "avis à la Commission" in page.replace("Avis", "avis")


def test_form_sent_twice_writes_one_incident(direction):
    assert write(direction, **WHOLE) == write(direction, **WHOLE)
    assert (Incident.objects.count(), IncidentEntry.objects.count()) == (1, 1)
    assert write(direction, **WHOLE | {"people": "41"}) == Incident.objects.latest("pk").pk
    assert Incident.objects.count() == 2


def test_public_notice_instead_of_letters_lacks_nothing(direction):
    told = {"risk": "serious", "commission_told_on": "2026-01-06"}
    key = write(
        direction, **WHOLE | told | {"public_notice": "given", "public_notice_because": "Adresses perdues."}
    )
    assert incidents.missing_of(entry_of(key)) == []
    assert looking.look_at(check_incidents).level == Level.WELL


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"known_until": "2126-01-06"}, "known_until"),
        ({"happened_on": "2026-01-04", "happened_until": "2199-12-31"}, "happened_until"),
        ({"happened_until": "2026-01-04"}, "happened_on"),
        ({"happened_on": "2026-01-06"}, "happened_on"),
        ({"commission_told_on": "1985-01-01"}, "commission_told_on"),
        ({"people_told_on": "2026-01-04"}, "people_told_on"),
    ],
)
def test_dates_that_cannot_be_are_refused(direction, typed, field):
    answer = direction.post(reverse("staff:incident_new"), {"known_on": "2026-01-05"} | typed)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not Incident.objects.exists()


def test_register_is_numbered_and_number_nought_is_nobody_s(direction):
    write(direction, **WHOLE)
    rows = direction.get(reverse("staff:incident_csv")).content.decode("utf-8-sig")
    assert rows.startswith(("Numéro;", '"Numéro"'))
    edit = reverse("staff:incident_edit", args=[0])
    assert direction.get(edit).status_code == direction.post(edit, WHOLE).status_code == 404


def test_privacy_officer_is_led_to_no_page_that_refuses_them():
    Hub.objects.update(privacy_email="officier@exemple.example")
    officer = signed_in(
        UserFactory(email="officier@exemple.example", roles=[Role.EDITORIAL]), second_factor=True
    )
    assert (
        reverse("staff:state") not in officer.get(reverse("staff:incident_list")).text.partition("<main")[2]
    )
