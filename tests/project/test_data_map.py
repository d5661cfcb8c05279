"""docs/donnees.md, “Personal data”: each field that may tell of a person has its row there, or is said here to tell of nobody."""

from __future__ import annotations

import re
import tomllib

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from accounts import privacy
from desk.readings import asking
from forums.registration import retention
from pole.files import kept_uploads
from pole.server import backups
from tests.project.test_personal_data import fields_about_people

pytestmark = pytest.mark.any_hour("a document and models")
ROW_MODEL = re.compile(r"`(\w+\.\w+)`: ((?:`\w+`(?: \([^)]*\))?(?:, )?)+)")
# Models whose texts are those of the hub, of its territory or of programs.
OF_NOBODY = {
    *("auth", "contenttypes", "procrastinate"),
    *("forums.Forum", "forums.Session", "forums.Season", "forums.Track", "forums.ProgrammeItem", "forums.RegistrationQuestion", "forums.Round"),
    *("forums.Question", "forums.Option", "forums.RoundSecret", "forums.SealedBox", "forums.PaperBallot"),
    *("forums.Priority", "forums.PriorityUpdate", "forums.DossierFile", "forums.Answer", "forums.NoticeText"),
    *("forums.KeyCopy", "enterprises.Sector", "enterprises.ListingPhoto", "enterprises.ListingDocument"),
    *("enterprises.ColumnChoice", "blog.Imported", "blog.Tag", "blog.Post", "blog.Page", "blog.OldAddress"),
    *("accounts.TeamAlert", "pole.KeptFinding", "pole.RetentionRun", "pole.Mrc", "pole.Municipality", "pole.MunicipalityBoundary"),
    *("pole.FormerMunicipality", "pole.TerritoryUpload", "pole.Partner", "pole.MenuItem", "pole.SynonymGroup"),
    "pole.ContentVersion",
}  # fmt: skip
# Of models that have a row: names of things, texts of an enterprise or of the hub, keys.
TELLS_OF_NOBODY = {
    "accounts.AuditEntry": {"action", "kind"},
    "accounts.Erasure": {"kind"},
    "accounts.IncidentEntry": {"risk", "public_notice"},
    "admin.LogEntry": {"object_id"},
    "blog.SiteImport": {"folder", "site", "language"},
    "comments.Comment": {"language"},
    "desk.Draft": {"writing_key", "preview_key"},
    "desk.Document": {"title", "file"},
    "desk.Picture": {"renditions", "file"},
    "desk.Remark": {"field", "words"},
    "enterprises.Attestation": {"wording"},
    "enterprises.BulkChange": {"keys", "kept_keys"},
    "enterprises.Import": {"header", "sheet", "file_notes", "mapping", "kept"},
    "enterprises.ImportRow": {"name", "place", "unknown", "matches", "near", "reasons", "changes"},
    "enterprises.Listing": {
        *("slug", "name", "name_key", "other_names", "neq", "mission", "mission_en", "description"),
        *("description_en", "products", "products_en", "supplies", "licences", "street", "postal_code"),
        *("website", "social_links", "opening_hours", "opening_hours_en", "languages", "logo", "sector_ids"),
        *("served", "document"),
    },
    "enterprises.ListingVersion": {"edit"},
    "enterprises.Mention": {"name", "activity", "website"},
    "enterprises.RememberedValue": {"key", "values"},
    "forums.Recommendation": {"refusal_reason", "document"},
    "forums.RecommendationEvent": {"state_before"},
    "forums.Results": {
        *("heading", "heading_en", "introduction", "introduction_en", "quotation", "quotation_en"),
        *("priorities_lead", "priorities_lead_en", "next_steps", "next_steps_en"),
    },
    "pole.Setup": {"mail_relay", "mail_received_by_relay"},
    "pole.TeamMember": set(),
}  # fmt: skip
# Of the hub, whatever is not the address of someone.
HUB = "pole.Hub"
QUIET = (
    *(models.BooleanField, models.DateField, models.IntegerField, models.FloatField, models.DecimalField),
    *(models.DurationField, models.UUIDField, models.AutoField),
)


