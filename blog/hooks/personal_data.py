"""What the texts of the hub hold of a person: the signature of those who write, which stays with the texts."""

from __future__ import annotations

from accounts.models import User
from accounts.privacy import Rows
from blog.models import Author


def data_of(user: User) -> dict[str, Rows]:
    fields = ("name", "role", "role_en", "note", "note_en")
    return {"signatures": list(Author.objects.filter(user=user).values(*fields))}


def erase(user: User) -> None:
    Author.objects.filter(user=user).update(user=None)
