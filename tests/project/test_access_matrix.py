"""Every address × every role × GET and POST, the stock admin’s too. A new address without a row fails."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.mailing import team_digest
from accounts.models import Role
from accounts.sign_in.sessions import Session
from blog.models import MissedAddress, OldAddress
from comments import following
from desk import shared_preview
from desk.models import Document, Picture
from enterprises.models import BulkChange, DuplicatePair
from forums.dossier.sending import link_token, send_dossier
from forums.mail import registration_links
from forums.registration import day_team
from forums.tasks import write_to_forum
from forums.vote import rounds
from forums.vote.paper_entry import Answer, type_paper
from forums.vote.paper_issue import print_papers
from forums.vote.slips import create_slips
from pole.caching.in_process import clear_caches
from pole.hub.cards import card_address
from pole.models import FormerMunicipality, Hub, SynonymGroup, TeamMember
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
    SiteImportFactory,
    UserFactory,
)
from tests.forums.sealed import publish_results, seal

ROLES = (
    "visitor", "citizen", "staff without second factor", "superuser without second factor",
    "editorial", "directory", "forums", "direction", "superuser",
)  # fmt: skip

# What a redirect leads to, when it depends on the role.
SIGN_IN, SECOND_FACTOR, ADMIN_SIGN_IN = "sign in", "second factor", "admin’s door"


def answers(*roles: object):
    return lambda get, post: tuple(
        tuple(answer if role is ALLOWED else role for role in roles) for answer in (get, post)
    )


# What GET and POST answer, role by role in the order of ROLES: those who are allowed get the answers given.
ALLOWED = object()
everyone = answers(*[ALLOWED] * 9)
members = answers(SIGN_IN, *[ALLOWED] * 8)
listing_managers = answers(SIGN_IN, 404, 404, 404, 404, ALLOWED, 404, ALLOWED, ALLOWED)
outsiders = (SIGN_IN, 403, SECOND_FACTOR, SECOND_FACTOR)
team = answers(*outsiders, *[ALLOWED] * 5)
editorial = answers(*outsiders, ALLOWED, 403, 403, ALLOWED, ALLOWED)
directory = answers(*outsiders, 403, ALLOWED, 403, ALLOWED, ALLOWED)
forums = answers(*outsiders, 403, 403, ALLOWED, ALLOWED, ALLOWED)
# The library of pictures and documents, which posts and results share.
writers = answers(*outsiders, ALLOWED, 403, ALLOWED, ALLOWED, ALLOWED)


def of_a_post(get, post):
    return tuple(
        (*outsiders, answer, 403, answer if answer == 405 else 403, answer, answer) for answer in (get, post)
    )


direction = answers(*outsiders, 403, 403, 403, ALLOWED, ALLOWED)
superusers = answers(*outsiders, *[403] * 4, ALLOWED)
admins = answers(*[ADMIN_SIGN_IN] * 8, ALLOWED)


def signed_card():
    address = card_address(Hub(name="Pôle"), title="Un titre", kicker="", language="fr")
    return resolve(address).kwargs["signed"]


VISITORS_ONLY = ((200, *[302] * 8),) * 2

ROWS = {
    **dict.fromkeys([
        "healthz", "readyz", "robots", "sitemap", "security", "speculation_rules", "charter", "media", "icon", "card", "manifest", "api:root",
        "api:listings", "api:listing", "api:sectors", "api:supplies", "api:municipalities", "api:openapi",
        "home", "retention", "editor_words", "search", "blog:list", "blog:feed", "blog:post", "enterprises:list",
        "enterprises:map", "enterprises:portrait", "enterprises:buyer", "enterprises:selection",
        "enterprises:export", "enterprises:listing", "forums:agenda", "forums:season", "forums:list", "forums:forum", "forums:round_screen",
        "forums:round_screen_state", "forums:round_calendar", "forums:round_receipt_worker", "forums:round_results", "forums:round_results_pdf",
        "forums:round_results_csv", "forums:round_results_json", "forums:round_results_box",
        "forums:round_results_recount", "forums:calendar", "forums:register_sent",
        "forums:registration_code", "forums:registration_calendar", "forums:registration_attestation", "forums:recommendations", "forums:recommendation", "forums:results",
        "forums:feed", "forums:feed_of_kind", "forums:feed_of_mrc", "forums:subscribe",
        "forums:results_pdf", "forums:results_csv", "forums:results_json", "forums:results_box",
        "forums:results_recount", "forums:followup", "forums:priorities", "forums:dossier",
        "forums:dossier_file", "account_password_reset_completed", "account_inactive", "shared_preview",
        "page",
    ], everyone(200, 405)),
    # Steps of a sign-in that nobody has begun.
    **dict.fromkeys([
        "mfa_login_webauthn", "mfa_authenticate", "account_confirm_login_code",
        "account_email_verification_sent", "account_confirm_password_reset_code",
        "account_complete_password_reset",
    ], everyone(302, 302)),
    # Under the API, nothing of it.
    "nothing_to_read": everyone(404, 404),
    **dict.fromkeys([
        "enterprises:report", "forums:register", "forums:registration", "comments:unsubscribe",
        "account_reset_password",
    ], everyone(200, 200)),
    # A link that is used, expired or forged.
    **dict.fromkeys([
        "team_invitation", "enterprises:verify", "enterprises:correct", "enterprises:invitation",
    ], everyone(410, 410)),
    # Nothing was written.
    "reading": everyone(200, 422),
    # A signed link opens it, whoever follows it.
    **dict.fromkeys([
        "forums:register_confirm", "forums:registration_cancel", "staff:day_team_enter",
    ], everyone(200, 302)),
    # Of a round that is not open: everyone is told so; no ballot is accepted.
    **dict.fromkeys(["forums:round_vote", "forums:round_receipt"], everyone(200, 409)),
    **dict.fromkeys(["forums:round_cast", "forums:round_withdraw"], everyone(405, 409)),
    **dict.fromkeys(["forums:round_receipt_file", "forums:vote_link"], everyone(404, 405)),
    **dict.fromkeys(["forums:forum_vote", "forums:forum_screen"], everyone(302, 405)),
    # Nothing was filled in: 422, and 400 where there is no form to show again.
    **dict.fromkeys(["forums:dossier_acknowledge", "forums:dossier_answer"], everyone(405, 422)),
    **dict.fromkeys(["forums:vote", "forums:verify"], everyone(200, 422)),
    **dict.fromkeys(["forums:vote_leave", "staff:day_team_leave"], everyone(405, 302)),
    "forums:vote_code": everyone(422, 405),
    # Whoever is signed in is led on.
    **dict.fromkeys([
        "account_login", "account_request_login_code", "account_signup",
    ], VISITORS_ONLY),
    "admin:logout": ((*[302] * 8, 405), (302,) * 9),
    "account_logout": ((302, *[200] * 8), (302,) * 9),
    # Led to confirm who they are, or to the way that fits the account; someone else's key leads to one's own.
    **dict.fromkeys([
        "account_set_password", "mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_activate_totp",
        "mfa_add_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "mfa_generate_recovery_codes",
    ], members(302, 302)),
    # Someone else's, or a factor that the account has not.
    **dict.fromkeys([
        "enterprises:managers", "enterprises:attestation", "forums:recommendation_revise", "comments:edit",
        "comments:delete", "mfa_deactivate_totp", "mfa_download_recovery_codes", "forums:activity_propose",
        "forums:activity_proposal",
    ], members(404, 404)),
    # Of a listing that someone else keeps.
    "forums:activities_of_listing": members(404, 405),
    **dict.fromkeys(["forums:activity_withdraw", "forums:activity_ask"], members(405, 404)),
    **dict.fromkeys([
        "account_data_json", "account_data_csv", "account_sessions", "mfa_index", "mfa_list_webauthn", "account_comments",
    ], members(200, 405)),
    **dict.fromkeys(["enterprises:claim", "account_email"], members(200, 302)),
    "account_data": members(200, 422),
    # Someone else's.
    "account_session_close": members(405, 404),
    "account_sessions_close_others": members(405, 302),
    **dict.fromkeys([
        "account_profile", "account_change_password", "account_reauthenticate",
    ], members(200, 200)),
    **dict.fromkeys(["comments:reply", "comments:flag"], members(200, 400)),
    "forums:recommendation_propose": ((200,) * 9, members(200, 200)[1]),
    "comments:post": members(405, 400),
    "comments:follow": members(405, 302),
    "mfa_view_recovery_codes": members(404, 405),
    "account_team_mails": ((SIGN_IN, 404, *[200] * 7),) * 2,
    "account_team_mails_stop": everyone(200, 200),
    # Someone else's listing.
    **dict.fromkeys(["enterprises:edit", "enterprises:identity"], listing_managers(200, 200)),
    "enterprises:preview": (members(405, 405)[0], listing_managers(200, 200)[1]),
    "enterprises:files": listing_managers(200, 302),
    **dict.fromkeys([
        "staff:picture_remove", "staff:document_remove",
    ], writers(405, 302)),
    **dict.fromkeys([
        "staff:comment_approve", "staff:comment_hide", "staff:comment_restore", "staff:suspension_lift",
    ], editorial(405, 302)),
    **dict.fromkeys([
        "staff:import_run", "staff:import_cancel", "staff:import_publish", "staff:call_done", "staff:listing_state",
        "staff:listing_take_back",
    ], directory(405, 302)),
    # Nothing is chosen.
    **dict.fromkeys(["enterprises:mention", "contact_write"], everyone(200, 422)),
    "staff:mention_review": directory(200, 422),
    "staff:bulk_prepare": directory(405, 422),
    "staff:bulk_change": directory(200, 405),
    **dict.fromkeys(["staff:bulk_apply", "staff:bulk_undo"], directory(405, 302)),
    "staff:classify": directory(200, 302),
    "staff:attendance": forums(200, 302),
    # An empty form is shown again.
    **dict.fromkeys(["staff:attestation_decide", "staff:claim_decide"], directory(405, 422)),
    "staff:round_prolong": forums(405, 422),
    "staff:activity_review": forums(200, 405),
    **dict.fromkeys(["staff:activity_accept", "staff:activity_refuse", "staff:activity_answer"], forums(405, 422)),
    # What is missing is said at 422.
    **dict.fromkeys(["staff:forum_new", "staff:forum_edit"], forums(200, 422)),
    # None was chosen.
    "staff:carton_batch_void": forums(405, 404),
    **dict.fromkeys([
        "staff:forum_announce", "staff:forum_take_back", "staff:forum_cancel", "staff:forum_restore",
        "staff:session_cancel", "staff:session_restore",
        "staff:season_copy", "staff:season_delete",
        "staff:forum_duplicate", "staff:take_attendance", "staff:person_place", "staff:person_cancel",
        "staff:day_team_revoke", "staff:door_undo", "staff:carton_void",
        "staff:round_delete", "staff:round_copy", "staff:round_draw", "staff:round_undraw",
        "staff:round_close", "staff:round_seal", "staff:round_publish",
        "staff:round_tellers", "staff:round_tellers_drop",
        "staff:roll_add", "staff:paper_forget", "staff:recommendation_accept", "staff:recommendation_hide",
        "staff:recommendation_choose", "staff:room_choose", "staff:dossier_again", "staff:dossier_renew",
        "staff:dossier_revoke", "staff:answer_confirm", "staff:answer_reopen", "staff:followup_delete",
    ], forums(405, 302)),
    # Nothing is ticked.
    "staff:posts_together": editorial(405, 302),
    **dict.fromkeys([
        "staff:home", "staff:moderation", "staff:journal",
    ], team(200, 405)),
    **dict.fromkeys([
        "staff:post_list", "staff:author_list", "staff:page_list", "staff:people", "staff:post_originals",
    ], editorial(200, 405)),
    **dict.fromkeys([
        "staff:picture_list", "staff:document_list", "staff:writing_token",
    ], writers(200, 405)),
    **dict.fromkeys([
        "staff:listing_list", "staff:import_progress", "staff:import_refused", "staff:directory_queue",
        "staff:synonym_list", "staff:former_name_list",
    ], directory(200, 405)),
    **dict.fromkeys([
        "staff:season_list", "staff:forum_list", "staff:forum_preview", "staff:people_of_forum", "staff:mails_of_forum",
        "staff:door", "staff:door_counts", "staff:sign_in_sheet", "staff:poster", "staff:round_list",
        "staff:attestations_of_forum", "staff:attestation_of_person",
        "staff:paper_typing_now", "staff:carton_list", "staff:round", "staff:roll", "staff:paper_page",
        "staff:paper_disputes", "staff:reconciliation", "staff:round_box", "staff:round_record",
        "staff:recommendation_list", "staff:recommendation_history", "staff:room_list", "staff:followup",
    ], forums(200, 405)),
    **dict.fromkeys([
        "staff:people_csv", "staff:people_xlsx", "staff:partner_list", "staff:state", "staff:retention",
        "staff:incident_list", "staff:incident_copy", "staff:incident_csv", "staff:incident",
    ], direction(200, 405)),
    # What is missing is said at 422.
    **dict.fromkeys([
        "staff:partner_new", "staff:partner_edit", "staff:incident_new", "staff:incident_edit",
    ], direction(200, 422)),
    # Nothing said what to do.
    "staff:partner_change": direction(405, 404),
    **dict.fromkeys([
        "staff:hub", "staff:round_annul", "staff:territory",
    ], direction(200, 200)),
    "staff:member_list": direction(200, 405),
    **dict.fromkeys(["staff:member_new", "staff:member_edit"], direction(200, 422)),
    # Without a list that waits, it leads back to where one is sent.
    "staff:territory_preview": direction(302, 302),
    "staff:territory_choose": direction(405, 302),
    "staff:first_steps": direction(200, 405),
    **dict.fromkeys(["staff:first_step_team", "staff:first_step_mail"], direction(200, 302)),
    "staff:first_step_mail_send": direction(405, 302),
    "staff:first_step_pages": editorial(200, 302),
    **dict.fromkeys([
        "staff:menu", "staff:post_new", "staff:post_edit",
        "staff:page_new", "staff:page_edit", "staff:suspend",
    ], editorial(200, 200)),
    **dict.fromkeys([
        "staff:author_new", "staff:author_edit", "staff:site_import_list", "staff:site_import_show", "staff:redirect_new", "staff:redirect_edit",
    ], editorial(200, 422)),
    **dict.fromkeys([
        "staff:site_import_run", "staff:site_import_undo", "staff:redirect_remove", "staff:missed_forget",
    ], editorial(405, 302)),
    **dict.fromkeys(["staff:site_import_progress", "staff:redirect_list"], editorial(200, 405)),
    **dict.fromkeys([
        "staff:picture_edit", "staff:document_edit",
    ], writers(200, 200)),
    **dict.fromkeys([
        "staff:listing_new", "staff:import_list", "staff:proposal_review", "staff:listing_edit",
        "staff:synonym_new", "staff:synonym_edit", "staff:synonym_proposed",
    ], directory(200, 200)),
    # What is missing is said at 422.
    **dict.fromkeys(["staff:former_name_new", "staff:former_name_edit"], directory(200, 422)),
    **dict.fromkeys([
        "staff:forum_postpone", "staff:person_new",
        "staff:questions_of_forum", "staff:person_of_forum", "staff:mail_of_forum", "staff:day_team",
        "staff:door_walk_in", "staff:round_new", "staff:round_edit", "staff:roll_void", "staff:roll_paper",
        "staff:paper_resolve", "staff:results_edit", "staff:recommendation", "staff:room", "staff:dossier",
    ], forums(200, 200)),
    **dict.fromkeys([
        "staff:post_autosave_new", "staff:post_preview", "staff:page_autosave_new", "staff:page_preview",
    ], editorial(405, 200)),
    **dict.fromkeys([
        "staff:listing_preview", "staff:listing_give",
    ], directory(405, 200)),
    **dict.fromkeys([
        "staff:day_team_code", "staff:results_preview",
    ], forums(405, 200)),
    **dict.fromkeys([
        "staff:import_show", "staff:listing_history", "staff:import_answers",
    ], directory(200, 302)),
    # One that was not written is not undone: it leads back to its page.
    "staff:import_undo": directory(302, 302),
    **dict.fromkeys([
        "staff:door_person", "staff:round_open", "staff:paper_issue",
    ], forums(200, 302)),
    # A decision that has seen nothing: the page, to be read again.
    "staff:pair_review": directory(200, 409),
    "staff:recommendation_separate": forums(200, 409),
    **dict.fromkeys([
        "staff:picture_add", "staff:document_add",
    ], writers(405, 422)),
    **dict.fromkeys([
        "staff:carton_print", "staff:paper_print", "staff:papers_lost", "staff:followup_save",
    ], forums(405, 422)),
    **dict.fromkeys(["staff:followup_update", "staff:season_new", "staff:season_edit"], forums(200, 422)),
    # A save that has seen no version is over someone else's.
    **dict.fromkeys([
        "staff:post_autosave", "staff:page_autosave",
    ], editorial(405, 409)),
    **dict.fromkeys([
        "staff:results_autosave",
    ], forums(405, 409)),
    **dict.fromkeys([
        "staff:carton_give", "staff:paper_typing",
    ], forums(200, 422)),
    # Nothing is ticked: it leads back to where that is chosen.
    "staff:recommendation_merge": forums(302, 302),
    "staff:recommendation_refuse": forums(405, 400),
    # Of a post: those who write results come to theirs by the same address.
    **dict.fromkeys(["staff:draft_history", "staff:draft_compared"], of_a_post(200, 405)),
    **dict.fromkeys(["staff:draft_presence", "staff:draft_share"], of_a_post(405, 200)),
    "staff:draft_restore": of_a_post(200, 302),
    "staff:readings": of_a_post(200, 422),
    **dict.fromkeys(["staff:reading_end", "staff:remark"], of_a_post(405, 302)),
    "staff:version_name": of_a_post(405, 302),
    "admin:login": superusers(302, 302),
    # Nothing was chosen; of oneself, nothing may be.
    "staff:person_sessions": direction(200, 302),
    **dict.fromkeys(["staff:people_invite", "staff:person_close"], direction(200, 200)),
    "staff:person_role": direction(200, 302),
    "staff:person_erase": direction(200, 422),
    **dict.fromkeys(["staff:invitation_resend", "staff:invitation_revoke", "staff:address_resume"], direction(405, 302)),
    # The stock admin shows, and changes nothing.
    **dict.fromkeys([
        "admin:index", "admin:accounts_user_changelist", "admin:accounts_user_history",
        "admin:account_emailaddress_changelist", "admin:account_emailaddress_history",
        "admin:procrastinate_procrastinatejob_changelist", "admin:procrastinate_procrastinatejob_history",
        "admin:app_list",
    ], admins(200, 200)),
    **dict.fromkeys([
        "admin:view_on_site", "admin:password_change", "/admin/accounts/user/<path:object_id>/",
        "/admin/account/emailaddress/<path:object_id>/",
        "/admin/procrastinate/procrastinatejob/<path:object_id>/",
    ], admins(302, 302)),
    **dict.fromkeys([
        "admin:accounts_user_change", "admin:account_emailaddress_change",
        "admin:procrastinate_procrastinatejob_change",
    ], admins(200, 403)),
    **dict.fromkeys([
        f"admin:{model}_{act}"
        for model in ("accounts_user", "account_emailaddress", "procrastinate_procrastinatejob")
        for act in ("add", "delete")
    ], admins(403, 403)),
    **dict.fromkeys(["admin:password_change_done", "admin:jsi18n"], admins(200, 405)),
    "admin:autocomplete": admins(403, 405),
    "/admin/(?P<url>.*)$": admins(404, 404),
}  # fmt: skip


def every_name(
    resolver: URLResolver | None = None,
    namespace: str = "",
    takes: frozenset[str] = frozenset(),
    route: str = "/",
) -> Iterator[tuple[str, frozenset[str]]]:
    """Each address by its name, or by its route where it has none, and the names of its arguments."""
    for entry in (resolver or get_resolver()).url_patterns:
        taken = takes | set(entry.pattern.converters) | set(entry.pattern.regex.groupindex)
        here = f"{route}{entry.pattern}"
        if not isinstance(entry, URLPattern):
            yield from every_name(entry, entry.namespace or namespace, taken, here)
        elif entry.name is None:
            yield here, taken
        else:
            yield f"{namespace}:{entry.name}" if namespace else entry.name, taken


@pytest.fixture
def arguments(db, settings):
    """For each address, the arguments that name a real row which belongs to someone else."""
    about = {"name": "Pôle", "short_name": "Pôle", "tagline": ".", "email": "bonjour@pole.example"}
    Hub.objects.update_or_create(pk=1, defaults=about)
    post, page, author = PostFactory(), PageFactory(), AuthorFactory()
    listing, forum, comment = ListingFactory(), ForumFactory(), CommentFactory(thread=post.thread)
    results = ResultsFactory()
    priority = results.priorities.create(position=1, title="Une priorité")
    update = priority.updates.create(dated_on="2026-01-01", text="Un pas")
    picture = settings.MEDIA_ROOT / "pictures"
    picture.mkdir(parents=True, exist_ok=True)
    (picture / "a.webp").write_bytes(b"RIFF")
    shown = Picture.objects.create(file="pictures/a.webp", width_px=1, height_px=1)
    document = Document.objects.create(title="Un document", file="documents/a.pdf", size_bytes=1)
    post.draft.versions.create(number=1, content=post.draft.content)
    asked = Asked(post)
    with_results = {"slug": results.forum.slug}
    recommendation = RecommendationFactory(forum=forum)
    merged = RecommendationFactory(forum=forum, state="merged", survivor=recommendation)
    of_recommendation = {"slug": forum.slug, "recommendation_id": recommendation.pk}
    return {
        "shared_preview": {"token": shared_preview.make_preview_token(post.draft)},
        **dict.fromkeys(
            ["staff:draft_restore", "staff:version_name"], {"draft_id": post.draft_id, "number": 1}
        ),
        **dict.fromkeys(
            [
                "staff:draft_history",
                "staff:draft_compared",
                "staff:draft_presence",
                "staff:draft_share",
                "staff:readings",
            ],
            {"draft_id": post.draft_id},
        ),
        "reading": {"token": asked.token},
        "staff:reading_end": {"draft_id": post.draft_id, "reading_id": asked.reading.pk},
        "staff:remark": {"draft_id": post.draft_id, "remark_id": asked.remark().pk},
        **dict.fromkeys(["staff:picture_edit", "staff:picture_remove"], {"picture_id": shown.pk}),
        **dict.fromkeys(["staff:document_edit", "staff:document_remove"], {"document_id": document.pk}),
        "staff:post_autosave": {"post_id": post.pk},
        "staff:page_autosave": {"page_id": page.pk},
        "staff:results_autosave": {"slug": results.forum.slug},
        "media": {"path": "pictures/a.webp"},
        "icon": {"name": "icone", "extension": "svg"},
        "card": {"signed": signed_card()},
        "blog:post": {"slug": post.slug},
        "page": {"slug": page.slug},
        "enterprises:listing": {"slug": listing.slug},
        "api:listing": {"slug": listing.slug},
        "enterprises:selection": {"kind": "xlsx"},
        "enterprises:export": {"kind": "csv"},
        **dict.fromkeys(
            [
                f"enterprises:{name}"
                for name in ("edit", "files", "attestation", "identity", "managers", "claim", "report")
            ],
            {"slug": listing.slug},
        ),
        "enterprises:preview": {"slug": listing.slug},
        **_registration_arguments(forum),
        "forums:forum": {"slug": forum.slug},
        **dict.fromkeys(
            [
                "forums:recommendations",
                "forums:recommendation_propose",
                "staff:recommendation_list",
                "staff:recommendation_merge",
                "staff:room",
                "staff:room_list",
            ],
            {"slug": forum.slug},
        ),
        **dict.fromkeys(
            [
                "forums:recommendation",
                "forums:recommendation_revise",
                "staff:recommendation",
                "staff:recommendation_history",
                "staff:room_choose",
                *(f"staff:recommendation_{act}" for act in ("accept", "refuse", "hide", "choose")),
            ],
            of_recommendation,
        ),
        **of_proposed_activity(listing),
        "staff:recommendation_separate": {"slug": forum.slug, "recommendation_id": merged.pk},
        "forums:calendar": {"slug": forum.slug},
        "forums:feed_of_kind": {"word": "formations"},
        "forums:feed_of_mrc": {"mrc": "roussillon"},
        "forums:vote_code": {"code": "ABC"},
        "forums:vote_link": {"token": "abc"},
        **dict.fromkeys(["forums:forum_vote", "forums:forum_screen"], {"slug": forum.slug}),
        **dict.fromkeys(
            [
                *(f"forums:round_{name}" for name in ("vote", "cast", "withdraw", "receipt", "receipt_file")),
                *("forums:round_screen", "forums:round_screen_state", "forums:round_calendar"),
                "forums:round_receipt_worker",
            ],
            {"slug": forum.slug, "number": RoundFactory(forum=forum).number},
        ),
        "forums:results": with_results,
        **outcomes_and_dossier(),
        **of_rounds(),
        **dict.fromkeys(["comments:post", "comments:follow"], {"thread_id": post.thread_id}),
        "account_team_mails_stop": {"token": team_digest.make_stop_token(comment.author)},
        "comments:unsubscribe": {"token": following.make_unsubscribe_token(comment.author)},
        **dict.fromkeys(["staff:suspend", "staff:suspension_lift"], {"person_id": comment.author_id}),
        **dict.fromkeys(
            ["comments:reply", "comments:edit", "comments:delete", "comments:flag"],
            {"comment_id": comment.pk},
        ),
        **dict.fromkeys(
            ["staff:comment_approve", "staff:comment_hide", "staff:comment_restore"],
            {"comment_id": comment.pk},
        ),
        "account_session_close": {"handle": session_of_someone_else().handle},
        **dict.fromkeys(["mfa_edit_webauthn", "mfa_remove_webauthn"], {"pk": 999}),
        "staff:post_edit": {"post_id": post.pk},
        "staff:page_edit": {"page_id": page.pk},
        "staff:author_edit": {"author_id": author.pk},
        **{name: {"key": listing.pk} for name in ROWS if name.startswith("staff:listing_")},
        **{name: {"slug": forum.slug} for name in ROWS if name.startswith("staff:forum_")},
        **dict.fromkeys(
            ["staff:session_cancel", "staff:session_restore"],
            {"slug": forum.slug, "session_id": SessionFactory(forum=forum).pk},
        ),
        **dict.fromkeys(["staff:results_edit", "staff:results_preview", "staff:followup"], with_results),
        "staff:followup_save": with_results | {"priority_id": priority.pk},
        "staff:followup_delete": with_results | {"update_id": update.pk},
        "staff:followup_update": with_results | {"update_id": update.pk},
        **dict.fromkeys(
            ["team_invitation", "enterprises:verify", "enterprises:correct", "enterprises:invitation"],
            {"token": "x:y:z"},
        ),
        "staff:proposal_review": {"key": listing.proposals.create(kind="report", message="Une erreur").pk},
        "staff:mention_review": {"key": MentionFactory(municipality=listing.municipality).pk},
        "staff:attestation_decide": {
            "key": listing.attestations.create(
                expires_on="2999-01-01", signer_name="A B", signer_title="C"
            ).pk
        },
        "staff:claim_decide": {"key": listing.claims.create(user=UserFactory(), state="waiting").pk},
        "staff:call_done": {"key": listing.checkups.create(to_call=True).pk},
        "staff:pair_review": {
            "key": DuplicatePair.objects.create(first=listing, second=ListingFactory(), likeness=0.9).pk
        },
        **{
            f"staff:import_{name}": {"key": ImportFactory().pk}
            for name in ("show", "progress", "refused", "run", "cancel", "undo", "publish")
        },
        **{
            f"staff:bulk_{name}": {
                "key": BulkChange.objects.create(field="legal_form", value="npo", keys=[listing.pk]).pk
            }
            for name in ("change", "apply", "undo")
        },
        **dict.fromkeys(
            ["staff:person_role", "staff:person_close", "staff:person_erase", "staff:person_sessions"],
            {"person_id": UserFactory().pk},
        ),
        **dict.fromkeys(["staff:invitation_resend", "staff:invitation_revoke"], {"invitation_id": 1}),
        "staff:address_resume": {"address_id": 1},
        **{
            f"staff:site_import_{name}": {"key": SiteImportFactory().pk}
            for name in ("show", "progress", "run", "undo")
        },
        **{
            f"staff:redirect_{name}": {"key": OldAddress.objects.create(path=f"/{name}/", target="/").pk}
            for name in ("edit", "remove")
        },
        "staff:missed_forget": {"key": MissedAddress.objects.create(path="/2014/05/a/").pk},
        **dict.fromkeys(["staff:partner_edit", "staff:partner_change"], {"key": PartnerFactory().pk}),
        **dict.fromkeys(
            ["staff:incident", "staff:incident_edit"], {"key": IncidentEntryFactory().incident_id}
        ),
        "staff:synonym_edit": {"key": SynonymGroup.objects.create(terms=["bac", "traversier"]).pk},
        "staff:synonym_proposed": {"name": "cpe"},
        "staff:member_edit": {"key": TeamMember.objects.create(name="Rose Cyr", role="Direction").pk},
        "forums:season": {"slug": SeasonFactory(slug="mois").slug},
        **dict.fromkeys(
            [f"staff:season_{act}" for act in ("edit", "copy", "delete")], {"key": SeasonFactory().pk}
        ),
        "staff:former_name_edit": {"key": FormerMunicipality.objects.first().pk},
        **_admin_arguments(),
    }


def session_of_someone_else():
    person = UserFactory()
    signed_in(person)
    return Session.objects.get(user=person)


def _admin_arguments():
    """A row of each model that the stock admin shows."""
    person = UserFactory()
    write_to_forum.defer(forum_id=0, kind="", about="")
    rows = (person, person.emailaddress_set.get(), ProcrastinateJob.objects.latest("pk"))
    of_row = ("history", "delete", "change")
    found = {
        f"admin:{row._meta.app_label}_{row._meta.model_name}_{act}": {"object_id": row.pk}
        for row in rows
        for act in of_row
    }
    found |= {
        f"/admin/{row._meta.app_label}/{row._meta.model_name}/<path:object_id>/": {"object_id": row.pk}
        for row in rows
    }
    return found | {
        "admin:app_list": {"app_label": "accounts"},
        "admin:view_on_site": {
            "content_type_id": ContentType.objects.get_for_model(ForumFactory._meta.model).pk,
            "object_id": ForumFactory().pk,
        },
        "/admin/(?P<url>.*)$": {"url": "ailleurs/"},
    }


def of_rounds():
    """Rounds in the states that their pages are for."""
    planned, deleted = prepared("planned"), prepared("planned")
    under_way, other, closed = prepared("open"), prepared("open"), prepared("closed")
    sealed, disputed = seal(), closed.papers.first()
    create_slips(forum=planned.forum, count=1)
    of = {
        planned: ("round_edit", "round_open", "round", "roll", "paper_page", "round_copy", "round_draw",
                  "round_undraw", "paper_print"),
        deleted: ("round_delete",),
        under_way: ("round_annul", "paper_issue", "roll_add"),
        other: ("round_prolong", "round_close"),
        closed: ("paper_typing", "paper_disputes", "reconciliation", "papers_lost"),
        sealed: ("round_seal", "round_publish", "round_box", "round_record", "round_tellers", "round_tellers_drop"),
    }  # fmt: skip
    found = {
        f"staff:{name}": {"slug": round.forum.slug, "number": round.number}
        for round, names in of.items()
        for name in names
    }
    of_paper = found["staff:paper_typing"] | {"paper_id": disputed.pk}
    found["staff:roll_void"] = found["staff:roll_paper"] = found["staff:paper_issue"] | {
        "entry_id": under_way.roll.first().pk
    }
    found |= dict.fromkeys(["staff:paper_resolve", "staff:paper_forget"], of_paper)
    slug = {"slug": planned.forum.slug}
    of_forum = ("round_list", "round_new", "paper_typing_now", "carton_list", "carton_give", "carton_print")
    found |= {f"staff:{name}": slug for name in (*of_forum, "carton_batch_void")}
    return found | {"staff:carton_void": slug | {"slip_number": 1}}


def prepared(state):
    """A round of one question, with one person; closed, one paper that two people read differently."""
    round = RoundFactory()
    QuestionFactory(round=round, position=1)
    RegistrationFactory(forum=round.forum)
    rounds.draw_ballot(round_id=round.pk)
    if state == "planned":
        rounds.undraw_ballot(round_id=round.pk)
        return round
    serials = print_papers(round_id=round.pk, count=1) if state == "closed" else []
    rounds.open_round(round_id=round.pk, by=None)
    if state == "closed":
        rounds.close_round(round_id=round.pk, by=None)
    for place, serial in enumerate(serials * 2, start=1):
        type_paper(
            round_id=round.pk,
            serial=serial,
            answers={1: Answer([place])},
            typist=f"user:{place}",
            typist_name="x",
        )
    return round


def outcomes_and_dossier():
    """The files of a sealed and published vote, and a dossier of it with one answer."""
    round = seal()
    results = publish_results(round.forum)
    slug = {"slug": round.forum.slug}
    sent = send_dossier(
        results_id=results.pk, organisation="Ministère", person="", email="a@exemple.example", language="fr",
        message="", by=UserFactory(is_staff=True),
    )  # fmt: skip
    token, priority = {"token": link_token(sent)}, results.priorities.first()
    answer = sent.answers.create(priority=priority, state="accepted")
    files = ("pdf", "csv", "json", "box", "recount")
    return {
        **{f"forums:results_{file}": slug for file in files},
        **{f"forums:round_results_{file}": slug | {"number": round.number} for file in files},
        "forums:round_results": slug | {"number": round.number},
        "forums:followup": slug,
        **dict.fromkeys(["forums:dossier", "forums:dossier_acknowledge"], token),
        "forums:dossier_file": token | {"name": "1-sommaire.pdf"},
        "forums:dossier_answer": token | {"priority_id": priority.pk},
        "staff:dossier": slug,
        **{f"staff:dossier_{act}": slug | {"dossier_id": sent.pk} for act in ("again", "renew", "revoke")},
        **{f"staff:answer_{act}": slug | {"answer_id": answer.pk} for act in ("confirm", "reopen")},
    }


def of_proposed_activity(listing):
    row = ActivityProposalFactory(listing=listing)
    of_row = {"slug": listing.slug, "proposal_id": row.pk}
    reviews = [f"staff:activity_{act}" for act in ("review", "accept", "refuse", "answer")]
    return {
        **dict.fromkeys(["forums:activities_of_listing", "forums:activity_propose"], {"slug": listing.slug}),
        **dict.fromkeys([f"forums:activity_{act}" for act in ("proposal", "withdraw", "ask")], of_row),
        **dict.fromkeys(reviews, {"slug": row.forum.slug}),
    }


def _attestation_arguments():
    """Of a training that is over, and of whoever came."""
    now = timezone.now()
    training = ForumFactory(
        kind="training", has_participation=False, attestation_share=100, starts_at=now - timedelta(hours=8)
    )
    person = RegistrationFactory(forum=training)
    slug = {"slug": training.slug}
    token = registration_links.token_for(person, registration_links.LinkPurpose.MANAGE)
    return {
        "forums:registration_attestation": slug | {"token": token},
        "staff:attestation_of_person": slug | {"person_id": person.pk},
        **dict.fromkeys(["staff:attestations_of_forum", "staff:attendance"], slug),
    }


def _registration_arguments(forum):
    """The addresses of one registration, with its own links, and of a member of the day team."""
    person = RegistrationFactory(forum=forum, checked_in_at=None)
    pending = RegistrationFactory(forum=forum, state="pending", checked_in_at=None)
    member, _token = day_team.invite(forum=forum, name="Alex", now=timezone.now())
    _other, day_token = day_team.invite(forum=forum, name="Noé", now=timezone.now())
    slug, link = (
        {"slug": forum.slug},
        {"token": registration_links.token_for(person, registration_links.LinkPurpose.MANAGE)},
    )
    confirm = {"token": registration_links.token_for(pending, registration_links.LinkPurpose.CONFIRM)}
    of_forum = [
        "people_of_forum",
        "sign_in_sheet",
        "poster",
        "people_csv",
        "people_xlsx",
        "mails_of_forum",
        "questions_of_forum",
    ]
    of_forum += [
        "person_new",
        "take_attendance",
        "day_team",
        "day_team_leave",
        "door",
        "door_counts",
        "door_walk_in",
    ]
    return {
        **dict.fromkeys(["forums:register", "forums:register_sent"], slug),
        **dict.fromkeys(
            [f"forums:registration{end}" for end in ("", "_cancel", "_code", "_calendar")], slug | link
        ),
        **_attestation_arguments(),
        "forums:register_confirm": slug | confirm,
        **{f"staff:{name}": slug for name in of_forum},
        **{
            f"staff:person_{name}": slug | {"person_id": person.pk}
            for name in ("of_forum", "place", "cancel")
        },
        **{f"staff:door_{name}": slug | {"key": person.key} for name in ("person", "undo")},
        **{f"staff:day_team_{name}": slug | {"member_id": member.pk} for name in ("code", "revoke")},
        "staff:day_team_enter": slug | {"token": day_token},
        "staff:mail_of_forum": slug | {"kind": "reminder"},
    }


def _member(role):
    return signed_in(UserFactory(roles=[role]), second_factor=True)


@pytest.fixture
def clients(db):
    return {
        "visitor": Client,
        "citizen": lambda: signed_in(UserFactory()),
        "staff without second factor": lambda: signed_in(UserFactory(is_staff=True)),
        "superuser without second factor": lambda: signed_in(UserFactory(is_staff=True, is_superuser=True)),
        **{role: partial(_member, role) for role in Role.values},
        "superuser": lambda: signed_in(UserFactory(is_staff=True, is_superuser=True), second_factor=True),
    }


def address_of(name, takes, arguments):
    if not name.startswith("/"):
        return reverse(name, kwargs=arguments[name] if takes else None)
    (value,) = arguments[name].values()
    return re.sub(r"<.+>|\(.+", lambda _argument: str(value), name)


def test_every_address_has_a_row_and_every_row_an_address():
    assert {name for name, _takes in every_name()} == set(ROWS)


def answer_of(client, method, address):
    """The status, or where a redirect leads when it sends away someone who lacks something.

    Undone: no answer depends on the addresses asked before.
    """
    with transaction.atomic():
        response = getattr(client, method)(address)
        transaction.set_rollback(True)
    if response.status_code != 302:
        return response.status_code
    place = urlsplit(response["Location"])
    if place.path == reverse("account_login") and "next=" in place.query:
        return SIGN_IN
    doors = {reverse("mfa_activate_totp"): SECOND_FACTOR, reverse("admin:login"): ADMIN_SIGN_IN}
    return doors.get(place.path, 302)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_answers_each_role_as_its_row_says(arguments, clients, role, method):
    wrong = []
    signed_in_once = clients[role]()
    for name, takes in every_name():
        expected = ROWS[name][method == "post"][ROLES.index(role)]
        client = Client()
        client.cookies = SimpleCookie(signed_in_once.cookies.output(header="", sep=";"))
        found = answer_of(client, method, address_of(name, takes, arguments))
        if found != expected:
            wrong.append(f"{method.upper()} {name}: {found}, not {expected}")
    assert wrong == []


# A mail program answers it without a session or a token against forgery.
# The API answers that it is only read, in JSON.
WITHOUT_TOKEN = {
    "comments:unsubscribe",
    "account_team_mails_stop",
    "nothing_to_read",
    *(name for name in ROWS if name[:4] == "api:"),
}


def test_every_post_needs_a_token(arguments):
    member = UserFactory(is_staff=True, is_superuser=True)
    unguarded = set()
    for name, takes in every_name():
        client = Client(enforce_csrf_checks=True)
        client.cookies = signed_in(member, second_factor=True).cookies
        if client.post(address_of(name, takes, arguments)).status_code != 403:
            unguarded.add(name)
    assert unguarded == WITHOUT_TOKEN


NOT_READ = "utm_source=lettre&fbclid=a%26b&page%5B%5D=2"


def test_reading_page_is_the_same_whatever_else_its_address_asks(arguments):
    """Else one page would be as many, and a link of a letter never the page that is kept."""
    asked, client = 0, Client()
    for name, takes in every_name():
        address = address_of(name, takes, arguments)
        match = resolve(address)
        if not hasattr(match.func, "scopes"):
            continue
        for language in ("", "/en") if not address.startswith("/.well-known") else ("",):
            # What the process caches is read again, and compared with what the page names.
            clear_caches()
            bare, other = (client.get(f"{language}{address}{query}") for query in ("", f"?{NOT_READ}"))
            assert (bare.status_code, bare.get("ETag")) == (other.status_code, other.get("ETag"))
            if bare.status_code == 200 and not bare.streaming:
                asked += 1
                assert bare.content == other.content, name
    assert asked > 50


# A receipt is a page of the vote, under the same title.
DESCRIBED_ALIKE = {frozenset({"forums:round_receipt", "forums:round_vote"})}


def test_every_public_page_has_a_description_of_its_own(arguments, db):
    """In both languages: one sentence of at most 160 characters, or a word to search engines to leave the page."""
    Hub.objects.update_or_create(
        pk=1, defaults={"name": "Pôle", "short_name": "Pôle", "tagline": "Une région."}
    )
    client = Client()
    for language in ("", "/en"):
        said: dict[str, set[str]] = {}
        for name, takes in every_name():
            address = address_of(name, takes, arguments)
            if address.startswith("/.well-known"):
                continue
            response = client.get(f"{language}{address}")
            is_page = response.status_code == 200 and response["Content-Type"].startswith("text/html")
            if (
                not is_page
                or 'name="robots" content="noindex' in response.text
                or "<head>" not in response.text
            ):
                continue
            (description,) = re.findall(r'<meta name="description" content="([^"]*)">', response.text)
            assert 0 < len(html.unescape(description)) <= 160, name
            said.setdefault(description, set()).add(name)
        assert len(said) > 20
        assert {frozenset(names) for names in said.values() if len(names) > 1} == DESCRIBED_ALIKE
