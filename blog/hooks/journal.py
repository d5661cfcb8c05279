"""What the team decides about signatures, and the site that it brought in, for its journal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts import journal
from blog.models import Author, OldAddress

AUTHORS = journal.DecisionKind(
    {
        "added": gettext_lazy("added a signature"),
        "changed": gettext_lazy("changed a signature"),
    },
    journal.rows_of(Author, "name", "staff:author_edit", "pk"),
    gettext_lazy("Signatures"),
    roles=("editorial",),
)
WORDPRESS = journal.DecisionKind(
    {
        "asked": gettext_lazy("asked for a WordPress site to be brought in"),
        "imported": gettext_lazy("brought a WordPress site in"),
        "undone": gettext_lazy("took back what came from a WordPress site"),
    },
    journal.page_at(gettext_lazy("Former site"), "staff:site_import_list"),
    gettext_lazy("WordPress"),
    roles=("editorial",),
)
REDIRECTS = journal.DecisionKind(
    {
        "redirect_added": gettext_lazy("led an old address somewhere"),
        "redirect_changed": gettext_lazy("led an old address somewhere else"),
        "redirect_removed": gettext_lazy("removed the redirect of an old address"),
    },
    journal.rows_of(OldAddress, "path", "staff:redirect_edit", "pk"),
    gettext_lazy("Old addresses"),
    roles=("editorial",),
)
