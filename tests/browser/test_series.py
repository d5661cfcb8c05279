"""A training in three sessions: chosen, joined online, ticked by the team, attested."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.reach import out_of_reach
from tests.browser.test_accessibility import faults_of
from tests.browser.test_states import drawn, look, opened  # noqa: F401 - fixtures
from tests.factories import RegistrationFactory, UserFactory
from tests.forums.registering import last_link
from tests.forums.series import DAY, HOUR, LINK, series, sessions_of

pytestmark = pytest.mark.django_db(transaction=True)


def pass_by(forum, days):
    """All its days come `days` earlier, as if that time had passed."""
    for session in sessions_of(forum):
        session.starts_at -= days
        session.ends_at -= days
        session.save()
    forum.refresh_from_db()
    forum.starts_at -= days
    forum.ends_at -= days
    forum.registration_opens_at -= days
    forum.save()


def test_someone_comes_to_two_of_three_sessions_and_gets_an_attestation(
    open_page, sign_in, unhurried, transactional_db
):
    forum = series(
        (3 * DAY, 10 * DAY, 17 * DAY),
        chooses_sessions=True,
        mode="online",
        online_link=LINK,
        attestation_share=60,
    )
    RegistrationFactory(forum=forum, name="Absente Roy", checked_in_at=None)
    person, staff = open_page(width=360), open_page(width=360)
    person.goto(f"{forum.get_absolute_url()}inscription/")
    person.get_by_label("Votre nom").fill("Lou Petit")
    person.get_by_label("Adresse courriel").fill("lou@exemple.example")
    person.get_by_label("Séance 1").check()
    person.get_by_label("Séance 3").check()
    person.get_by_label("J’ai 14 ans ou plus").check()
    person.get_by_label("J’accepte que le pôle conserve").check()
    person.get_by_role("button", name="Réserver ma place").click()
    person.wait_for_url("**/inscription/courriel/")
    person.goto(last_link())
    person.get_by_role("button", name="Oui, je viens").click()
    own = person.locator(".own-session")
    expect(own).to_have_count(2)
    join = person.get_by_role("link", name="Rejoindre en ligne – Séance 3")
    expect(join).to_have_attribute("href", LINK)
    expect(join).to_have_attribute("referrerpolicy", "no-referrer")
    # They change their mind: the second rather than the third.
    person.get_by_text("Voir ou changer mes séances").click()
    person.get_by_label("Séance 3").uncheck()
    person.get_by_label("Séance 2").check()
    person.get_by_role("button", name="Enregistrer").click()
    expect(person.get_by_role("link", name="Rejoindre en ligne – Séance 2")).to_be_visible()
    expect(own).to_have_count(2)
    with person.expect_download() as found:
        person.get_by_role("link", name="Ajouter à mon agenda").click()
    file = found.value.path().read_text(encoding="utf-8")
    assert file.count("BEGIN:VEVENT") == 2

    pass_by(forum, timedelta(days=20))
    sign_in(staff, UserFactory(is_staff=True))
    staff.goto(f"/gestion/forums/{forum.slug}/inscriptions/")
    staff.get_by_role("link", name="Présences et attestations").click()
    first = staff.get_by_role("checkbox", name="Lou Petit – Séance 1")
    first.focus()
    staff.keyboard.press("Space")
    staff.get_by_role("checkbox", name="Lou Petit – Séance 2").check()
    staff.get_by_role("button", name="Enregistrer").click()
    expect(staff.get_by_text("2 changements sont notés.")).to_be_visible()
    expect(first).to_be_checked()
    with staff.expect_download() as found:
        staff.get_by_role("link", name="Imprimer 1 attestation").click()
    printed = PdfReader(BytesIO(found.value.path().read_bytes()))
    assert len(printed.pages) == 1
    assert "Lou Petit" in printed.pages[0].extract_text()
    person.reload()
    with person.expect_download() as found:
        person.get_by_role("link", name="Télécharger (PDF)").click()
    assert "Lou Petit" in PdfReader(BytesIO(found.value.path().read_bytes())).pages[0].extract_text()


def test_pages_of_a_series_have_no_fault(open_page, sign_in, transactional_db):
    from forums.mail import registration_links

    forum = series(
        (-HOUR / 2, 7 * DAY), chooses_sessions=True, mode="both", online_link=LINK, attestation_share=60
    )
    person = RegistrationFactory(forum=forum, checked_in_at=None)
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    day = f"/gestion/forums/{forum.slug}/presences/"
    addresses = [registration_links.page_path(person), f"{day}tableau/", day, f"{day}{person.key}/"]
    assert faults_of(page, addresses, look=out_of_reach) == []


def test_pages_of_a_series_are_drawn(opened, look, sign_in, transactional_db):  # noqa: F811
    from forums.mail import registration_links

    forum = series(
        (-7 * DAY, -HOUR / 2, 7 * DAY, 14 * DAY, 21 * DAY),
        chooses_sessions=True, mode="both", online_link=LINK, attestation_share=60, to_bring="Un ordinateur portable",
    )  # fmt: skip
    past, today, *_rest, last = sessions_of(forum)
    forum.sessions.filter(pk=last.pk).update(cancelled_at=timezone.now())
    people = [
        RegistrationFactory(forum=forum, name=name, checked_in_at=None)
        for name in ("Awa Diop", "Marie-Ève Saint-Onge-Latraverse", "Nguyễn Thị Ánh", "Zoé L’Écuyer")
    ]
    for person in people[:3]:
        person.attended_sessions.create(session=past, checked_in_at=past.starts_at)
    opened.goto(registration_links.page_path(people[0]))
    drawn(opened, "series-own", look)
    sign_in(opened, UserFactory(is_staff=True))
    opened.goto(f"/gestion/forums/{forum.slug}/presences/tableau/")
    drawn(opened, "series-table", look)
    opened.goto(f"/gestion/forums/{forum.slug}/presences/")
    drawn(opened, "series-door", look)
    # Of a coming series, whose form offers the sessions.
    coming = series((3 * DAY, 10 * DAY), chooses_sessions=True)
    opened.goto(f"/forums/{coming.slug}/inscription/")
    opened.get_by_label("Séance 1").scroll_into_view_if_needed()
    drawn(opened, "series-register", look)
