"""The pages that the law or visitors expect, and the first post, for the first steps of a new hub."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blog.model_pages import expected_pages
from blog.models import Post
from pole.hooks.first_steps import FirstStep
from pole.models import Hub
from pole.text.richtext import left_to_complete


def pages() -> FirstStep:
    return FirstStep(
        title=_("Essential pages"),
        purpose=_(
            "Privacy, which the law requires, terms of use, accessibility, who you are and how to reach you."
        ),
        url=reverse("staff:first_step_pages"),
        action=_("Prepare the pages"),
        missing=list(_pages_missing()),
    )


def _pages_missing() -> Iterator[str]:
    hub = Hub.objects.first()
    if hub is None or not (hub.privacy_officer and hub.privacy_email):
        yield gettext("The title and the e-mail address of the privacy officer, on the page of the hub.")
    now = timezone.now()
    for _slug, title, page in expected_pages():
        name = {"title": title}
        if page is None:
            yield gettext("“%(title)s” is not written.") % name
        elif not page.is_public(now):
            yield gettext("“%(title)s” is a draft: read it, then publish it.") % name
        elif left_to_complete(page.body) or left_to_complete(page.body_en):
            yield gettext("“%(title)s” is published with something left to complete.") % name


def first_post() -> FirstStep:
    is_published = Post.objects.published(timezone.now()).exists()
    return FirstStep(
        title=_("First post"),
        purpose=_("A few lines to say that the portal is open, in French or in English."),
        url=reverse("staff:post_list") if is_published else reverse("staff:post_new"),
        action=_("See the posts") if is_published else _("Write the first post"),
        missing=[] if is_published else [_("A published post.")],
    )
