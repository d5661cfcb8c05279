"""The stock admin: what it shows, that it changes nothing, whatever the libraries ask for."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib import admin
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import AuditEntry, User
from accounts.sign_in.sessions import Session
from forums.models import Registration
from tests.factories import RegistrationFactory, UserFactory

# (add, change, delete), and the actions on rows that are ticked.
ALLOWED = {
    "accounts.user": ((False, False, False), set()),
    "account.emailaddress": ((False, False, False), set()),
    "procrastinate.procrastinatejob": ((False, False, False), set()),
}


@pytest.fixture
def request_of_superuser(rf, superuser):
    request = rf.get("/admin/")
    request.user = superuser
    return request


def rights(model_admin, request):
    return tuple(
        getattr(model_admin, f"has_{right}_permission")(request) for right in ("add", "change", "delete")
    )


def test_each_model_that_is_shown_has_its_row(request_of_superuser):
    found = {
        model._meta.label_lower: (
            rights(model_admin, request_of_superuser),
            set(model_admin.get_actions(request_of_superuser)),
        )
        for model, model_admin in admin.site._registry.items()
    }
    assert found == ALLOWED


@pytest.mark.parametrize("options", [{}, {"actions": ["delete_selected"]}])
def test_model_that_someone_registers_later_is_shown_by_no_accident(options):
    for model in apps.get_models():
        if model._meta.label_lower not in ALLOWED:
            admin.site.register(model, None, **options)
            assert not admin.site.is_registered(model), model


def test_class_of_a_library_is_read_only_whatever_it_says(request_of_superuser):
    class Generous(admin.ModelAdmin):
        actions = ["wipe"]
        list_editable = ("name",)
        list_display = ("email", "name")

        def has_delete_permission(self, request, obj=None):
            return True

        def wipe(self, request, queryset):
            queryset.delete()

    admin.site.unregister(User)
    try:
        admin.site.register(User, Generous)
        given = admin.site._registry[User]
        assert rights(given, request_of_superuser) == (False, False, False)
        assert given.get_actions(request_of_superuser) == {}
        assert given.has_view_permission(request_of_superuser)
    finally:
        admin.site.unregister(User)
        from accounts.admin import UserAdmin

        admin.site.register(User, UserAdmin)


@pytest.fixture
def rows(superuser):
    person = UserFactory(name="Lou Gagné", email="lou@exemple.example")
    RegistrationFactory(user=person, name="Lou Gagné", email=person.email)
    address = EmailAddress.objects.create(user=person, email="autre@exemple.example", verified=False)
    job = ProcrastinateJob.objects.create(
        queue_name="default", task_name="deliver_mail", priority=0, args={}, status="failed", attempts=1,
        abort_requested=False,
    ) if ProcrastinateJob.objects.model._meta.managed else None  # fmt: skip
    return {"accounts/user": person, "account/emailaddress": address} | ({"job": job} if job else {})


@pytest.mark.parametrize("model", ["accounts/user", "account/emailaddress"])
@pytest.mark.parametrize("act", ["delete", "change", "action", "verify"])
def test_nothing_is_deleted_changed_nor_verified(superuser_client, rows, model, act):
    row = rows[model]
    before = list(type(row).objects.order_by("pk").values())
    list_page, page = f"/admin/{model}/", f"/admin/{model}/{row.pk}/"
    if act == "delete":
        assert superuser_client.get(f"{page}delete/").status_code == 403
        assert superuser_client.post(f"{page}delete/", {"post": "yes"}).status_code == 403
    elif act == "change":
        answers = {"name": "X", "email": "x@exemple.example", "roles": "direction", "verified": "on"}
        extra = {"is_superuser": "on", "is_staff": "on", "user": row.pk, "language": "fr"}
        assert superuser_client.post(f"{page}change/", answers | extra).status_code == 403
    else:
        name = "delete_selected" if act == "action" else "make_verified"
        superuser_client.post(list_page, {"action": name, "_selected_action": [row.pk], "post": "yes"})
    assert list(type(row).objects.order_by("pk").values()) == before
    assert Registration.objects.filter(user=rows["accounts/user"]).exists()
    assert not AuditEntry.objects.exists()


def test_pages_show_and_lead_to_the_portal_s_own_acts(superuser_client, rows):
    person = rows["accounts/user"]
    for page in ("", f"{person.pk}/change/", f"{person.pk}/history/"):
        shown = superuser_client.get(f"/admin/accounts/user/{page}")
        assert shown.status_code == 200
        assert 'name="_save"' not in shown.text
        assert "/delete/" not in shown.text
        assert 'name="action"' not in shown.text
    assert (
        f'href="/gestion/personnes/{person.pk}/role/"'
        in superuser_client.get(f"/admin/accounts/user/{person.pk}/change/").text
    )
    address = rows["account/emailaddress"]
    assert superuser_client.get(f"/admin/account/emailaddress/{address.pk}/change/").status_code == 200


def test_password_is_changed_on_the_portal_s_page_alone(superuser_client, superuser):
    form = {"old_password": "une phrase assez longue", "new_password1": "encore une autre phrase"}
    answer = superuser_client.post("/admin/password_change/", form | {"new_password2": form["new_password1"]})
    assert answer.url == "/compte/mot-de-passe/changer/"
    superuser.refresh_from_db()
    assert superuser.check_password("une phrase assez longue")


def test_sessions_and_factors_are_shown_to_nobody(superuser_client):
    shown = superuser_client.get("/admin/").text
    assert not admin.site.is_registered(Session)
    for name in ("session", "authenticator", "group", "permission", "auditentry"):
        assert f"/{name}/" not in shown
