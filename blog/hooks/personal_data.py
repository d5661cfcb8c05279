"""A person's data in the blog: their author profile, which stays on their posts when the account is erased."""

from __future__ import annotations

from accounts.models import User
from accounts.privacy import Rows
from blog.models import Author


def data_of(user: User) -> dict[str, Rows]:
    fields = ("name", "role", "role_en", "note", "note_en")
    return {"signatures": list(Author.objects.filter(user=user).values(*fields))}


def erase(user: User) -> None:
    Author.objects.filter(user=user).update(user=None)
