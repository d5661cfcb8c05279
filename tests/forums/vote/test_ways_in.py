"""The ways in: a code, a link, an account; and what whoever can't vote is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from forums.event.open_and_seal import seal_vote
from forums.mail.ballot_links import ballot_link
from forums.models import Registration, Results, RollEntry, Round, Slip
from forums.tally.canonical import in_groups
from forums.vote import slips
from forums.vote.casting import has_ballot
from forums.vote.codes import hyphenated
from forums.vote.paper_issue import issue_paper
from forums.vote.roll import void_entry
from forums.vote.rounds import annul_round, close_round, open_round
from tests.conftest import signed_in
from tests.factories import ForumFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.vote.conftest import address, cast, codes_of, entry_of

LOGIN = "Connectez-vous"


def text(response):
    return response.content.decode()


def test_code_leaves_the_address_and_enters_a_signed_cookie_without_it(client, round, codes):
    response = client.get(f"/vote/{codes[0]}/")
    assert (response.status_code, response.headers["Location"]) == (302, address(round))
    cookie = response.cookies["bureau-de-vote"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 12 * 3600)
    assert codes[0] not in cookie.value
    assert client.get(address(round)).status_code == 200


def test_cookies_are_secure_in_production(client, codes, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = client.get(f"/vote/{codes[0]}/").cookies["__Host-bureau-de-vote"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


@pytest.mark.parametrize(
    "write", [str.lower, hyphenated, lambda code: f" {code.replace('0', 'O').replace('1', 'l')} "]
)
def test_code_is_typed_as_people_type(client, round, codes, write):
    response = client.post("/vote/", {"code": write(codes[0])})
    assert (response.status_code, response.headers["Location"]) == (302, address(round))


def test_mistyped_unknown_and_empty_codes_are_told_apart(client, round, codes):
    wrong = codes[0][:-1] + ("0" if codes[0][-1] != "0" else "2")
    unknown = slips.new_code()
    answers = {typed: client.post("/vote/", {"code": typed}) for typed in (wrong, unknown, "")}
    assert [answer.status_code for answer in answers.values()] == [422, 404, 422]
    assert "faute de frappe" in text(answers[wrong])
    assert "Aucun carton de vote ne porte ce code" in text(answers[unknown])
    # A slip of one letter is almost someone's code: it is not written back for the next person to read.
    assert wrong not in text(answers[wrong])
    assert "bureau-de-vote" not in client.cookies


def test_slip_opens_nothing_before_it_is_activated_nor_once_void(client, round):
    ((_number, code),) = slips.create_slips(forum=round.forum, count=1)
    assert client.get(f"/vote/{code}/").status_code == 403
    slip = Slip.objects.get()
    slips.activate_slip(slip=slip, registration=RegistrationFactory(forum=round.forum))
    slips.void_slip(slip=slip, because=Slip.Void.LOST)
    response = client.get(f"/vote/{code}/")
    assert response.status_code == 403
    assert "n’est plus valide" in text(response)


def test_slip_voided_after_it_was_scanned_no_longer_votes(round, phone):
    held = phone()
    slips.void_slip(slip=Slip.objects.order_by("pk").first(), because=Slip.Void.LOST)
    assert "n’est plus valide" in text(held.get(address(round)))
    assert cast(held, round).status_code == 403
    assert round.ballots.count() == 0


def test_code_of_another_forum_opens_its_own_vote_alone(opened, client):
    here, there = opened(), opened()
    code = codes_of(there.forum)[0]
    assert client.get(f"/vote/{code}/").headers["Location"] == address(there)
    assert "celui d’un autre forum" in text(client.get(address(here)))
    assert cast(client, here).status_code == 403
    assert here.ballots.count() == 0


@pytest.mark.parametrize("value", ["", "x", "WyJjYXJ0b24iLDEsMF0:1abc:xyz", "a" * 4000, "é"])
def test_forged_pass_is_none(client, round, value):
    client.cookies["bureau-de-vote"] = value
    assert "Taper un code de vote" in text(client.get(address(round)))
    assert cast(client, round).status_code == 403


def test_pass_lasts_half_a_day(opened):
    round = opened(closes_at=timezone.now() + timedelta(days=2))
    code, phone = codes_of(round.forum)[0], Client()
    phone.get(f"/vote/{code}/")
    for hours, is_let_in in ((11, True), (13, False)):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            assert ("Relire mon bulletin" in text(phone.get(address(round)))) is is_let_in


def test_link_opens_the_ballot_of_its_round_alone(client, round):
    person = Registration.objects.first()
    link = ballot_link(round, person).removeprefix("http://localhost:8000")
    token = link.split("/")[-2]
    assert person.key.hex in token
    response = client.get(link)
    assert (response.status_code, response.headers["Location"]) == (302, address(round))
    assert cast(client, round).status_code == 302
    other = RoundFactory(
        forum=round.forum, opens_at=round.closes_at, closes_at=round.closes_at + timedelta(hours=1)
    )
    assert "Relire" not in text(client.get(address(other)))


@pytest.mark.parametrize("spoil", [lambda token: token[:-2], lambda token: "9" + token, lambda token: "x"])
def test_spoiled_link_opens_nothing(client, round, spoil):
    token = ballot_link(round, Registration.objects.first()).split("/")[-2]
    response = client.get(f"/vote/lien/{spoil(token)}/")
    assert response.status_code == 404
    assert "bureau-de-vote" not in client.cookies


def test_link_for_managing_a_registration_opens_no_ballot(client, round):
    from forums.mail.registration_links import LinkPurpose, token_for

    token = token_for(Registration.objects.first(), LinkPurpose.MANAGE)
    assert client.get(f"/vote/lien/{token}/").status_code == 404


def test_account_of_a_registration_votes_without_a_code(planned):
    round = planned()
    user = UserFactory(name="Lou Gagné")
    Registration.objects.filter(pk=round.forum.registrations.first().pk).update(user=user)
    open_round(round_id=round.pk, by=None)
    client = signed_in(user)
    assert "avec votre compte\u00a0: Lou Gagné" in text(client.get(address(round)))
    assert client.get("/vote/").headers["Location"] == address(round)
    assert cast(client, round).status_code == 302


def test_account_off_the_roll_is_told_how_to_get_on_it(citizen_client, round):
    response = citizen_client.get(address(round))
    assert "Vous n’êtes pas sur la liste" in text(response)
    assert "carton de vote à l’accueil" in text(response)
    assert cast(citizen_client, round).status_code == 403


def test_consultation_enters_a_new_verified_account_when_it_votes_and_not_when_it_looks(opened):
    round = opened(public=Round.Public.ACCOUNTS)
    late = signed_in(UserFactory())
    assert late.get(address(round)).status_code == 200
    assert RollEntry.objects.filter(round=round).count() == 0
    assert cast(late, round).status_code == 302
    assert RollEntry.objects.filter(round=round).count() == 1
    assert "votre bulletin" in text(late.get(address(round, "recu/"))).lower()


def test_consultation_refuses_an_account_without_a_verified_address(opened):
    round = opened(public=Round.Public.ACCOUNTS)
    client = signed_in(UserFactory(verified=False))
    assert "Confirmez l’adresse courriel" in text(client.get(address(round)))
    assert cast(client, round).status_code == 403


def test_visitor_is_told_where_to_sign_in_or_get_a_slip(client, opened):
    in_room, consultation = opened(), opened(public=Round.Public.ACCOUNTS)
    assert "Demandez le vôtre à l’accueil" in text(client.get(address(in_room)))
    page = text(client.get(address(consultation)))
    assert f"/compte/connexion/?next={address(consultation)}" in page
    assert "/compte/inscription/" in page
    assert "ne représentent pas l’ensemble de la population" in page


def test_code_scanned_on_a_signed_in_phone_votes_for_its_own_person(planned):
    round = planned(2)
    first, second = Registration.objects.filter(forum=round.forum).order_by("pk")
    owner = UserFactory()
    Registration.objects.filter(pk=first.pk).update(user=owner)
    open_round(round_id=round.pk, by=None)
    code = codes_of(round.forum)[1]
    client = signed_in(owner)
    asked = client.get(f"/vote/{code}/")
    client.post("/vote/", {"which": "pass", "choice": asked.context["choice"]})
    assert "avec le carton nº\u00a02" in text(client.get(address(round)))
    cast(client, round)
    from forums.vote.casting import has_ballot

    voted = {
        person.pk: has_ballot(
            round_id=round.pk, entry_id=RollEntry.objects.get(round=round, registration=person).pk
        )
        for person in (first, second)
    }
    assert voted == {first.pk: False, second.pk: True}


# --- A round that takes no ballot -----------------------------------------------------------------------


def test_planned_round_says_when_and_who(client, planned):
    round = planned(opens_at=timezone.now() + timedelta(hours=1))
    page = text(client.get(address(round)))
    assert "Le vote n’est pas encore ouvert" in page
    assert "dont l’arrivée au forum est confirmée" in page
    assert cast(client, round).status_code == 409


def test_annulled_round_gives_its_reason(round, phone):
    held = phone()
    annul_round(round_id=round.pk, reason="Une recommandation manquait.", by=None)
    assert "Une recommandation manquait." in text(held.get(address(round)))
    response = cast(held, round)
    assert (response.status_code, "Une recommandation manquait." in text(response)) == (409, True)


def test_closed_round_says_whether_ones_ballot_is_in_the_box(round, phone):
    voter, other = phone(0), phone(1)
    cast(voter, round)
    user = UserFactory()
    Registration.objects.filter(pk=entry_of(round, 2).registration_id).update(user=user)
    RollEntry.objects.filter(pk=entry_of(round, 2).pk).update(user=user)
    close_round(round_id=round.pk, by=None)
    assert "Votre bulletin est dans l’urne." in text(voter.get(address(round)))
    assert "Vous n’avez pas de bulletin dans l’urne." in text(signed_in(user).get(address(round)))
    # A code alone, found or borrowed, says nothing of whether its owner voted.
    forged = phone(0)
    (name,) = (name for name in voter.cookies if "recu-" in name)
    forged.cookies[name] = "0123456789ABCDEF"
    for alone in (other, phone(0), forged):
        page = text(alone.get(address(round)))
        assert "dans l’urne." not in page
        assert "Vérifier un reçu" in page
    assert "L’urne sera scellée" in text(Client().get(address(round)))


def test_sealed_round_leads_to_what_was_retained_and_gives_the_seal(round, phone):
    voter = phone()
    cast(voter, round)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    round.refresh_from_db()
    page = text(voter.get(address(round)))
    assert in_groups(round.seal) in page
    assert f"/forums/{round.forum.slug}/tours/{round.number}/ecran/" in page
    assert "Reçus conservés sur cet appareil" in page


def test_sealed_round_leads_to_its_results_once_they_are_published(client, opened):
    round = opened(12)
    close_round(round_id=round.pk, by=None)
    seal_vote(round_id=round.pk, by=None)
    leads = f'href="/forums/{round.forum.slug}/resultats/"'
    pages = [address(round), address(round).replace("vote/", "ecran/")]
    assert [leads in text(client.get(path)) for path in pages] == [False, False]
    results = Results.objects.get()
    results.rounds.set([round])
    Results.objects.update(published_at=timezone.now())
    assert [leads in text(client.get(path)) for path in pages] == [True, True]


def test_person_given_a_paper_is_told_so(round, phone):
    held = phone()
    cast(held, round)
    issue_paper(round_id=round.pk, entry_id=entry_of(round).pk)
    assert "Vous votez sur papier" in text(held.get(address(round)))
    assert cast(held, round, key="une-autre-clef-de-seize").status_code == 403
    assert round.ballots.count() == 0


def test_paper_voter_who_has_an_account_is_told_so(planned, staff):
    round = planned()
    user = UserFactory()
    Registration.objects.filter(pk=round.forum.registrations.order_by("pk").first().pk).update(user=user)
    open_round(round_id=round.pk, by=None)
    issue_paper(round_id=round.pk, entry_id=entry_of(round).pk)
    client = signed_in(user)
    assert "Vous votez sur papier" in text(client.get(address(round)))
    assert cast(client, round).status_code == 403


def test_entry_taken_off_the_roll_no_longer_votes(round, phone, staff):
    held = phone()
    cast(held, round)
    void_entry(round_id=round.pk, entry_id=entry_of(round).pk, reason="Partie", by=staff)
    assert "Vous n’êtes pas sur la liste" in text(held.get(address(round)))
    assert cast(held, round, key="une-autre-clef-de-seize").status_code == 403
    assert round.ballots.count() == 0


# --- Addresses --------------------------------------------------------------------------------------------


def test_short_address_means_the_open_round_then_the_closed_then_the_sealed_one(client, planned):
    forum = ForumFactory()
    short = f"/forums/{forum.slug}/vote/"
    assert client.get(short).status_code == 404
    trial = planned(forum=forum, number=1, is_trial=True)
    assert client.get(short).headers["Location"] == address(trial)
    open_round(round_id=trial.pk, by=None)
    close_round(round_id=trial.pk, by=None)
    seal_vote(round_id=trial.pk, by=None)
    later = planned(
        forum=forum,
        number=2,
        opens_at=timezone.now() + timedelta(minutes=1),
        closes_at=timezone.now() + timedelta(hours=2),
    )
    assert client.get(short).headers["Location"] == address(trial)
    open_round(round_id=later.pk, by=None)
    assert client.get(short).headers["Location"] == address(later)
    assert client.get(f"/forums/{forum.slug}/ecran/").headers["Location"].endswith("/tours/2/ecran/")
    close_round(round_id=later.pk, by=None)
    assert client.get(short).headers["Location"] == address(later)
    seal_vote(round_id=later.pk, by=None)
    assert client.get(short).headers["Location"] == address(later)


def test_rounds_of_a_forum_not_announced_are_nowhere(client, planned):
    round = planned(forum=ForumFactory(announced_at=None))
    paths = [
        address(round),
        address(round, "recu/"),
        f"/forums/{round.forum.slug}/vote/",
        f"/forums/{round.forum.slug}/ecran/",
    ]
    paths += [address(round).replace("vote/", "ecran/"), address(round).replace("vote/", "ecran/etat.json")]
    assert [client.get(path).status_code for path in paths] == [404] * 6
    assert cast(client, round).status_code == 404


@pytest.mark.parametrize("rest", ["", "recu/", "recu.txt"])
def test_pages_are_never_stored_and_tell_no_other_site_their_address(round, phone, rest):
    held = phone()
    if rest:
        cast(held, round)
    response = held.get(address(round, rest))
    assert response.status_code == 200
    assert (response.headers["Cache-Control"], response.headers["Referrer-Policy"]) == (
        "private, no-store",
        "strict-origin",
    )


def test_getting_changes_nothing(round, phone, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    held = phone()
    cast(held, round)
    with CaptureQueriesContext(connection) as captured:
        for path in (
            address(round),
            f"{address(round)}?modifier",
            address(round, "recu/"),
            address(round, "recu.txt"),
            "/vote/",
            "/verifier/",
        ):
            held.get(path)
    # Of a prepared statement, Django writes what surrounds it too.
    asked = [each["sql"].removeprefix("QUERY = '") for each in captured]
    assert [sql for sql in asked if not sql.startswith("SELECT")] == []


def test_finishing_erases_pass_receipts_and_session(planned):
    round = planned()
    user = UserFactory()
    Registration.objects.filter(pk=round.forum.registrations.order_by("pk").first().pk).update(user=user)
    open_round(round_id=round.pk, by=None)
    client = signed_in(user)
    client.get(f"/vote/{codes_of(round.forum)[0]}/")
    cast(client, round)
    assert {name.split("-")[0] for name in client.cookies} >= {"bureau", "recu", "sessionid"}
    response = client.post("/vote/terminer/")
    assert response.headers["Location"] == "/vote/?termine"
    assert [name for name, cookie in client.cookies.items() if cookie.value and name != "csrftoken"] == []
    assert "Tout est effacé de cet appareil" in text(client.get("/vote/?termine"))
    assert round.ballots.count() == 1


# --- Two votes on one device --------------------------------------------------------------------------


def ways_of(round, code, person):
    """The address of each way in of `person`, whose slip has `code`."""
    return f"/vote/{code}/", ballot_link(round, person).removeprefix("http://localhost:8000")


@pytest.mark.parametrize("way", [0, 1])
@pytest.mark.parametrize("which", ["account", "pass"])
def test_account_on_another_s_slip_or_link_is_asked_which_vote(planned, way, which):
    round = planned()
    first, second = Registration.objects.order_by("pk")[:2]
    first.user = UserFactory(name="Anne Roy")
    first.save()
    open_round(round_id=round.pk, by=None)
    codes, client = codes_of(round.forum), signed_in(first.user)
    asked = client.get(ways_of(round, codes[1], second)[way])
    assert asked.status_code == 200
    assert "bureau-de-vote" not in client.cookies
    assert "Anne Roy" in text(asked)
    assert second.name not in text(asked)
    assert asked.headers["Cache-Control"] == "private, no-store"
    answer = client.post("/vote/", {"which": which, "choice": asked.context["choice"]})
    assert answer.headers["Location"] == address(round)
    assert cast(client, round).status_code == 302
    votes = {0: which == "account", 1: which == "pass"}
    for number, has_voted in votes.items():
        assert has_ballot(round_id=round.pk, entry_id=entry_of(round, number).pk) == has_voted


def test_choosing_the_account_drops_the_slip_that_the_device_held(planned):
    round = planned()
    first = Registration.objects.order_by("pk").first()
    first.user = UserFactory()
    first.save()
    open_round(round_id=round.pk, by=None)
    codes, client = codes_of(round.forum), signed_in(first.user)
    asked = client.get(f"/vote/{codes[1]}/").context["choice"]
    client.post("/vote/", {"which": "pass", "choice": asked})
    client.post("/vote/", {"which": "account", "choice": asked})
    assert "Vous votez avec votre compte" in text(client.get(address(round)))


def test_account_is_asked_before_the_vote_opens_too(planned):
    round = planned()
    first, second = Registration.objects.order_by("pk")[:2]
    first.user = UserFactory()
    first.save()
    codes = codes_of(round.forum)
    assert "choice" in signed_in(first.user).get(f"/vote/{codes[1]}/").context
    assert signed_in(first.user).get(f"/vote/{codes[0]}/").status_code == 302
    assert signed_in(UserFactory()).get(f"/vote/{codes[1]}/").status_code == 302
    assert second.user is None


@pytest.mark.parametrize("choice", ["", "x", "WyJjYXJ0b24iLDEsMCwxXQ:1abc:xyz"])
@pytest.mark.parametrize("which", ["account", "pass", ""])
def test_forged_choice_gives_no_pass(client, round, choice, which):
    answer = client.post("/vote/", {"which": which, "choice": choice})
    assert answer.status_code == 404
    assert "bureau-de-vote" not in client.cookies
