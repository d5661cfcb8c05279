"""Consent to show one's name: asked with the first comment, recorded, withdrawn under « Mon compte »."""

from __future__ import annotations

import importlib
from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent
from comments.forms import CommentForm
from comments.models import Comment
from tests.conftest import signed_in
from tests.factories import CommentFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db
ASKED = "J’accepte que mon nom soit affiché avec les commentaires que je publie"
PROFILE = "/compte/"


@pytest.fixture
def post(db):
    return PostFactory()


@pytest.fixture
def person(db):
    return UserFactory(name="Lou Gagné")


def typed(**changes):
    with time_machine.travel(timezone.now() - timedelta(seconds=10)):
        shown = CommentForm.new_form_token()
    return {"text": "Un avis bien pesé.", "shown": shown, "subject": ""} | changes


def send(client, post, prefix="", **changes):
    return client.post(prefix + reverse("comments:post", args=[post.thread_id]), typed(**changes))


def test_sign_up_does_not_ask_it(client):
    page = client.get("/compte/inscription/").content.decode()
    assert ASKED not in page
    assert "14 ans" in page


def test_first_comment_asks_it_and_the_next_does_not(person, post):
    client = signed_in(person)
    assert ASKED in client.get(post.get_absolute_url()).content.decode()
    assert send(client, post, name_is_shown="on").status_code == 302
    assert ASKED not in client.get(post.get_absolute_url()).content.decode()
    assert send(client, post, text="Un second.").status_code == 302
    assert Comment.objects.filter(author=person).count() == 2


def test_comment_without_it_is_kept_typed_and_not_published(person, post):
    response = send(signed_in(person), post)
    assert response.status_code == 400
    assert "Un avis bien pesé." in response.text
    assert "acceptez que votre nom soit affiché" in response.text
    assert (Comment.objects.count(), Consent.objects.count()) == (0, 0)


@pytest.mark.parametrize(("prefix", "said"), [("", ASKED), ("/en", "I agree that my name be shown")])
def test_it_is_recorded_as_it_was_read_with_its_moment(person, post, prefix, said):
    before = timezone.now()
    send(signed_in(person), post, prefix, name_is_shown="on")
    consent = Consent.objects.get(user=person)
    assert consent.purpose == "name_shown"
    assert consent.wording.startswith(said)
    assert consent.page.endswith(post.get_absolute_url())
    assert before <= consent.given_at <= timezone.now()
    assert consent.withdrawn_at is None


def test_a_comment_that_is_refused_records_nothing(person, post):
    post.thread.is_open = False
    post.thread.save()
    assert send(signed_in(person), post, name_is_shown="on").status_code == 400
    assert Consent.objects.count() == 0


def test_it_is_withdrawn_and_the_comments_stay_without_the_name(client, person, post):
    CommentFactory(author=person, thread=post.thread, text="Mes mots")
    own = signed_in(person)
    send(own, post, name_is_shown="on")
    assert "Lou Gagné" in client.get(post.get_absolute_url()).text
    assert "Retirer mon nom" in own.get(PROFILE).text
    answer = own.post(PROFILE, {"nom": "retirer"}, follow=True).text
    assert "Votre nom n’est plus affiché avec vos commentaires." in answer
    assert "Afficher mon nom" in answer
    page = client.get(post.get_absolute_url()).text
    assert ("Lou Gagné" in page, "Nom retiré" in page, "Mes mots" in page) == (False, True, True)
    assert Consent.objects.get(user=person).withdrawn_at is not None
    assert ASKED in own.get(post.get_absolute_url()).text


@pytest.mark.parametrize("again", ["account", "comment"])
def test_it_is_given_again(client, person, post, again):
    own = signed_in(person)
    send(own, post, name_is_shown="on")
    own.post(PROFILE, {"nom": "retirer"})
    if again == "account":
        own.post(PROFILE, {"nom": "montrer"})
    else:
        send(own, post, text="Un second.", name_is_shown="on")
    Comment.objects.update(state="published", shown_at=timezone.now())
    assert "Lou Gagné" in client.get(post.get_absolute_url()).text
    assert Consent.objects.filter(user=person).count() == 2
    assert Consent.objects.filter(user=person, withdrawn_at=None).count() == 1


def test_pages_that_quote_do_not_give_a_withdrawn_name(person, post):
    comment = CommentFactory(author=person, thread=post.thread)
    signed_in(person).post(PROFILE, {"nom": "retirer"})
    reader = signed_in(UserFactory())
    for name in ("reply", "flag"):
        page = reader.get(reverse(f"comments:{name}", args=[comment.pk])).text
        assert ("Lou Gagné" in page, "Nom retiré" in page) == (False, True), name


def test_account_says_that_it_will_be_asked(person):
    assert (
        "Votre accord sera demandé lors de votre premier commentaire" in signed_in(person).get(PROFILE).text
    )


def test_accounts_of_before_keep_the_consent_of_their_sign_up():
    french, english = UserFactory(language="fr"), UserFactory(language="en")
    UserFactory(is_superuser=True, roles=["direction"])
    importlib.import_module("accounts.migrations.0005_name_withheld").write_consents(apps, None)
    kept = {consent.user: consent for consent in Consent.objects.all()}
    assert set(kept) == {french, english}
    assert kept[french].wording == ASKED
    assert kept[english].wording.startswith("I agree")
    assert kept[french].given_at == french.created_at
