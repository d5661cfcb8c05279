"""What the stock admin shows of people. The journal has the roles that it gives and takes."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import User
from accounts.team.roles import record_changes, role_columns


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the user model is a setting
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    list_filter = ("is_staff", "is_active")
    fields = ("email", "name", "language", "is_active", "roles", "is_superuser")
    # allauth keeps confirmed addresses in a table of its own.
    readonly_fields = ("email", "roles")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        before = role_columns(User.objects.select_for_update().get(pk=obj.pk))
        super().save_model(request, obj, form, change)
        record_changes(obj, before=before, by=cast("User", request.user))

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        self.delete_queryset(request, User.objects.filter(pk=obj.pk))

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset.select_for_update():
            gone = User(pk=person.pk, is_active=False)
            record_changes(gone, before=role_columns(person), by=cast("User", request.user))
        super().delete_queryset(request, queryset)
