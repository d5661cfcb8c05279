"""One text of the old site, written as a post or a page, with what it is filed under and who signed it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from blog import editing
from blog.models import Author, Page, Post, Tag
from blog.wordpress import prose
from blog.wordpress.known import Known, mark_of
from blog.wordpress.library import Library
from blog.wordpress.names import plain_name
from blog.wordpress.places import Places
from blog.wordpress.reading import Export, Item
from blog.wordpress.report import Report
from comments.models import Thread
from desk import pictures, publishing
from pole.text import plaintext, richtext, typography
from pole.text.languages import written_language
from pole.text.slugs import unused_slug

# Categories that say a kind; nobody files a post under « billets ».
KINDS = {
    name: kind for kind in Post.Kind if kind != Post.Kind.POST for name in (kind.value, f"{kind.value}s")
}
# WordPress files under it what nobody filed.
UNFILED = frozenset({"uncategorized", "non-classe", "non-categorise", "sans-categorie"})
LONGEST_TITLE = {"post": 160, "page": 120}
LONGEST_TAG, LONGEST_NAME, LONGEST_SUMMARY = 60, 80, 300
PUBLIC_STATES = frozenset({"publish", "future"})
# What keeps a text from being published, by its state, as the report says it.
DRAFT_STATES = {"draft": "draft", "auto-draft": "draft", "pending": "pending", "private": "private"}


@dataclass(frozen=True, slots=True)
class Choices:
    """Of whoever brings the site in. `language` is "fr", "en", or empty: as the site says, text by text."""

    keeps_state: bool = True
    language: str = ""


class Texts:
    def __init__(
        self, export: Export, known: Known, places: Places, library: Library, report: Report, choices: Choices
    ) -> None:
        self._export, self._known, self._places = export, known, places
        self._library, self._report, self._choices = library, report, choices
        self._titles = {item.key: item.title for item in export.items}
        self._positions = self._ordered_pages()

    def _ordered_pages(self) -> dict[str, int]:
        """Each page after its parent, those of one parent in the order that they had, after the pages of the hub."""
        pages = [item for item in self._export.items if item.kind == "page"]
        keys = {item.key for item in pages}
        below: dict[str, list[Item]] = {}
        for item in pages:
            below.setdefault(item.parent if item.parent in keys - {item.key} else "", []).append(item)
        last = Page.objects.order_by("-position").values_list("position", flat=True).first() or 0
        positions: dict[str, int] = {}
        waiting = sorted(below.get("", []), key=_rank, reverse=True)
        while waiting:
            item = waiting.pop()
            positions[item.key] = min(last + 1 + len(positions), 32_767)
            waiting += sorted(below.pop(item.key, []), key=_rank, reverse=True)
        return positions

    # --- A text ------------------------------------------------------------------------------------

    def write(self, item: Item) -> Post | Page:
        """Raises `ValidationError` for a text that can't be taken."""
        converted = prose.convert(
            item.body, self._places, key=item.key, footnotes=item.meta.get("footnotes", "")
        )
        notes = [(note.code, note.detail) for note in converted.notes]
        code = self._language_of(item, converted.markup)
        language = code if code in {"fr", "en"} else "fr"
        if code != language:
            notes.append(("language", code))
        body = pictures.refresh_pictures(richtext.clean_html(converted.markup, language=code))
        content: dict[str, object] = {
            "title": typography.fix_text(item.title, code)
            or ("Untitled" if language == "en" else "Sans titre"),
            "body": body,
        }
        row: Post | Page
        if item.kind == "post":
            content |= self._content_of_post(item, code, notes)
            row = Post(thread=Thread.objects.create(is_open=item.comments_open), language=language)
        else:
            content |= self._content_of_page(item, content, language, notes)
            row = Page(position=self._positions.get(item.key, 0))
        row.slug = self._places.slugs[item.key]
        self._begin(item, row, content, notes)
        self._known.record(item.kind, item.key, row, mark_of(item))
        for reason, detail in notes:
            self._report.add(reason, item.title, detail, row.get_edit_url())
        return row

    def _begin(
        self, item: Item, row: Post | Page, content: dict[str, object], notes: list[tuple[str, str]]
    ) -> None:
        title, longest = str(content["title"]), LONGEST_TITLE[item.kind]
        editing.begin(row, content, by=None)
        kept_back = self._why_kept_back(item)
        if len(title) > longest:
            # The draft has it whole; what visitors would read never is a part of it.
            row.title, kept_back = "", "title_long"
        row.save()
        row.apply_related_rows(content)
        if kept_back:
            notes.append((kept_back, str(len(title)) if kept_back == "title_long" else ""))
        elif self._choices.keeps_state:
            publishing.publish(owner=row, at=item.published_at, now=timezone.now())
            row.refresh_from_db()

    def _why_kept_back(self, item: Item) -> str:
        if item.has_password:
            return "password"
        if item.state in DRAFT_STATES:
            return DRAFT_STATES[item.state]
        return "" if item.published_at else "undated"

    def _language_of(self, item: Item, markup: str) -> str:
        """As asked; else as a plugin of languages says it; else as it is written, the site's own deciding when nothing does."""
        if self._choices.language:
            return self._choices.language
        told = next((term.slug for term in item.terms if term.domain == "language"), "").lower()[:2]
        if told:
            return told
        own = self._export.language.lower()[:2] or "fr"
        if own not in {"fr", "en"}:
            return own
        return written_language(f"{item.title} {richtext.plain_text(markup)}", own)

    def _content_of_page(
        self, item: Item, content: dict[str, object], language: str, notes: list[tuple[str, str]]
    ) -> dict[str, object]:
        if item.parent in self._titles and item.parent != "0":
            notes.append(("under", self._titles[item.parent]))
        # A page is French with, perhaps, an English text beside it: one that is in English alone is both.
        english = {"title_en": content["title"], "body_en": content["body"]}
        return english if language == "en" else {"title_en": "", "body_en": ""}

    def _content_of_post(self, item: Item, code: str, notes: list[tuple[str, str]]) -> dict[str, object]:
        kinds = [
            KINDS[word]
            for term in item.terms
            if term.domain == "category" and (word := kind_word(term.name)) in KINDS
        ]
        summary = typography.fix_text(plain_name(richtext.plain_text(richtext.sanitise(item.excerpt))), code)
        if len(summary) > LONGEST_SUMMARY:
            notes.append(("excerpt", ""))
        if item.is_sticky:
            notes.append(("sticky", ""))
        lead = self._library.items.get(item.meta.get("_thumbnail_id", ""))
        picture = self._library.picture(lead.file) if lead else None
        if lead and picture is None:
            notes.append(("lead_picture", lead.file.rpartition("/")[2]))
        return {
            "heading": "",
            "summary": summary if len(summary) <= LONGEST_SUMMARY else "",
            "kind": str(kinds[0] if kinds else Post.Kind.POST),
            "tags": sorted(self._tags(item)),
            "authors": self._authors(item),
            "lead_picture": picture.pk if picture else None,
            "documents": [],
        }

    # --- What it is filed under ---------------------------------------------------------------------

    def _tags(self, item: Item) -> set[int]:
        found = set()
        for term in item.terms:
            is_kind = term.domain == "category" and kind_word(term.name) in KINDS
            if term.domain not in {"category", "post_tag"} or is_kind or term.slug in UNFILED:
                continue
            if tag := self.tag(term.name, term.slug):
                found.add(tag.pk)
        return found

    def tag(self, name: str, slug: str) -> Tag | None:
        """A category is a tag here: the portal files posts under them alone."""
        name = typography.fix_text(name)
        if len(name) > LONGEST_TAG:
            self._report.add("name_long", name, len(name))
            return None
        if known := Tag.objects.filter(name__iexact=name).first():
            return known
        tag = Tag.objects.create(
            name=name, slug=unused_slug(slug or name, Tag.objects.all(), fallback="etiquette", max_length=50)
        )
        self._known.record("tag", tag.slug, tag)
        return tag

    def _authors(self, item: Item) -> list[int]:
        if not item.author:
            return []
        old = self._export.authors.get(item.author)
        name = typography.fix_text(plaintext.clean_line(old.name if old else plain_name(item.author)))
        if not name:
            return []
        if len(name) > LONGEST_NAME:
            self._report.add("name_long", name, len(name))
            return []
        author = Author.objects.filter(name=name).order_by("pk").first()
        if author is None:
            author = Author.objects.create(name=name)
            self._known.record("author", item.author, author)
        return [author.pk]


def _rank(item: Item) -> tuple[int, str]:
    return item.order, item.title.casefold()


def kind_word(name: str) -> str:
    return unused_slug(name, Tag.objects.none(), fallback="")
