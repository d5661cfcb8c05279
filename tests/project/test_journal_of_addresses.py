"""Every address of the team that takes a POST: it leaves an entry in the journal, which leads there, or says why not."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts import journal
from accounts.models import AuditEntry
from accounts.team.invitations import invite
from blog.models import OldAddress, SiteImport
from blog.wordpress import running
from blog.wordpress.texts import Choices
from comments import moderation
from comments.models import Comment
from desk.models import Document, Picture
from enterprises.listing import bulk
from enterprises.models import DuplicatePair, RememberedValue, Sector
from forums.dossier.sending import confirm_answer, send_dossier
from forums.models import Registration, Round
from forums.recommendations.merging import version_of_merge
from forums.registration import day_team
from forums.vote import casting, paper_entry, paper_issue, roll, rounds
from pole.geo import territory_upload
from pole.models import FormerMunicipality, SuspendedAddress, SynonymGroup, TeamMember
from tests.blog.wordpress.whole_site import export
from tests.conftest import signed_in
from tests.desk.readings import Asked
from tests.factories import (
    ActivityProposalFactory,
    AuthorFactory,
    CommentFactory,
    ForumFactory,
    ImportFactory,
    IncidentEntryFactory,
    ListingFactory,
    MentionFactory,
    PageFactory,
    PartnerFactory,
    PostFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
    SeasonFactory,
    SessionFactory,
    UserFactory,
)
from tests.forums import typed
from tests.forums.rounds.test_preparing import form as round_form
from tests.forums.sealed import publish_results, seal
from tests.moments import as_typed, typeable
from tests.pole.territories import quebec_file, quebec_rows
from tests.project.test_access_matrix import ROWS, every_name
from tests.sent import form_of

pytestmark = pytest.mark.django_db

KEPT_BY_ROW = "its row keeps who and when, and its page shows it"
ARRIVALS = "what happens at the door is the day's, in the row of each registration"
HISTORY = "the history of a recommendation has each of its versions, with who wrote it"
SLIPS = "what became of each slip is on the page of slips"
SECRET = "it would tie someone to a paper, or tell what a paper says"
WORKING_COPY = "the working copy has its own history; visitors read nothing of it"
LOOK = "what would change is shown, and nothing of the listings is written before it is done"
TRIAL = "an import is tried, and nothing is written before it is run"

NOT_NOTED = {
    **dict.fromkeys([
        "staff:post_autosave_new", "staff:post_autosave", "staff:page_autosave_new", "staff:page_autosave",
        "staff:post_preview", "staff:page_preview", "staff:draft_presence", "staff:results_autosave",
        "staff:results_preview", "staff:listing_preview", "staff:post_new", "staff:page_new",
    ], WORKING_COPY),
    **dict.fromkeys(["staff:picture_add", "staff:document_add"], KEPT_BY_ROW),
    **dict.fromkeys([
        "staff:import_list", "staff:import_show", "staff:site_import_list", "staff:site_import_show",
    ], TRIAL),
    "staff:missed_forget": "what nobody finds is counted, and nothing is decided of it",
    "staff:site_import_undo": "what came in is noted by the worker, once it is taken back",
    "staff:bulk_prepare": LOOK,
    **dict.fromkeys(["staff:door_person", "staff:door_undo", "staff:door_walk_in"], ARRIVALS),
    **dict.fromkeys([
        "staff:carton_print", "staff:carton_batch_void", "staff:carton_give", "staff:carton_void",
        "staff:paper_print",
    ], SLIPS),
    **dict.fromkeys([
        "staff:paper_issue", "staff:paper_typing", "staff:paper_resolve", "staff:paper_forget",
    ], SECRET),
    **dict.fromkeys([
        "staff:recommendation", "staff:recommendation_choose", "staff:room", "staff:room_choose",
    ], HISTORY),
    **dict.fromkeys(["staff:day_team_enter", "staff:day_team_leave"], "no decision: someone comes or goes"),
    # The list waits until it is applied, from its preview.
    "staff:territory": "a list is read, and nothing is written before it is applied",
    **dict.fromkeys([
        "staff:first_step_mail", "staff:first_step_mail_send", "staff:first_step_pages", "staff:first_step_team",
    ], "a step of a new hub: a test message, drafts to complete, a word on who is there"),
}  # fmt: skip


@dataclass
class Case:
    """How an address is posted to: `page` shows its form, its own page without one; `typed` is what staff add."""

    kind: str
    action: str
    given: Callable[[], dict[str, Any]]
    page: str = ""
    typed: dict[str, Any] | Callable[..., dict[str, Any]] = field(default_factory=dict)
    # When no page shows it as such.
    has_no_form: bool = False
    # What was decided about is gone: there is nothing to lead to.
    leads_nowhere: bool = False


# --- What is there before ---------------------------------------------------------------------------


def draft_of(owner, **changes):
    draft = owner.draft
    draft.content = {"title": owner.title, "body": "<p>Bonjour.</p>"} | changes
    draft.save(update_fields=["content"])
    draft.versions.create(number=draft.version, content=draft.content)
    return owner


def an_import_with_drafts():
    done = ImportFactory(state="done")
    done.rows.update(kind="created", listing=ListingFactory(state="draft"))
    return {"key": done.pk}


def a_remembered_answer():
    return RememberedValue.objects.create(field="sectors", key="jardins", written="Jardins")


def a_shown_member():
    return {"key": TeamMember.objects.create(name="Rose Cyr", role="Direction").pk}


def a_season():
    return {"key": SeasonFactory().pk}


def a_post():
    return {"post_id": draft_of(PostFactory(published_at=None)).pk}


def a_page():
    return {"page_id": draft_of(PageFactory(published_at=None)).pk}


def a_redirect():
    return {"key": OldAddress.objects.create(path="/ancien/", target="/").pk}


def a_former_site():
    upload = SimpleUploadedFile("site.xml", export())
    made = running.open_import(upload=upload, file_name="site.xml", choices=Choices(), by=None)
    SiteImport.objects.update(state="tried")
    return {"key": made.pk}


def a_draft():
    post = draft_of(PostFactory())
    return {"draft_id": post.draft_id}


def a_change(*, is_done=False):
    person = UserFactory()
    change = bulk.prepare(
        field="legal_form",
        value="npo",
        adds=False,
        keys=[ListingFactory(legal_form="").pk],
        by=person,
        now=timezone.now(),
    )
    if is_done:
        bulk.apply(change_id=change.pk, by=person, now=timezone.now())
    return {"key": change.pk}


def a_listing_to_classify():
    return {"fiche": ListingFactory(legal_form="").pk, "version": 1, "legal_form": "npo"}


def a_logo():
    content = io.BytesIO()
    Image.new("RGB", (300, 120), "green").save(content, "PNG")
    return SimpleUploadedFile("logo.png", content.getvalue())


def a_picture():
    return {"picture_id": Picture.objects.create(file="pictures/a.webp", width_px=1, height_px=1).pk}


def a_document():
    return {"document_id": Document.objects.create(title="Un PDF", file="documents/a.pdf", size_bytes=1).pk}


def held():
    return {"comment_id": CommentFactory(thread=PostFactory().thread, state="pending", shown_at=None).pk}


def hidden():
    given = held()
    moderation.hide(
        comment_id=given["comment_id"], seen=moderation.version_of(Comment.objects.get(pk=given["comment_id"])),
        reason="Insulte", by=UserFactory(is_staff=True), now=timezone.now(),
    )  # fmt: skip
    return given


def refused_address():
    return {
        "address_id": SuspendedAddress.objects.create(address="lou@exemple.example", answer="550 5.1.1").pk
    }


def person_signed_in():
    person = UserFactory()
    signed_in(person)
    return {"person_id": person.pk}


def invited():
    by = UserFactory(is_staff=True)
    row = invite(email="zoe@exemple.example", roles=["forums"], by=by, now=timezone.now())
    row.sent_at -= timedelta(days=2)
    row.save()
    return {"invitation_id": row.pk}


def a_list():
    territory_upload.store(SimpleUploadedFile("MUN.csv", quebec_file(quebec_rows())), file_name="MUN.csv")
    return {}


def a_listing(**changes):
    return {"key": ListingFactory(**changes).pk}


def an_edited_listing():
    listing = ListingFactory()
    listing.mission = "Nourrir."
    listing.save()
    return {"key": listing.pk}


def a_manager():
    listing = ListingFactory()
    listing.roles.create(user=UserFactory())
    return {"key": listing.pk}


def a_sector():
    return Sector.objects.values_list("pk", flat=True).first()


def a_proposal():
    return {"key": ListingFactory().proposals.create(kind="report", message="Une erreur").pk}


def an_attestation():
    listing = ListingFactory()
    row = listing.attestations.create(expires_on="2999-01-01", signer_name="A B", signer_title="C")
    return {"key": row.pk}


def a_claim():
    return {"key": ListingFactory().claims.create(user=UserFactory(), state="waiting").pk}


def a_call():
    return {"key": ListingFactory().checkups.create(to_call=True).pk}


def a_pair():
    first, second = ListingFactory(), ListingFactory()
    return {"key": DuplicatePair.objects.create(first=first, second=second, likeness=0.9).pk}


def a_forum(**changes):
    return {"slug": ForumFactory(**changes).slug}


def a_session(**changes):
    """One of two."""
    session = SessionFactory(**changes)
    SessionFactory(forum=session.forum)
    return {"slug": session.forum.slug, "session_id": session.pk}


def a_person(**changes):
    person = RegistrationFactory(**{"checked_in_at": None} | changes)
    return {"slug": person.forum.slug, "person_id": person.pk}


def a_member():
    forum = ForumFactory()
    member, _token = day_team.invite(forum=forum, name="Alex", now=timezone.now())
    return {"slug": forum.slug, "member_id": member.pk}


def a_recommendation(state="proposed"):
    row = RecommendationFactory(state=state)
    return {"slug": row.forum.slug, "recommendation_id": row.pk}


def an_activity(**changes):
    return {"slug": ActivityProposalFactory(**changes).forum.slug}


def an_asked_activity():
    now = timezone.now()
    return an_activity(state="accepted", answered_at=now, asked="C’est remis.", asked_at=now)


def merged():
    kept = RecommendationFactory()
    row = RecommendationFactory(forum=kept.forum, state="merged", survivor=kept)
    return {"slug": row.forum.slug, "recommendation_id": row.pk}


def a_round(state="planned", *, papers=0, **kwargs):
    """With one person on the roll, and a second who may be added."""
    round = RoundFactory(**kwargs)
    QuestionFactory(round=round, position=1)
    RegistrationFactory(forum=round.forum)
    if state != "planned":
        rounds.draw_ballot(round_id=round.pk)
        if papers:
            paper_issue.print_papers(round_id=round.pk, count=papers)
    if state in {"open", "closed"}:
        rounds.open_round(round_id=round.pk, by=None)
    if papers and state == "closed":
        paper_issue.issue_paper(round_id=round.pk, entry_id=round.roll.get().pk)
    if state == "closed":
        rounds.close_round(round_id=round.pk, by=None)
    return {"slug": round.forum.slug, "number": round.number}


def round_of(given):
    return Round.objects.select_related("forum").get(forum__slug=given["slug"], number=given["number"])


def an_entry():
    given = a_round("open")
    return given | {"entry_id": round_of(given).roll.get().pk}


def with_someone_to_add():
    given = a_round("open")
    RegistrationFactory(forum=round_of(given).forum, name="Zoé Tard")
    return given


def late_paper():
    """Two papers came back, each typed twice, and only one was noted when it was given out."""
    given = a_round("drawn", papers=2)
    round = round_of(given)
    RegistrationFactory(forum=round.forum)
    rounds.open_round(round_id=round.pk, by=None)
    first, second = round.roll.order_by("pk")
    paper_issue.issue_paper(round_id=round.pk, entry_id=first.pk)
    rounds.close_round(round_id=round.pk, by=None)
    question = round.questions.get()
    for serial in round.papers.values_list("serial", flat=True):
        for typist in ("user:0", "day:2"):
            answers = {1: paper_entry.parse_answer(question, "1")}
            paper_entry.type_paper(
                round_id=round.pk, serial=serial, typist=typist, typist_name=typist, answers=answers
            )
    return given | {"entry_id": second.pk}


def a_sealed_round():
    round = seal()
    return {"slug": round.forum.slug, "number": round.number}


def results():
    row = ResultsFactory(published_at=None)
    return {"slug": row.forum.slug}


def a_priority():
    priority = ResultsFactory().priorities.create(position=1, title="Une priorité")
    return {"slug": priority.results.forum.slug, "priority_id": priority.pk}


def news():
    priority = ResultsFactory().priorities.create(position=1, title="Une priorité")
    update = priority.updates.create(dated_on="2026-01-01", text="Un pas")
    return {"slug": priority.results.forum.slug, "update_id": update.pk}


def a_dossier():
    round = seal()
    published = publish_results(round.forum)
    sent = send_dossier(
        results_id=published.pk, organisation="Ministère", person="", email="a@exemple.example", language="fr",
        message="", by=UserFactory(is_staff=True),
    )  # fmt: skip
    sent.sent_at -= timedelta(hours=1)
    sent.save(update_fields=["sent_at"])
    return {"slug": round.forum.slug, "dossier_id": sent.pk}


def an_answer(*, is_confirmed=False):
    from forums.models import Dossier

    given = a_dossier()
    sent = Dossier.objects.get(pk=given["dossier_id"])
    answer = sent.answers.create(priority=sent.results.priorities.first(), state="accepted")
    if is_confirmed:
        confirm_answer(answer_id=answer.pk, seen=answer.shown_version, by=UserFactory(is_staff=True))
    return {"slug": given["slug"], "answer_id": answer.pk}


def a_reading():
    asked = Asked(PostFactory())
    return {"draft_id": asked.reading.draft_id, "reading_id": asked.reading.pk}


def a_remark():
    asked = Asked(PostFactory())
    return {"draft_id": asked.reading.draft_id, "remark_id": asked.remark().pk}


def of_forum(given):
    return {"slug": given["slug"]}


def tomorrow(hours=0):
    return as_typed(typeable(timezone.now() + timedelta(days=40, hours=hours)))


def two_of_one_forum(given):
    from forums.models import Forum

    forum = Forum.objects.get(slug=given["slug"])
    rows = RecommendationFactory.create_batch(2, forum=forum)
    seen = version_of_merge(rows)
    return {"seen": seen, "r": [row.pk for row in rows], "title": "Une seule", "kind": "issue"}


JOURNALLED = {
    # The hub.
    "staff:hub": Case("hub", "identity", dict, typed={"name": "Un pôle", "short_name": "Pôle", "tagline": "Ensemble"}),
    "staff:partner_new": Case(
        "partner", "add", dict,
        typed=lambda _given: {"name": "Caisse", "address": "https://caisse.exemple.ca/", "logo": a_logo()},
    ),
    "staff:partner_edit": Case(
        "partner", "save", lambda: {"key": PartnerFactory().pk},
        typed={"name": "Caisse", "address": "https://caisse.exemple.ca/"},
    ),
    "staff:partner_change": Case(
        "partner", "remove", lambda: {"key": PartnerFactory().pk}, "staff:partner_list", {"action": "remove"}
    ),
    "staff:incident_new": Case("incident", "add", dict, typed={"known_on": "2026-01-05"}),
    "staff:incident_edit": Case(
        "incident", "save", lambda: {"key": IncidentEntryFactory().incident_id}, typed={"because": "Une précision."}
    ),
    "staff:menu": Case("menu", "menus", dict, typed={"form-0-label": "Autre nom"}),
    # The desk.
    "staff:post_edit": Case("text", "published", a_post, typed={"action": "publish_anyway", "title": "Titre"}),
    "staff:page_edit": Case("text", "published", a_page, typed={"action": "publish_anyway", "title": "Titre"}),
    "staff:author_new": Case("author", "added", dict, typed={"name": "Rose Cyr"}),
    "staff:author_edit": Case(
        "author", "changed", lambda: {"author_id": AuthorFactory().pk}, typed={"name": "Rose Cyr"}
    ),
    "staff:draft_restore": Case("text", "restored", lambda: a_draft() | {"number": 1}, has_no_form=True,
                                typed={"seen_version": 1}),
    "staff:version_name": Case("text", "named", lambda: a_draft() | {"number": 1}, has_no_form=True,
                               typed={"name": "Relue"}),
    "staff:posts_together": Case("text", "trashed", dict, has_no_form=True,
                                 typed=lambda _given: {"action": "trash", "textes": [PostFactory().pk]}),
    "staff:draft_share": Case("text", "shared", a_draft, has_no_form=True),
    "staff:readings": Case("text", "reading_asked", a_draft, typed={"name": "Rose Cyr"}),
    "staff:reading_end": Case("text", "reading_ended", a_reading, has_no_form=True),
    "staff:remark": Case("text", "remark_deleted", a_remark, has_no_form=True, typed={"action": "delete"}),
    "staff:picture_edit": Case("picture", "changed", a_picture, typed={"description": "Une serre"}),
    "staff:picture_remove": Case("picture", "removed", a_picture, "staff:picture_edit", leads_nowhere=True),
    "staff:document_edit": Case("document", "changed", a_document, typed={"title": "Un autre titre"}),
    "staff:document_remove": Case("document", "removed", a_document, "staff:document_edit", leads_nowhere=True),
    "staff:site_import_run": Case("wordpress", "asked", a_former_site, has_no_form=True),
    "staff:redirect_new": Case("redirect", "redirect_added", dict, typed={"path": "/vieux/", "target": "/billets/"}),
    "staff:redirect_edit": Case("redirect", "redirect_changed", a_redirect, typed={"path": "/vieux/", "target": "/billets/"}),
    "staff:redirect_remove": Case(
        "redirect", "redirect_removed", a_redirect, "staff:redirect_edit", leads_nowhere=True
    ),
    # Comments and accounts.
    "staff:comment_approve": Case("comment", "publish", held, "staff:moderation"),
    "staff:comment_hide": Case("comment", "hide", held, "staff:moderation", {"reason": "Insulte"}),
    "staff:suspend": Case("account", "suspend", lambda: {"person_id": UserFactory().pk}, typed={"reason": "Insultes"}),
    "staff:suspension_lift": Case(
        "account", "lift",
        lambda: {"person_id": UserFactory(suspended_until=timezone.now() + timedelta(days=3)).pk}, has_no_form=True,
    ),
    "staff:person_role": Case(
        "account", "forums_given", lambda: {"person_id": UserFactory().pk}, typed={"roles": ["forums"]}
    ),
    "staff:comment_restore": Case("comment", "restore", hidden, "staff:moderation?etat=masques"),
    "staff:people_invite": Case(
        "invitation", "invite", dict, typed={"email": "zoe@exemple.example", "roles": ["forums"], "language": "fr"}
    ),
    "staff:invitation_resend": Case("invitation", "resend", invited, "staff:people"),
    "staff:invitation_revoke": Case("invitation", "revoke", invited, "staff:people", leads_nowhere=True),
    "staff:address_resume": Case("mail_address", "resume", refused_address, "staff:people"),
    "staff:person_sessions": Case("account", "sessions_ended", person_signed_in),
    "staff:person_close": Case("account", "close", lambda: {"person_id": UserFactory().pk}, typed={"active": "0"}),
    "staff:person_erase": Case("account", "erase", lambda: {"person_id": UserFactory().pk}, typed={"sure": "on"}),
    # The territory.
    "staff:territory_preview": Case("territory", "imported", a_list),
    "staff:territory_choose": Case("territory", "chosen", dict, has_no_form=True, typed={"mrc": ["67"]}),
    # The directory.
    "staff:listing_new": Case("listing", "created", dict, typed=lambda _given: {"name": "La Ruche", "municipality": "67050", "legal_form": "npo", "mission": "Nourrir.", "sectors": a_sector()}),
    "staff:listing_edit": Case("listing", "edited", a_listing, typed=lambda _given: {"mission": "Nourrir.", "sectors": a_sector()}),
    "staff:listing_state": Case("listing", "archived", a_listing, "staff:listing_edit", {"state": "archived"}),
    "staff:listing_give": Case(
        "listing", "give", a_listing, "staff:listing_edit", lambda _given: {"email": UserFactory().email}
    ),
    "staff:listing_take_back": Case("listing", "take_back", a_manager, "staff:listing_edit"),
    "staff:listing_history": Case(
        "listing", "restore", an_edited_listing, has_no_form=True,
        typed=lambda given: {"version": ListingFactory._meta.model.objects.get(pk=given["key"]).versions.first().pk},
    ),
    "staff:proposal_review": Case("listing", "report_accepted", a_proposal, typed={"decision": "accept_all"}),
    "staff:attestation_decide": Case(
        "listing", "attestation_accepted", an_attestation, "staff:directory_queue", {"decision": "accept"}
    ),
    "staff:claim_decide": Case(
        "listing", "claim_accepted", a_claim, "staff:directory_queue", {"decision": "accept"}
    ),
    "staff:call_done": Case("listing", "verified", a_call, "staff:directory_queue"),
    "staff:pair_review": Case("listing", "apart", a_pair, typed={"decision": "apart"}),
    "staff:import_run": Case("import", "run", lambda: {"key": ImportFactory().pk}, has_no_form=True),
    "staff:import_undo": Case("import", "undone", lambda: {"key": ImportFactory(state="done").pk}),
    "staff:import_publish": Case("import", "published", an_import_with_drafts, "staff:import_show"),
    "staff:import_answers": Case(
        "remembered", "forgotten", dict, typed=lambda _given: {"answer": [a_remembered_answer().pk]}, has_no_form=True
    ),
    "staff:import_cancel": Case("import", "cancelled", lambda: {"key": ImportFactory().pk}, has_no_form=True),
    "staff:mention_review": Case(
        "mention", "mention_accepted", lambda: {"key": MentionFactory().pk}, typed={"decision": "accept"}
    ),
    "staff:bulk_apply": Case("bulk_change", "applied", a_change, "staff:bulk_change"),
    "staff:bulk_undo": Case("bulk_change", "undone", lambda: a_change(is_done=True), "staff:bulk_change"),
    "staff:classify": Case(
        "listing", "classified", dict, typed=lambda _given: a_listing_to_classify(), has_no_form=True
    ),
    "staff:synonym_new": Case("synonyms", "add", dict, typed={"terms": "bac, traversier"}),
    "staff:synonym_edit": Case(
        "synonyms", "save", lambda: {"key": SynonymGroup.objects.create(terms=["bac", "traversier"]).pk},
        typed={"terms": "bac, traversier, ferry"},
    ),
    "staff:former_name_new": Case("former_name", "add", dict, typed={"name": "Bellerive", "town": "70052"}),
    "staff:former_name_edit": Case(
        "former_name", "save", lambda: {"key": FormerMunicipality.objects.get(key="melocheville").pk},
        typed={"town": "67045 Mercier"},
    ),
    "staff:member_new": Case(
        "team_member", "add", dict, typed={"name": "Rose Cyr", "role": "Direction", "position": "1"}
    ),
    "staff:member_edit": Case("team_member", "save", a_shown_member, typed={"role": "Conseil"}),
    "staff:synonym_proposed": Case("synonyms", "off", lambda: {"name": "cpe"}, typed={"action": "off"}),
    # Forums.
    "staff:forum_new": Case("forum", "written", dict, has_no_form=True, typed=lambda _given: typed.event_form(
        starts_at=tomorrow(), ends_at=tomorrow(3))),
    "staff:forum_edit": Case("forum", "changed", a_forum, typed={"title": "Un autre titre"}),
    "staff:forum_announce": Case(
        "forum", "announced", lambda: a_forum(announced_at=None), "staff:forum_edit", {"at": ""}
    ),
    "staff:forum_take_back": Case("forum", "withdrawn", a_forum, "staff:forum_edit"),
    "staff:forum_cancel": Case("forum", "cancelled", a_forum, "staff:forum_edit"),
    "staff:forum_restore": Case(
        "forum", "restored", lambda: a_forum(cancelled_at=timezone.now()), "staff:forum_edit"
    ),
    "staff:session_cancel": Case("forum", "session_cancelled", a_session, "staff:forum_edit"),
    "staff:session_restore": Case(
        "forum", "session_restored", lambda: a_session(cancelled_at=timezone.now()), "staff:forum_edit"
    ),
    "staff:forum_postpone": Case(
        "forum", "postponed", a_forum, typed=lambda _given: {"starts_at": tomorrow(), "ends_at": tomorrow(3)}
    ),
    "staff:forum_duplicate": Case("forum", "copied", a_forum, has_no_form=True),
    "staff:questions_of_forum": Case(
        "forum", "questions", a_forum, typed={"questions-0-label": "Mangez-vous de la viande?"}
    ),
    "staff:mail_of_forum": Case("forum", "mail", lambda: a_forum() | {"kind": "reminder"}),
    "staff:take_attendance": Case(
        "forum", "attendance", lambda: of_forum(a_person(checked_in_at=timezone.now())), "staff:people_of_forum"
    ),
    "staff:attendance": Case(
        "forum", "attendance_table",
        lambda: of_forum(a_person(forum=ForumFactory(
            kind="training", has_participation=False, starts_at=timezone.now() - timedelta(hours=1)
        ))),
        typed=lambda given: {"came": [f"{Registration.objects.get(forum__slug=given['slug']).pk}-0"]},
    ),
    "staff:person_new": Case(
        "registration", "added", a_forum,
        typed={"name": "Ève", "email": "eve@exemple.example", "kind": "citizen", "language": "fr"},
    ),
    "staff:person_of_forum": Case("registration", "changed", a_person, typed={"name": "Ève Roy"}),
    "staff:person_place": Case(
        "registration", "place", lambda: a_person(state="waitlisted", confirmed_at=None, waitlisted_at=timezone.now()), "staff:person_of_forum"
    ),
    "staff:person_cancel": Case("registration", "cancelled", a_person, "staff:person_of_forum"),
    "staff:day_team": Case("day_team", "invited", a_forum, typed={"name": "Alex"}),
    "staff:day_team_code": Case("day_team", "renewed", a_member, has_no_form=True),
    "staff:day_team_revoke": Case("day_team", "revoked", a_member, has_no_form=True),
    "staff:activity_accept": Case("forum", "proposal_accepted", an_activity, "staff:activity_review"),
    "staff:activity_refuse": Case(
        "forum", "proposal_refused", an_activity, "staff:activity_review", {"reason": "Hors du territoire"}
    ),
    "staff:activity_answer": Case(
        "forum", "proposal_answered", an_asked_activity, "staff:activity_review", {"answer": "C’est fait."}
    ),
    "staff:recommendation_accept": Case("recommendation", "accepted", a_recommendation, "staff:recommendation"),
    "staff:recommendation_refuse": Case(
        "recommendation", "refused", a_recommendation, "staff:recommendation", {"reason": "Hors sujet"}
    ),
    "staff:recommendation_hide": Case(
        "recommendation", "hidden", lambda: a_recommendation("accepted"), "staff:recommendation", {"hidden": "1"}
    ),
    "staff:recommendation_merge": Case(
        "recommendation", "merged", a_forum, has_no_form=True, typed=two_of_one_forum
    ),
    "staff:recommendation_separate": Case("recommendation", "unmerged", merged, typed={"confirmed": "1"}),
    # Seasons.
    "staff:season_new": Case(
        "season", "written", dict, typed={"title": "Mois", "first_day": "2026-11-01", "last_day": "2026-11-30"}
    ),
    "staff:season_edit": Case("season", "changed", a_season, typed={"title": "Un autre titre"}),
    "staff:season_copy": Case("season", "copied", a_season, "staff:season_edit"),
    "staff:season_delete": Case("season", "deleted", a_season, "staff:season_edit", leads_nowhere=True),
    # Votes.
    "staff:round_new": Case("round", "planned", a_forum, has_no_form=True, typed=lambda _given: round_form()),
    "staff:round_edit": Case("round", "changed", a_round),
    "staff:round_delete": Case("round", "deleted", a_round, "staff:round", leads_nowhere=True),
    "staff:round_copy": Case("round", "planned", lambda: a_round("open"), "staff:round"),
    "staff:round_draw": Case("round", "drawn", a_round, "staff:round"),
    "staff:round_undraw": Case("round", "undrawn", lambda: a_round("drawn"), "staff:round"),
    "staff:round_open": Case("round", "opened", a_round),
    "staff:round_prolong": Case(
        "round", "prolonged", lambda: a_round("open"), "staff:round", lambda _given: {"until": tomorrow()}
    ),
    "staff:round_close": Case("round", "closed", lambda: a_round("open"), "staff:round"),
    "staff:round_annul": Case(
        "round", "annulled", lambda: a_round("open"), typed={"reason": "Une question fautive", "word": "annuler"}
    ),
    "staff:round_tellers": Case(
        "round", "tellers", lambda: a_round("closed", tellers_add=True), "staff:round", {"part": "4 2 6"}
    ),
    "staff:round_tellers_drop": Case(
        "round", "dropped", lambda: a_round("closed", tellers_add=True), "staff:round", {"reason": "Absents"}
    ),
    "staff:round_seal": Case("round", "sealed", lambda: a_round("closed"), "staff:round"),
    "staff:round_publish": Case("text", "published", a_sealed_round, "staff:round"),
    "staff:roll_add": Case("round", "added", with_someone_to_add, "staff:roll?ajout=Zoé"),
    "staff:roll_void": Case("round", "voided", an_entry, typed={"reason": "Inscrite deux fois"}),
    "staff:roll_paper": Case("round", "noted", late_paper, typed={"reason": "Remise oubliée"}),
    "staff:papers_lost": Case(
        "round", "papers_lost", lambda: a_round("closed", papers=1), "staff:reconciliation",
        {"count": 1, "reason": "Jeté par mégarde"},
    ),
    # What follows.
    "staff:results_edit": Case("text", "published", results, typed=lambda _given: typed.rows("priorites", [{"title": "Une priorité", "ORDER": 1, "key": "", "track": ""}]) | {"action": "publish_anyway"}),
    "staff:followup_save": Case("priority", "state_done", a_priority, "staff:followup", lambda given: {
        f"p{given['priority_id']}-state": "done"}),
    "staff:followup_update": Case("priority", "news_changed", news, typed={"text": "Un autre pas"}),
    "staff:followup_delete": Case("priority", "news_removed", news, "staff:followup"),
    "staff:dossier": Case(
        "dossier", "sent", lambda: of_forum(a_dossier()),
        typed={"organisation": "Ville", "email": "v@exemple.example", "language": "fr"},
    ),
    "staff:dossier_again": Case("dossier", "resent", a_dossier, "staff:dossier"),
    "staff:dossier_renew": Case("dossier", "renewed", a_dossier, "staff:dossier"),
    "staff:dossier_revoke": Case("dossier", "revoked", a_dossier, "staff:dossier"),
    "staff:answer_confirm": Case("answer", "confirmed", an_answer, "staff:followup"),
    "staff:answer_reopen": Case(
        "answer", "reopened", lambda: an_answer(is_confirmed=True), "staff:followup"
    ),
}  # fmt: skip

# The page of an import is about what has just been run; of listings to classify, the next one says how many are done.
SAID_BY_THE_PAGE = {"staff:import_run", "staff:classify"}
TAKES_POST = {name for name, (_get, post) in ROWS.items() if name.startswith("staff:") and post[-1] != 405}


def test_every_address_of_the_team_is_noted_or_says_why_not():
    assert JOURNALLED.keys() | NOT_NOTED.keys() == TAKES_POST
    assert not JOURNALLED.keys() & NOT_NOTED.keys()


@pytest.mark.parametrize("name", JOURNALLED)
def test_what_was_decided_is_noted_with_who_and_a_link_that_answers(name, superuser, superuser_client):
    case = JOURNALLED[name]
    given = case.given()
    address = reverse(name, kwargs=given)
    sent: dict[str, Any] = {}
    if not case.has_no_form:
        shown, _mark, query = (case.page or name).partition("?")
        page = _address_of(shown, given) + (f"?{query}" if query else "")
        sent = form_of(superuser_client.get(page).content.decode(), action=address, own=page == address)
    sent |= case.typed(given) if callable(case.typed) else case.typed
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    answer = superuser_client.post(address, sent)
    if answer.status_code == 302 and name not in SAID_BY_THE_PAGE:
        assert list(get_messages(answer.wsgi_request)), "it is done in silence"
    noted = AuditEntry.objects.exclude(pk__in=before).order_by("pk")
    assert (case.kind, case.action, superuser.pk) in set(noted.values_list("kind", "action", "by")), (
        answer.status_code, re.findall(r'class="[^"]*(?:error|message)[^"]*"[^>]*>(.{0,200})', answer.content.decode()),
    )  # fmt: skip
    entry = noted.get(kind=case.kind, action=case.action)
    (line,) = journal.describe_all([entry])
    assert line.description != f"{case.action} {case.kind}", "it has no words"
    if case.leads_nowhere:
        assert not line.url
        return
    assert line.title
    assert superuser_client.get(line.url).status_code == 200
    assert f'<a href="{line.url}">' in superuser_client.get(reverse("staff:journal")).content.decode()


def _address_of(name: str, given: dict[str, Any]) -> str:
    """The page `name`, with those of the arguments that it takes."""
    takes = dict(every_name())[name]
    return reverse(name, kwargs={key: value for key, value in given.items() if key in takes})


def test_journal_says_nothing_of_a_ballot_nor_of_who_took_a_paper():
    """Neither when someone votes, changes their mind or withdraws, nor when a paper is given to them."""
    given = a_round("open", papers=2)
    round = round_of(given)
    RegistrationFactory(forum=round.forum)
    entry = round.roll.get()
    before = AuditEntry.objects.count()
    casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1]}, idempotency_key="a", receipt="")
    paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    assert AuditEntry.objects.count() == before


def test_what_staff_change_of_a_roll_names_nobody(staff):
    given = with_someone_to_add()
    round = round_of(given)
    late = round.forum.registrations.get(name="Zoé Tard")
    roll.add_by_hand(round=round, registration=late, by=staff)
    roll.void_entry(round_id=round.pk, entry_id=round.roll.first().pk, reason="Erreur", by=staff)
    noted = AuditEntry.objects.filter(action__in=["added", "voided"])
    assert set(noted.values_list("kind", "key", "person")) == {("round", round.pk, None)}
    assert noted.count() == 2
