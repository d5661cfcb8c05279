"""The original of a translation, looked up by its title or its address: no list of every post in a page."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from blog.models import Post, PostQuerySet
from pole.forms import SingleLineField
from pole.text.matching import matching_text

MAX_FOUND = 10
_ADDRESS = re.compile(r"(?:^|/)billets/([\w-]+)/?$")


def originals(words: str = "", *, but: int | None = None) -> PostQuerySet:
    """The posts that are no translation themselves and whose title holds every one of `words`, the latest first."""
    posts: PostQuerySet = Post.objects.filter(translation_of=None).exclude(pk=but or 0)
    return matching_text(posts, words, "title").only("slug", "title", "language").order_by("-pk")


def address_of(post: Post) -> str:
    return f"/billets/{post.slug}/"


class OriginalField(SingleLineField):
    """A post, typed as its title, or as its address when another one has the same title."""

    # Set by the form: a post is no translation of itself.
    but: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "list": "originaux",
            "data-originals": reverse_lazy("staff:post_originals"),
            "autocomplete": "off",
        }
        help_text = _("Its title, or its address. Empty: this text is no translation.")
        super().__init__(
            required=False, max_length=300, widget=forms.TextInput(attrs=attrs), help_text=help_text, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, (int, Post)):
            return value
        post = originals().filter(pk=getattr(value, "pk", value)).first()
        if post is None:
            return ""
        is_alone = originals(but=self.but).filter(title=post.title).count() == 1
        return post.title if is_alone else address_of(post)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = self._found(typed)
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("No post has this title or this address."), code="unknown")
        shown = " · ".join(f"{post.title} ({address_of(post)})" for post in found)
        raise ValidationError(
            _("Several posts are called so. Write the address of the one: %(posts)s"),
            params={"posts": shown},
            code="several",
        )

    def _found(self, typed: str) -> list[Post]:
        """By its address, else its whole title, its number, or words of its title."""
        posts = originals(but=self.but)
        if address := _ADDRESS.search(typed):
            return list(posts.filter(slug=address[1]))
        by_key = posts.filter(pk=int(typed)) if re.fullmatch(r"[0-9]{1,9}", typed) else posts.none()
        by_words = originals(typed, but=self.but)
        lists = (posts.filter(title__iexact=typed), by_key, by_words)
        return next((found for each in lists if (found := list(each[:MAX_FOUND]))), [])