def mapped():
    text = (settings.BASE_DIR / "docs" / "donnees.md").read_text(encoding="utf-8")
    found = {}
    for model, fields in ROW_MODEL.findall(text.partition("# Personal data")[2]):
        found.setdefault(model, set()).update(re.findall(r"`(\w+)`", fields))
    return found


def of_nobody(model):
    return model._meta.label in OF_NOBODY or model._meta.app_label in OF_NOBODY


def may_tell(field):
    """A text, a file, a document, or who someone is; neither a number, a date, a choice among a few, nor another thing."""
    about_people = {*fields_about_people()}
    label = f"{field.model._meta.label}.{field.name}"
    if label in about_people:
        return True
    return not (isinstance(field, QUIET) or field.is_relation or field.choices)


def test_each_field_that_may_tell_of_a_person_has_its_row():
    rows, missing = mapped(), []
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label
        if label not in rows and of_nobody(model):
            continue
        known = rows.get(label, set()) | TELLS_OF_NOBODY.get(label, set())
        candidates = {field.name for field in model._meta.local_fields if may_tell(field)}
        if label == HUB:
            candidates = {name for name in candidates if re.search(r"email|phone|officer", name)}
        missing += [f"{label}.{name}" for name in sorted(candidates - known)]
    assert missing == []


def test_rows_name_fields_that_are_there():
    for label, fields in mapped().items():
        model = apps.get_model(label)
        assert fields <= {field.name for field in model._meta.local_fields}, label
    assert len(mapped()) > 45


def test_what_is_said_to_tell_of_nobody_is_there_and_in_no_row():
    rows = mapped()
    labels = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert {name for name in OF_NOBODY if "." in name} <= labels - rows.keys()
    for label, fields in TELLS_OF_NOBODY.items():
        assert not fields & rows[label], label
        assert fields <= {field.name for field in apps.get_model(label)._meta.local_fields}, label


PRIVACY_PAGES = ("blog/model_pages/pages.toml", "blog/demo/pages.toml")


@pytest.mark.parametrize("path", PRIVACY_PAGES)
def test_page_of_visitors_says_how_long_as_the_code_does(path):
    pages = tomllib.loads((settings.BASE_DIR / path).read_text(encoding="utf-8"))["page"]
    (page,) = (page for page in pages if page["slug"] == "confidentialite")
    french, english = page["body"].replace("\u00a0", " "), page["body_en"]
    assert (retention.NEEDS_RETENTION.days, retention.PEOPLE_RETENTION.days) == (30, 730)
    assert (retention.UNCONFIRMED_RETENTION.days, privacy.ERASURE_DELAY.days) == (7, 7)
    assert (kept_uploads.LIFETIME.total_seconds(), asking.KEPT_FOR.days, backups.MAX_BACKUPS) == (
        3600,
        30,
        14,
    )
    said = (
        ("effacés 30 jours après l’événement", "erased 30 days after the event"),
        ("effacés deux ans après", "erased two years after"),
        ("effacée après une semaine", "erased after a week"),
        ("sept jours pour changer d’idée", "seven days to change your mind"),
        ("une heure au plus", "one hour at most"),
        ("effacés 30 jours après la publication", "erased 30 days after publication"),
        ("les quatorze dernières", "the last fourteen"),
        ("400 jours", "400 days"),
    )
    assert [words for words, _english in said if words not in french] == []
    assert [words for _french, words in said if words not in english] == []


def test_each_field_about_people_is_in_the_map():
    """Whatever knows an account, a registration or an address, of any model."""
    rows = mapped()
    lacking = [
        name
        for name in fields_about_people()
        if name.rpartition(".")[2] not in rows.get(name.rpartition(".")[0], ())
    ]
    assert lacking == []
