"""What the stock admin shows of people."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest


@admin.register(get_user_model())
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # the user model is a setting
    list_display = ("email", "name", "is_staff", "is_superuser", "is_active")
    search_fields = ("email", "name")
    list_filter = ("is_staff", "is_active")
    fields = ("email", "name", "language", "is_active", "is_staff", "is_superuser")
    # allauth keeps confirmed addresses in a table of its own.
    readonly_fields = ("email",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
