"""Every address × every role × GET and POST. A new address without a row fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from comments import following
from desk import sharing
from desk.models import Document, Picture
from enterprises.models import DuplicatePair
from forums import dayteam, links, rounds
from forums.cartons import print_cartons
from forums.paper import print_papers
from forums.paper_typing import Answer, type_paper
from forums.transmission import send_dossier, token_of
from tests.conftest import signed_in
from tests.factories import (
    AuthorFactory,
    CommentFactory,
    ForumFactory,
    ImportFactory,
    ListingFactory,
    PageFactory,
    PostFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
    UserFactory,
)
from tests.forums.sealed import publish_results, seal

ROLES = ("visitor", "citizen", "staff without second factor", "staff", "superuser")
ANSWERED = {200, 302, 400, 422}

# What GET and POST answer to each role, in the order of ROLES.
KINDS = {
    "reading": ((200,) * 5, (405,) * 5),
    "entrance": ((ANSWERED,) * 5, ({*ANSWERED, 403, 405, 429},) * 5),
    # Of a round that is not open: what it is, said to everyone; nothing is taken.
    "vote": ((200,) * 5, (409,) * 5),
    "vote action": ((405,) * 5, (409,) * 5),
    "vote door": ((200,) * 5, (422,) * 5),
    "vote way out": ((405,) * 5, (302,) * 5),
    "short address": ((302,) * 5, (405,) * 5),
    "wrong code": ((422,) * 5, (405,) * 5),
    "wrong link": ((404,) * 5, (405,) * 5),
    "open form": ((200,) * 5, (ANSWERED,) * 5),
    "signed link": (({200, 302},) * 5, (ANSWERED,) * 5),
    # A signed link opens it, whoever follows it.
    "link action": ((405,) * 5, (ANSWERED,) * 5),
    "own account": ((302, *(ANSWERED,) * 4), ({302, 405}, *({*ANSWERED, 403, 405, 429},) * 4)),
    # 404 where the account has no such factor.
    "own factors": ((302, *({*ANSWERED, 404},) * 4), ({302, 405}, *({*ANSWERED, 403, 404, 405},) * 4)),
    "someone else's key": ((302, *({302, 404},) * 4), (302, *({302, 404},) * 4)),
    "signed-in page": ((302, 200, 200, 200, 200), (302, *(ANSWERED,) * 4)),
    "signed-in reading": ((302, 200, 200, 200, 200), (302, 405, 405, 405, 405)),
    "signed-in action": ((302, 405, 405, 405, 405), (302, *(ANSWERED,) * 4)),
    "own comment": ((302, 404, 404, 404, 404), (302, 404, 404, 404, 404)),
    "own listing": ((302, 404, {302, 404}, 200, 200), (302, 404, {302, 404}, ANSWERED, ANSWERED)),
    "public form": ((200,) * 5, ({200, 429},) * 5),
    # 410 for a link that is used, expired or forged.
    "mailed link": ((410,) * 5, (410,) * 5),
    "owner's page": ((302, 404, 404, 404, 404), (302, 404, 404, 404, 404)),
    "own listing action": (
        (302, {404, 405}, {302, 404, 405}, 405, 405),
        (302, 404, {302, 404}, ANSWERED, ANSWERED),
    ),
    # A mail program answers it without a session or a token against forgery.
    "one click": ((200,) * 5, (200,) * 5),
    "staff page": ((302, 403, 302, 200, 200), (302, 403, 302, ANSWERED, ANSWERED)),
    "staff reading": ((302, 403, 302, 200, 200), (302, 403, 302, 405, 405)),
    "staff action": ((302, 403, 302, 405, 405), (302, 403, 302, ANSWERED, ANSWERED)),
    # Without what it is about (nothing ticked), it leads back to where that is chosen.
    "staff step": ((302, 403, 302, ANSWERED, ANSWERED), (302, 403, 302, ANSWERED, ANSWERED)),
    # 409: a save that has seen no version is over someone else's.
    "staff autosave": ((302, 403, 302, 405, 405), (302, 403, 302, 409, 409)),
    "superuser action": ((302, 403, 302, {403, 405}, {200, 405}), (302, 403, 302, 403, ANSWERED)),
}

ROWS = {
    **dict.fromkeys(
        ["home", "search", "blog:list", "blog:feed", "blog:post", "page", "enterprises:list", "enterprises:listing",
         "forums:list", "forums:forum", "forums:calendar", "forums:results", "forums:priorities", "healthz", "readyz",
         "robots", "shared_preview", "sitemap", "security", "charter", "media", "editor_words"], "reading"),
    **dict.fromkeys(["forums:round_screen", "forums:round_screen_state"], "reading"),
    **dict.fromkeys(["forums:round_vote", "forums:round_receipt"], "vote"),
    **dict.fromkeys(["forums:round_cast", "forums:round_withdraw"], "vote action"),
    **dict.fromkeys(["forums:vote", "forums:verify"], "vote door"),
    "forums:vote_leave": "vote way out",
    **dict.fromkeys(["forums:forum_vote", "forums:forum_screen"], "short address"),
    "forums:vote_code": "wrong code",
    **dict.fromkeys(["forums:vote_link", "forums:round_receipt_file"], "wrong link"),
    "forums:register": "open form",
    **dict.fromkeys(["forums:register_sent", "forums:registration_code"], "reading"),
    **dict.fromkeys(
        ["forums:register_confirm", "forums:registration", "forums:registration_cancel", "staff:day_team_enter"],
        "signed link"),
    "staff:day_team_leave": "vote way out",
    **dict.fromkeys(
        ["staff:person_new", "staff:person_of_forum", "staff:questions_of_forum", "staff:mail_of_forum", "staff:day_team",
         "staff:door_walk_in", "staff:door_person", "staff:forum_postpone"], "staff page"),
    **dict.fromkeys(
        ["staff:people_of_forum", "staff:sign_in_sheet", "staff:poster", "staff:people_csv", "staff:people_xlsx", "staff:mails_of_forum", "staff:door",
         "staff:door_counts", "staff:forum_preview"], "staff reading"),
    **dict.fromkeys(
        ["staff:person_place", "staff:person_cancel", "staff:take_attendance", "staff:day_team_code",
         "staff:day_team_revoke", "staff:door_undo", "staff:forum_duplicate"], "staff action"),
    **dict.fromkeys(
        ["account_login", "account_signup", "account_request_login_code", "account_confirm_login_code", "account_logout",
         "account_inactive", "account_email_verification_sent", "account_reset_password",
         "account_confirm_password_reset_code", "account_complete_password_reset", "account_password_reset_completed",
         "mfa_login_webauthn", "mfa_authenticate"], "entrance"),
    **dict.fromkeys(
        ["account_profile", "account_email", "account_change_password", "account_set_password", "account_reauthenticate",
         "mfa_index", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"], "own account"),
    **dict.fromkeys(
        ["mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_deactivate_totp", "mfa_view_recovery_codes",
         "mfa_generate_recovery_codes", "mfa_download_recovery_codes"], "own factors"),
    **dict.fromkeys(["mfa_edit_webauthn", "mfa_remove_webauthn"], "someone else's key"),
    "account_data": "signed-in page",
    **dict.fromkeys(["account_data_json", "account_data_csv"], "signed-in reading"),
    "comments:post": "signed-in action",
    "comments:reply": "signed-in page",
    "comments:flag": "signed-in page",
    "comments:follow": "signed-in action",
    "comments:unsubscribe": "one click",
    "comments:edit": "own comment",
    "comments:delete": "own comment",
    **dict.fromkeys(
        ["enterprises:map", "enterprises:portrait", "enterprises:buyer", "enterprises:selection", "enterprises:export",
         "api:root", "api:listings", "api:listing", "api:sectors", "api:supplies", "api:municipalities", "api:openapi"],
        "reading"),
    **dict.fromkeys(["enterprises:edit", "enterprises:files", "enterprises:identity"], "own listing"),
    "enterprises:managers": "owner's page",
    "enterprises:claim": "signed-in page",
    "enterprises:report": "public form",
    **dict.fromkeys(["enterprises:verify", "enterprises:correct", "enterprises:invitation"], "mailed link"),
    "enterprises:attestation": "owner's page",
    "enterprises:preview": "own listing action",
    **dict.fromkeys(
        ["staff:hub", "staff:menu", "staff:post_new", "staff:post_edit", "staff:page_new", "staff:page_edit",
         "staff:author_new", "staff:author_edit", "staff:listing_new", "staff:listing_edit", "staff:forum_new",
         "staff:forum_edit", "staff:results_edit", "staff:picture_edit", "staff:document_edit", "staff:suspend"], "staff page"),
    **dict.fromkeys(
        ["staff:home", "staff:post_list", "staff:page_list", "staff:author_list", "staff:moderation", "staff:listing_list",
         "staff:forum_list", "staff:followup", "staff:people", "staff:draft_history", "staff:draft_compared",
         "staff:picture_list", "staff:document_list", "staff:journal"], "staff reading"),
    **dict.fromkeys(
        ["staff:post_preview", "staff:page_preview", "staff:comment_approve", "staff:comment_hide", "staff:listing_preview",
         "staff:listing_state", "staff:listing_give", "staff:listing_take_back", "staff:forum_announce",
         "staff:forum_take_back", "staff:forum_cancel", "staff:forum_restore", "staff:results_preview",
         "staff:followup_save", "staff:followup_delete", "staff:draft_restore", "staff:draft_presence",
         "staff:draft_share", "staff:post_autosave_new",
         "staff:page_autosave_new", "staff:picture_add", "staff:picture_remove",
         "staff:document_add", "staff:document_remove", "staff:suspension_lift"], "staff action"),
    **dict.fromkeys(
        ["staff:import_list", "staff:import_show", "staff:proposal_review", "staff:pair_review",
         "staff:listing_history"], "staff page"),
    **dict.fromkeys(["staff:import_progress", "staff:import_refused", "staff:directory_queue"], "staff reading"),
    **dict.fromkeys(["staff:attestation_decide", "staff:claim_decide", "staff:call_done"], "staff action"),
    **dict.fromkeys(["staff:import_run", "staff:import_cancel"], "staff action"),
    **dict.fromkeys(["staff:post_autosave", "staff:page_autosave", "staff:results_autosave"], "staff autosave"),
    "staff:person_role": "superuser action",
    **dict.fromkeys(
        [f"forums:{of}{what}" for of in ("", "round_") for what in
         ("results_pdf", "results_csv", "results_json", "results_box", "results_recount")], "reading"),
    **dict.fromkeys(["forums:round_results", "forums:followup", "forums:dossier", "forums:dossier_file"], "reading"),
    **dict.fromkeys(["forums:dossier_acknowledge", "forums:dossier_answer"], "link action"),
    "staff:dossier": "staff page",
    **dict.fromkeys([f"staff:{name}" for name in (
        "dossier_again", "dossier_renew", "dossier_revoke", "answer_confirm", "answer_reopen")], "staff action"),
    "forums:recommendations": "reading",
    "forums:recommendation": "reading",
    "forums:recommendation_propose": "entrance",
    "forums:recommendation_revise": "own comment",
    "staff:recommendation": "staff page",
    "staff:recommendation_separate": "staff page",
    "staff:recommendation_merge": "staff step",
    **dict.fromkeys(["staff:recommendation_list", "staff:recommendation_history"], "staff reading"),
    **dict.fromkeys([f"staff:recommendation_{act}" for act in ("accept", "refuse", "hide", "choose")], "staff action"),
    **dict.fromkeys([f"staff:{name}" for name in (
        "round_new", "round_edit", "round_open", "round_annul", "roll_void", "roll_paper", "carton_give", "paper_issue",
        "paper_typing", "paper_resolve")], "staff page"),
    **dict.fromkeys([f"staff:{name}" for name in (
        "round_list", "round", "roll", "carton_list", "paper_page", "paper_disputes", "paper_typing_now",
        "reconciliation", "round_box", "round_record")], "staff reading"),
    **dict.fromkeys([f"staff:{name}" for name in (
        "round_delete", "round_copy", "round_draw", "round_undraw", "round_prolong", "round_close", "round_seal",
        "round_publish", "roll_add", "carton_print", "carton_batch_void", "carton_void", "paper_print",
        "paper_forget", "papers_lost")], "staff action"),
    "staff:room": "staff page",
    "staff:room_list": "staff reading",
    "staff:room_choose": "staff action",
}  # fmt: skip


def every_name(
    resolver: URLResolver | None = None, namespace: str = "", takes: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str]]]:
    """Each address by its name, and the names of its arguments."""
    for entry in (resolver or get_resolver()).url_patterns:
        taken = takes | set(entry.pattern.converters)
        if isinstance(entry, URLPattern):
            yield f"{namespace}:{entry.name}" if namespace else str(entry.name), taken
        elif entry.namespace != "admin":
            yield from every_name(entry, entry.namespace or namespace, taken)


@pytest.fixture
def arguments(db, settings):
    """For each address, the arguments that name a real row which belongs to someone else."""
    post, page, author = PostFactory(), PageFactory(), AuthorFactory()
    listing, forum, comment = ListingFactory(), ForumFactory(), CommentFactory(thread=post.thread)
    results = ResultsFactory()
    priority = results.priorities.create(position=1, title="Une priorité")
    update = priority.updates.create(dated_on="2026-01-01", text="Un pas")
    picture = settings.MEDIA_ROOT / "pictures"
    picture.mkdir(parents=True)
    (picture / "a.webp").write_bytes(b"RIFF")
    shown = Picture.objects.create(file="pictures/a.webp", width_px=1, height_px=1)
    document = Document.objects.create(title="Un document", file="documents/a.pdf", size_bytes=1)
    post.draft.versions.create(number=1, content=post.draft.content)
    with_results = {"slug": results.forum.slug}
    recommendation = RecommendationFactory(forum=forum)
    merged = RecommendationFactory(forum=forum, state="merged", survivor=recommendation)
    of_recommendation = {"slug": forum.slug, "recommendation_id": recommendation.pk}
    return {
        "shared_preview": {"token": sharing.share(post.draft)},
        "staff:draft_restore": {"draft_id": post.draft_id, "number": 1},
        **dict.fromkeys(
            ["staff:draft_history", "staff:draft_compared", "staff:draft_presence", "staff:draft_share"],
            {"draft_id": post.draft_id},
        ),
        **dict.fromkeys(["staff:picture_edit", "staff:picture_remove"], {"picture_id": shown.pk}),
        **dict.fromkeys(["staff:document_edit", "staff:document_remove"], {"document_id": document.pk}),
        "staff:post_autosave": {"post_id": post.pk},
        "staff:page_autosave": {"page_id": page.pk},
        "staff:results_autosave": {"slug": results.forum.slug},
        "media": {"path": "pictures/a.webp"},
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
        "staff:recommendation_separate": {"slug": forum.slug, "recommendation_id": merged.pk},
        "forums:calendar": {"slug": forum.slug},
        "forums:vote_code": {"code": "ABC"},
        "forums:vote_link": {"token": "abc"},
        **dict.fromkeys(["forums:forum_vote", "forums:forum_screen"], {"slug": forum.slug}),
        **dict.fromkeys(
            [
                *(f"forums:round_{name}" for name in ("vote", "cast", "withdraw", "receipt", "receipt_file")),
                *("forums:round_screen", "forums:round_screen_state"),
            ],
            {"slug": forum.slug, "number": RoundFactory(forum=forum).number},
        ),
        "forums:results": with_results,
        **outcomes_and_dossier(),
        **of_rounds(),
        **dict.fromkeys(["comments:post", "comments:follow"], {"thread_id": post.thread_id}),
        "comments:unsubscribe": {"token": following.unsubscribe_token(comment.author)},
        **dict.fromkeys(["staff:suspend", "staff:suspension_lift"], {"person_id": comment.author_id}),
        **dict.fromkeys(
            ["comments:reply", "comments:edit", "comments:delete", "comments:flag"],
            {"comment_id": comment.pk},
        ),
        **dict.fromkeys(["staff:comment_approve", "staff:comment_hide"], {"comment_id": comment.pk}),
        **dict.fromkeys(["mfa_edit_webauthn", "mfa_remove_webauthn"], {"pk": 999}),
        "staff:post_edit": {"post_id": post.pk},
        "staff:page_edit": {"page_id": page.pk},
        "staff:author_edit": {"author_id": author.pk},
        **{name: {"key": listing.pk} for name in ROWS if name.startswith("staff:listing_")},
        **{name: {"slug": forum.slug} for name in ROWS if name.startswith("staff:forum_")},
        **dict.fromkeys(["staff:results_edit", "staff:results_preview", "staff:followup"], with_results),
        "staff:followup_save": with_results | {"priority_id": priority.pk},
        "staff:followup_delete": with_results | {"update_id": update.pk},
        **dict.fromkeys(
            ["enterprises:verify", "enterprises:correct", "enterprises:invitation"], {"token": "x:y:z"}
        ),
        "staff:proposal_review": {"key": listing.proposals.create(kind="report", message="Une erreur").pk},
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
            for name in ("show", "progress", "refused", "run", "cancel")
        },
        "staff:person_role": {"person_id": UserFactory().pk},
    }


def of_rounds():
    """Rounds in the states that their pages are for."""
    planned, deleted = prepared("planned"), prepared("planned")
    under_way, other, closed = prepared("open"), prepared("open"), prepared("closed")
    sealed, disputed = seal(), closed.papers.first()
    print_cartons(forum=planned.forum, count=1)
    of = {
        planned: ("round_edit", "round_open", "round", "roll", "paper_page", "round_copy", "round_draw",
                  "round_undraw", "paper_print"),
        deleted: ("round_delete",),
        under_way: ("round_annul", "paper_issue", "roll_add"),
        other: ("round_prolong", "round_close"),
        closed: ("paper_typing", "paper_disputes", "reconciliation", "papers_lost"),
        sealed: ("round_seal", "round_publish", "round_box", "round_record"),
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
    return found | {"staff:carton_void": slug | {"carton_number": 1}}


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
    token, priority = {"token": token_of(sent)}, results.priorities.first()
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


def _registration_arguments(forum):
    """The addresses of one registration, with its own links, and of a member of the day team."""
    person = RegistrationFactory(forum=forum, checked_in_at=None)
    pending = RegistrationFactory(forum=forum, state="pending", checked_in_at=None)
    member, _token = dayteam.invite(forum=forum, name="Alex", now=timezone.now())
    _other, day_token = dayteam.invite(forum=forum, name="Noé", now=timezone.now())
    slug, link = {"slug": forum.slug}, {"token": links.token_for(person, links.Purpose.MANAGE)}
    confirm = {"token": links.token_for(pending, links.Purpose.CONFIRM)}
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
        **dict.fromkeys([f"forums:registration{end}" for end in ("", "_cancel", "_code")], slug | link),
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


@pytest.fixture
def clients(db):
    return {
        "visitor": Client,
        "citizen": lambda: signed_in(UserFactory()),
        "staff without second factor": lambda: signed_in(UserFactory(is_staff=True)),
        "staff": lambda: signed_in(UserFactory(is_staff=True), second_factor=True),
        "superuser": lambda: signed_in(UserFactory(is_staff=True, is_superuser=True), second_factor=True),
    }


def address_of(name, takes, arguments):
    return reverse(name, kwargs=arguments[name] if takes else None)


def test_every_address_has_a_row_and_every_row_an_address():
    assert {name for name, _takes in every_name()} == set(ROWS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_answers_each_role_as_its_row_says(arguments, clients, role, method):
    wrong = []
    for name, takes in every_name():
        expected = KINDS[ROWS[name]][method == "post"][ROLES.index(role)]
        accepted = expected if isinstance(expected, set) else {expected}
        status = getattr(clients[role](), method)(address_of(name, takes, arguments)).status_code
        if status not in accepted:
            wrong.append(f"{method.upper()} {name}: {status}, not {sorted(accepted)}")
    assert wrong == []


def test_every_post_needs_a_token(arguments):
    member = UserFactory(is_staff=True, is_superuser=True)
    unguarded = []
    for name, takes in every_name():
        kind = ROWS[name]
        if kind in {"reading", "staff reading", "one click"}:
            continue
        client = Client(enforce_csrf_checks=True)
        client.cookies = signed_in(member, second_factor=True).cookies
        status = client.post(address_of(name, takes, arguments)).status_code
        if status != 403:
            unguarded.append(f"{name}: {status}")
    assert unguarded == []


def test_admin_is_for_superusers_with_a_second_factor(clients):
    statuses = {role: clients[role]().get("/admin/").status_code for role in ROLES}
    assert statuses == {
        "visitor": 302, "citizen": 302, "staff without second factor": 302, "staff": 302, "superuser": 200,
    }  # fmt: skip
