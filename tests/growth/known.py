"""What is asked for in `make test`, and what is known to grow."""

from __future__ import annotations

# Lists of the team, what they choose from, and what programs read: those that once grew.
LISTS = {
    "sitemap", "blog:feed", "robots",
    "staff:home", "staff:moderation", "staff:post_list", "staff:post_new", "staff:post_edit", "staff:page_list",
    "staff:author_list", "staff:people", "staff:listing_list", "staff:import_list", "staff:site_import_list",
    "staff:picture_list", "staff:picture_edit", "staff:document_list", "staff:first_steps",
}  # fmt: skip
GROWING: dict[str, str] = {}
