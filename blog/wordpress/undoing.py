"""Taking back what an import brought, as a whole; what someone changed since stays, and is said."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Model, Q

from accounts import journal
from accounts.models import User
from blog.models import Imported, OldAddress, Page, Post, SiteImport
from blog.wordpress.importing import Progress
from blog.wordpress.known import MODELS, stamp_of
from blog.wordpress.report import Report
from comments.models import Comment, Thread
from desk import pictures
from desk.models import Document, Draft, Picture

# Texts first: they hold the rest. Then what nothing uses any more.
ORDER = ("comment", "post", "page", "picture", "document", "author", "tag")
_COUNTED = {
    "comment": "commentaires",
    "post": "billets",
    "page": "pages",
    "picture": "images",
    "document": "documents",
}


def undo_import(site_import: SiteImport, *, progress: Progress, by: User | None = None) -> Report:
    """Each thing in a transaction of its own: begun again, it goes on."""
    report = Report()
    rows = [row for kind in ORDER for row in site_import.rows.filter(kind=kind).order_by("-pk")]
    kept_texts: set[tuple[str, int]] = set()
    for done, row in enumerate(rows, start=1):
        progress(done, len(rows), row.key)
        with transaction.atomic():
            _undo_row(row, report, kept_texts)
    with transaction.atomic():
        # Those of a text that stays stay with it.
        gone = site_import.old_addresses.exclude(target="")
        report.undone["adresses"] += gone.count()
        gone.delete()
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted((+report.undone).items()))
        journal.record(action="undone", kind="wordpress", key=site_import.pk, by=by, reason=counts)
    return report


def _undo_row(row: Imported, report: Report, kept_texts: set[tuple[str, int]]) -> None:
    found = MODELS[row.kind]._default_manager.select_for_update(of=("self",)).filter(pk=row.became).first()
    if found is not None:
        reason = _why_kept(row, found)
        if reason:
            # A name that posts still bear is no news.
            if row.kind in _COUNTED:
                report.add(reason, str(found), url=_url_of(found))
            return
        _remove(found)
        if row.kind in _COUNTED:
            report.undone[_COUNTED[row.kind]] += 1
    row.delete()


def _why_kept(row: Imported, found: Model) -> str:
    if row.stamp != stamp_of(found):
        return "kept_edited"
    if isinstance(found, Post | Page):
        # Those that were imported went before.
        said = Comment.objects.filter(thread=found.thread_id or 0)
        return "kept_answered" if said.exists() else ""
    if isinstance(found, Comment):
        answered = found.replies.exists() or found.flags.exists()
        return "kept_answered" if answered else "kept_edited" if _text_was_edited(row, found) else ""
    if isinstance(found, Picture | Document):
        return "kept_used" if pictures.is_used(found) else ""
    return "kept_used" if found.posts.exists() else ""  # type: ignore[attr-defined]  # a tag or an author


def _text_was_edited(row: Imported, comment: Comment) -> bool:
    """Comments stay with a text that stays."""
    of = (
        Post.objects.filter(thread=comment.thread_id).first()
        or Page.objects.filter(thread=comment.thread_id).first()
    )
    if of is None:
        return False
    kind = "post" if isinstance(of, Post) else "page"
    text = Imported.objects.filter(kind=kind, became=of.pk).first()
    if text is None or text.site_import_id != row.site_import_id:
        # A text of an earlier import: the comments that this one added go.
        return False
    foreign = Comment.objects.filter(thread=comment.thread_id).exclude(author=None)
    return text.stamp != stamp_of(of) or foreign.exists()


def _remove(found: Model) -> None:
    if isinstance(found, Post | Page):
        thread, draft = found.thread_id, found.draft_id
        OldAddress.objects.filter(Q(post=found) if isinstance(found, Post) else Q(page=found)).delete()
        found.delete()
        Thread.objects.filter(pk=thread or 0).delete()
        Draft.objects.filter(pk=draft).delete()
    elif isinstance(found, Picture | Document):
        pictures.remove(found)
    else:
        found.delete()


def _url_of(found: Model) -> str:
    get_url = getattr(found, "get_edit_url", None)
    return str(get_url()) if get_url else ""
