"""What is asked for in `make test`, and what is known to grow."""

from __future__ import annotations

# Lists of the team, what they choose from, and what programs read: those that once grew.
LISTS = {
    "sitemap", "blog:feed", "robots",
    "staff:people", "staff:directory_queue", "staff:redirect_list", "staff:import_show", "staff:post_list", "staff:post_new", "staff:post_edit", "staff:page_list", "staff:author_list", "staff:listing_list",
    "staff:forum_edit",
    "admin:accounts_user_changelist", "admin:account_emailaddress_changelist",
    "admin:procrastinate_procrastinatejob_changelist",
    "staff:import_list", "staff:site_import_list", "staff:picture_list", "staff:picture_edit", "staff:document_list",
    "staff:first_steps", "staff:forum_list",
    "page", "forums:agenda", "forums:list", "forums:forum", "forums:priorities", "forums:round_results", "account_data_json",
}  # fmt: skip
# Those that still read more in a larger hub, and what of: whoever mends one takes it away.
GROWING = {
    "staff:room": "cards of a board, until it is full: two hundred",
    "staff:room_list": "cards of a board, until it is full: two hundred",
    "staff:draft_history": "versions of one text",
    "staff:round_open": "slips of a forum",
    "staff:round_list": "slips of a forum",
    "staff:reconciliation": "papers of a round",
    "staff:round_annul": "papers of a round",
    "staff:carton_list": "papers of a round",
    # Of one forum, one text, one priority: copies give it thousands, which no hub does. What is drawn is by pages.
    "forums:recommendations": "recommendations of one forum, counted",
    "forums:recommendation": "recommendations of one forum: which are beside it",
    "forums:followup": "answers to one priority",
    "blog:post": "comments on one post, counted",
    "comments:flag": "comments on one post: on which page is this one",
    "account_data_json": "what is theirs of the person who asks: all of it, that is what the file is for",
    # Read whole while a directory is small: an index costs more then.
    "staff:classify": "listings to classify after one",
    "staff:mention_review": "published names that look alike",
    "enterprises:export": "the keys of listings, when one changed since the file was made",
}
# Those that take more than the 60 ms at any size, and do not grow: what there is to do on a page of the team.
SLOW = {
    "staff:home": "thirty-five statements, among them those of the first steps",
    "staff:moderation": "the cards of what waits, and of the latest comments",
    "staff:forum_edit": "a long form, beside what is left to do",
}
