"""What the stock admin shows of people: to read. What is decided about them is decided under `/gestion/personnes/`."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the user model is a setting
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    # A generated column is no BooleanField: its values would be sought in every row.
    list_filter = (("is_staff", admin.BooleanFieldListFilter), "is_active")
    fields = ("email", "name", "language", "is_active", "roles_in_words", "is_superuser", "decisions")
    readonly_fields = ("roles_in_words", "decisions")

    @admin.display(description=_("Roles in the team"))
    def roles_in_words(self, person: User) -> str:
        return ", ".join(person.role_names) or "—"

    @admin.display(description=_("Roles, closing, erasure"))
    def decisions(self, person: User) -> SafeString:
        address = reverse("staff:person_role", args=[person.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("On the portal’s own page"))
