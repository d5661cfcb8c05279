"""The ballot: limits without a script, casting, changing, withdrawing, and all that is refused."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.sign_in.sessions import Session
from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, Option, Registration, Round
from forums.vote.rounds import annul_round, close_round, open_round
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.forums.closing import bring_closing
from tests.forums.vote.conftest import CHOICES, KEPT, address, cast, codes_of, receipt_on
from tests.forums.vote.test_ways_in import text

OTHER = {"q1": ["2"], "q2-1": "1"}
OTHER_KEPT = {"1": [2], "2": [[1, 1]]}
AGAIN = "une-autre-clef-de-seize"


def kept():
    return [ballot.choices for ballot in Ballot.objects.filter(is_withdrawn=False)]


def test_ballot_shows_options_as_drawn_with_the_rules_of_each_question(round, phone):
    page = text(phone().get(address(round)))
    shown = re.findall(r'class="option__number">(\d+)</span> <span class="option__title">([^<]+)<', page)
    drawn = [
        (str(option.number), option.title)
        for question in round.questions.order_by("position")
        for option in question.options.order_by("number")
    ]
    assert shown == drawn
    assert "Cochez jusqu’à 3 recommandations." in page
    assert "Répartissez 10 points, au plus 4 sur une même recommandation." in page
    assert "un bulletin blanc est valide" in page


def test_looking_over_shows_what_will_be_cast_and_keeps_nothing(round, phone):
    response = phone().post(address(round), {"key": "k" * 20, **CHOICES})
    page = text(response)
    assert response.status_code == 200
    assert re.findall(r'name="(q[\d-]+)" value="(\d+)"', page) == [
        ("q1", "1"),
        ("q1", "3"),
        ("q2-2", "4"),
        ("q2-5", "3"),
    ]
    assert 'name="key" value="kkkkkkkkkkkkkkkkkkkk"' in page
    assert kept() == []


def test_coming_back_from_looking_over_keeps_what_was_ticked(round, phone):
    page = text(phone().post(address(round), {"key": "k" * 20, "step": "choose", **CHOICES}))
    assert re.findall(r'id="(q1-\d)" name="q1" value="\d" checked', page) == ["q1-1", "q1-3"]
    assert re.findall(r'name="(q2-\d)" value="(\d)"', page) == [("q2-2", "4"), ("q2-5", "3")]


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"q1": ["1", "2", "3", "4"]}, "Vous en avez coché 4, soit 1 de trop. Décochez-en 1."),
        ({"q1": ["1", "9"]}, "qui n’est pas sur la liste"),
        ({"q1": ["1", "x"]}, "qui n’est pas sur la liste"),
        ({"q2-1": "5"}, "Au plus 4 points ici."),
        ({"q2-1": "4", "q2-2": "4", "q2-3": "4"}, "Vous avez donné 12 points"),
        ({"q2-1": "-1"}, "Écrivez un nombre entier, de 0 à 4."),
        ({"q2-1": "1.5"}, "Écrivez un nombre entier, de 0 à 4."),
        ({"q2-1": "²"}, "Écrivez un nombre entier, de 0 à 4."),
        ({"q2-1": "9" * 400}, "Écrivez un nombre entier, de 0 à 4."),
        ({"q2-9": "1"}, "Ce formulaire était incomplet"),
        ({"q7": "1"}, "Ce formulaire était incomplet"),
    ],
)
def test_what_the_questions_do_not_allow_is_said_where_it_is_and_keeps_the_rest(round, phone, choices, said):
    held = phone()
    sent = {"q1": ["2"]} | choices
    for response in (held.post(address(round), {"key": "k" * 20, **sent}), cast(held, round, sent)):
        page = text(response)
        assert response.status_code == 422
        assert said in page
        assert 'role="alert"' in page
        ticked = re.findall(r'id="q1-(\d)" name="q1" value="\d" checked', page)
        assert ticked == [number for number in sent["q1"] if number in "12345"]
    assert kept() == []


def test_cast_ballot_gives_its_receipt_to_the_phone_alone(round, phone):
    held = phone()
    response = cast(held, round)
    assert (response.status_code, response.headers["Location"]) == (302, address(round, "recu/"))
    name = next(name for name in response.cookies if name.startswith(f"recu-{round.pk}-"))
    assert (response.cookies[name]["httponly"], response.cookies[name]["samesite"]) == (True, "Lax")
    receipt = response.cookies[name].value
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{16}", receipt)
    shown = "-".join(receipt[start : start + 4] for start in range(0, 16, 4))
    assert shown in text(held.get(address(round, "recu/")))
    file = held.get(address(round, "recu.txt"))
    assert shown in text(file)
    assert file.headers["Content-Disposition"] == 'attachment; filename="recu-de-vote.txt"'
    assert kept() == [KEPT]


def test_script_is_answered_in_json(round, phone):
    held = phone()
    response = cast(held, round, accept="application/json")
    assert response.json() == {
        "receipt": re.sub(r"(.{4})(?=.)", r"\1-", receipt_on(held)),
        "next": address(round, "recu/"),
    }


def test_blank_ballot_is_valid(round, phone):
    held = phone()
    assert "Aucun choix\u00a0: bulletin blanc" in text(held.post(address(round), {"key": "k" * 20}))
    assert cast(held, round, {}).status_code == 302
    assert "Il est blanc, valide et compté." in text(held.get(address(round, "recu/")))
    assert kept() == [{"1": [], "2": []}]


@pytest.mark.parametrize("key", ["", "court", "x" * 65, "espace interdit ici", "é" * 20])
def test_form_without_its_name_is_shown_again_and_cast_by_the_next_try(round, phone, key):
    held = phone()
    response = cast(held, round, key=key)
    assert (response.status_code, kept()) == (422, [])
    fresh = re.search(r'name="key" value="([\w-]{16,64})"', text(response))[1]
    assert cast(held, round, key=fresh).status_code == 302


def test_repeated_request_gives_the_same_receipt_again(round, phone):
    """Also to a phone that never had the answer: the name of the attempt is proof enough."""
    held = phone()
    cast(held, round)
    first = receipt_on(held)
    for name in [name for name in held.cookies if "recu-" in name]:
        del held.cookies[name]
    assert cast(held, round).status_code == 302
    assert receipt_on(held) == first
    assert kept() == [KEPT]


def test_change_replaces_the_ballot_and_the_receipt(round, phone):
    held = phone()
    cast(held, round)
    first = receipt_on(held)
    assert held.get(address(round)).headers["Location"] == address(round, "recu/")
    page = text(held.get(f"{address(round)}?modifier"))
    assert re.findall(r'id="(q1-\d)" name="q1" value="\d" checked', page) == ["q1-1", "q1-3"]
    assert cast(held, round, OTHER, AGAIN).status_code == 302
    assert receipt_on(held) != first
    assert kept() == [OTHER_KEPT]


def test_delayed_repeat_of_an_old_ballot_is_refused(round, phone):
    held = phone()
    cast(held, round)
    cast(held, round, OTHER, AGAIN)
    receipt = receipt_on(held)
    for choices, key in ((CHOICES, "une-clef-de-seize-signes"), (CHOICES, AGAIN)):
        response = cast(held, round, choices, key)
        assert (response.status_code, "a déjà servi" in text(response)) == (409, True)
    assert kept() == [OTHER_KEPT]
    assert receipt_on(held) == receipt


def test_code_alone_neither_shows_nor_replaces_a_ballot(round, phone):
    cast(phone(), round)
    thief = phone()
    for path in (address(round), f"{address(round)}?modifier", address(round, "recu/")):
        page = text(thief.get(path))
        assert "un code ne suffit pas" in page
        assert "checked" not in page
    response = cast(thief, round, OTHER, AGAIN)
    assert (response.status_code, "un code ne suffit pas" in text(response)) == (409, True)
    assert thief.post(address(round, "retrait/")).status_code == 409
    assert thief.get(address(round, "recu.txt")).status_code == 404
    assert kept() == [KEPT]


def test_receipt_typed_on_another_phone_opens_the_ballot(round, phone):
    held = phone()
    cast(held, round)
    other = phone()
    wrong = other.post(address(round, "recu/"), {"recu": "0" * 16})
    assert (wrong.status_code, receipt_on(other)) == (403, "")
    assert other.post(address(round, "recu/"), {"recu": receipt_on(held).lower()}).status_code == 302
    assert cast(other, round, OTHER, AGAIN).status_code == 302
    assert kept() == [OTHER_KEPT]
    # The first phone holds a receipt that is cancelled.
    assert cast(held, round, CHOICES, "encore-une-autre-clef").status_code == 409


@pytest.mark.parametrize("value", ["x", "0" * 16, "", "a" * 4000])
def test_tampered_receipt_is_none(round, phone, value):
    held = phone()
    cast(held, round)
    name = next(name for name in held.cookies if name.startswith("recu-"))
    held.cookies[name] = value
    assert cast(held, round, OTHER, AGAIN).status_code == 409
    assert kept() == [KEPT]


def test_receipt_of_one_person_is_no_proof_for_another_on_the_same_phone(round, phone, codes):
    held = phone()
    cast(held, round)
    held.get(f"/vote/{codes[1]}/")
    assert "Relire mon bulletin" in text(held.get(address(round)))
    assert cast(held, round, OTHER, AGAIN).status_code == 302
    assert sorted(map(str, kept())) == sorted(map(str, [KEPT, OTHER_KEPT]))
    held.get(f"/vote/{codes[0]}/")
    assert "Votre bulletin est déposé" in text(held.get(address(round), follow=True))


def test_account_changes_its_ballot_from_any_device_and_keeps_no_receipt(planned):
    round = planned()
    user = UserFactory()
    Registration.objects.filter(pk=round.forum.registrations.order_by("pk").first().pk).update(user=user)
    open_round(round_id=round.pk, by=None)
    code = codes_of(round.forum)[0]
    by_code = Client()
    by_code.get(f"/vote/{code}/")
    cast(by_code, round)
    account = signed_in(user)
    page = text(account.get(address(round), follow=True))
    assert "les comptes n’en conservent aucun" in page
    assert cast(account, round, OTHER, AGAIN).status_code == 302
    assert kept() == [OTHER_KEPT]
    # The phone's receipt is cancelled; another account's session proves nothing.
    assert cast(by_code, round, CHOICES, "encore-une-autre-clef").status_code == 409


def test_withdrawn_ballot_is_gone_and_another_may_follow_without_a_receipt(round, phone):
    held = phone()
    cast(held, round)
    response = held.post(address(round, "retrait/"))
    assert response.headers["Location"] == f"{address(round)}?retire"
    assert (kept(), receipt_on(held)) == ([], "")
    assert "Votre bulletin est retiré" in text(held.get(response.headers["Location"]))
    assert cast(held, round).status_code == 409  # its name was used
    assert cast(phone(), round, OTHER, AGAIN).status_code == 302
    assert kept() == [OTHER_KEPT]


# --- Time, forgery, traces ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "status"), [(30, 302), (0, 409), (-1, 409)])
def test_ballot_before_at_and_after_closing(planned, before, status):
    round = open_round(round_id=planned(1).pk, by=None)
    held = Client()
    held.get(f"/vote/{codes_of(round.forum)[0]}/")
    bring_closing(round, seconds=before)
    response = cast(held, round)
    assert (response.status_code, len(kept())) == (status, int(status == 302))
    if status == 409:
        assert "Votre bulletin est arrivé trop tard" in text(response)
        assert "Fermeture" in text(response)


@pytest.mark.parametrize(("hours", "status"), [(-1, 409), (3, 302)])
def test_the_database_s_clock_decides_and_not_the_server_s(planned, hours, status):
    """A web server an hour slow lets no late ballot in; one three hours fast refuses none."""
    round = open_round(round_id=planned(1).pk, by=None)
    held = Client()
    held.get(f"/vote/{codes_of(round.forum)[0]}/")
    if status == 409:
        bring_closing(round)
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        assert cast(held, round).status_code == status


def test_ballot_of_a_round_just_closed_by_hand_is_late(round, phone):
    held = phone()
    close_round(round_id=round.pk, by=None)
    response = cast(held, round)
    assert (response.status_code, kept()) == (409, [])
    assert "trop tard" in text(response)
    assert held.post(address(round, "retrait/")).status_code == 409


@pytest.mark.parametrize("act", ["", "depot/"])
@pytest.mark.parametrize("end", ["closed", "sealed", "annulled"])
def test_old_tab_of_a_first_vote_is_sent_to_the_second_with_its_choices_on_screen(
    round, phone, planned, end, act
):
    held = phone()
    if end == "annulled":
        annul_round(round_id=round.pk, reason="Une question était fautive.", by=None)
    else:
        close_round(round_id=round.pk, by=None)
    if end == "sealed":
        seal_vote(round_id=round.pk, by=None)
    starts = timezone.now()
    second = planned(
        people=0, number=2, forum=round.forum, title="Deuxième tour",
        opens_at=starts, closes_at=starts + timedelta(hours=1),
    )  # fmt: skip
    open_round(round_id=second.pk, by=None)
    for headers in ({}, {"Accept": "application/json"}):
        fields = {"key": "une-clef-de-seize-signes", **CHOICES}
        answer = held.post(address(round, act), fields, headers=headers)
        shown = html.unescape(text(answer))
        assert answer.status_code == 409
        assert "Un autre vote est ouvert maintenant." in shown
        assert f'href="{address(second)}"' in shown
        for option in Option.objects.filter(question__round=round, question__position=1, number__in=(1, 3)):
            assert option.title in shown
    assert not Ballot.objects.filter(round=second).exists()
    assert f'href="{address(second)}"' in text(held.get(address(round)))
    assert cast(held, second).status_code == 302


def test_ballots_choices_cannot_go_to_another_round(opened, client):
    here, there = opened(), opened()
    client.get(f"/vote/{codes_of(here.forum)[0]}/")
    assert cast(client, there).status_code == 403
    assert client.post(address(there, "retrait/")).status_code == 403
    assert Ballot.objects.count() == 0


def test_form_needs_its_token(round, codes):
    strict = Client(enforce_csrf_checks=True)
    strict.get(f"/vote/{codes[0]}/")
    assert cast(strict, round).status_code == 403
    page = text(strict.get(address(round)))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    answer = strict.post(address(round, "depot/"), {"key": "k" * 20, "csrfmiddlewaretoken": token, **CHOICES})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    "extra", [{"entry_id": "1"}, {"round_id": "999"}, {"receipt": "0" * 16}, {"is_withdrawn": "1"}]
)
def test_extra_fields_are_ignored(round, phone, extra):
    assert cast(phone(), round, CHOICES | extra).status_code == 302
    assert kept() == [KEPT]


def test_nothing_of_a_vote_is_logged_or_in_a_session(planned, caplog):
    caplog.set_level(0)
    round = planned()
    user = UserFactory()
    Registration.objects.filter(pk=round.forum.registrations.order_by("pk").first().pk).update(user=user)
    open_round(round_id=round.pk, by=None)
    code = codes_of(round.forum)[0]
    client = signed_in(user)
    before = {row.pk: row.get_decoded() for row in Session.objects.all()}
    client.get(f"/vote/{code}/")
    client.get(f"/vote/{code[:-1]}/")
    cast(client, round)
    receipt = receipt_on(client)
    client.get(address(round, "recu/"))
    client.post("/verifier/", {"recu": receipt})
    cast(client, round, {"q1": ["9"]}, AGAIN)
    close_round(round_id=round.pk, by=None)
    cast(client, round, OTHER, AGAIN)
    assert {row.pk: row.get_decoded() for row in Session.objects.all()} == before
    written = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("django.db")
    )
    for secret in (code, code[:-1], receipt, "q1", "[1, 3]"):
        assert secret not in written


def test_address_with_a_code_is_masked_in_every_log_line():
    import logging

    from pole.middleware import MaskSecretsFilter

    for message, arguments, masked in (
        ("Internal Server Error: %s", ("/vote/0123456789A/",), "Internal Server Error: /vote/…/"),
        ("GET /en/vote/lien/12.abcdef0123456789.sig-nature/ 500", (), "GET /en/vote/lien/…/ 500"),
        ("%s", ("/forums/f/tours/1/vote/depot/",), "/forums/f/tours/1/vote/depot/"),
    ):
        record = logging.LogRecord("django.request", 40, "", 0, message, arguments, None)
        MaskSecretsFilter().filter(record)
        assert record.getMessage() == masked


def test_ballot_page_and_casting_ask_few_queries(round, phone, django_assert_num_queries):
    held = phone()
    held.get(address(round))
    # Content versions, round; the roll entry and the ballot go by themselves, unseen, there and back.
    with django_assert_num_queries(2):
        held.get(address(round))
    # Round.
    with django_assert_num_queries(1):
        assert cast(held, round).status_code == 302


@pytest.mark.parametrize("people", [1, 30])
def test_ballot_page_asks_as_much_whatever_the_size(opened, django_assert_num_queries, people):
    round = opened(people)
    held = Client()
    held.get(f"/vote/{codes_of(round.forum)[0]}/")
    held.get(address(round))
    with django_assert_num_queries(2):
        held.get(address(round))


def test_ballot_is_in_english_too(round, phone):
    held = phone()
    page = text(held.get(f"/en{address(round)}"))
    assert "Tick up to 3 recommendations." in page
    assert f'action="/en{address(round)}"' in page
    assert 'lang="fr"' in page
    assert Round.objects.get().state_at(timezone.now() + timedelta(days=1)) == "closed"
