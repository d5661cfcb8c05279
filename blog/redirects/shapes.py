"""The shapes of WordPress's addresses, and what each is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# What may follow the address of anything, and shows a part of it, or the same otherwise.
_TAIL = re.compile(
    r"(?P<rest>/(?:.*/)?)(?:(?P<feed>feed(?:/(?:rss2?|atom|rdf|feed))?|rss2?|atom|rdf)|page/[0-9]{1,5}"
    r"|comment-page-[0-9]{1,5}|amp|embed|trackback)/\Z"
)
_FEED_FILES = re.compile(r"(?P<rest>/(?:.*/)?)(?:wp-)?(?:rss2?|atom|rdf|feed|commentsrss2)\.(?:php|xml)/?\Z")
_DATE = re.compile(
    r"(?P<rest>/(?:.*/)?)(?P<year>(?:19|20)[0-9]{2})(?:/(?:0[1-9]|1[0-2])(?:/[0-3][0-9])?)?/\Z"
)
_DATED = re.compile(r"/(?:.*/)?(?:19|20)[0-9]{2}/(?:0[1-9]|1[0-2])/(?:[0-3][0-9]/)?(?P<slug>[^/]+)/\Z")
_NUMBERED = re.compile(r"(?P<rest>/(?:.*/)?)archives/(?P<key>[0-9]{1,12})/\Z")
_FILED = re.compile(
    r"(?P<rest>/(?:.*/)?)(?P<base>category|categorie|catégorie|tag|etiquette|étiquette|mot-cle|author|auteur)"
    r"/(?:[^/]+/)*(?P<slug>[^/]+)/\Z"
)
_UPLOADS = re.compile(r"/(?:.*/)?(?:wp-content/uploads|files)/(?P<path>[^?]+\.\w{2,5})\Z")
_SIZE = re.compile(r"-(?:[0-9]{1,5}x[0-9]{1,5}|scaled|rotated)(?=\.\w+\Z)")
_EDITED = re.compile(r"-e[0-9]{10,14}(?=(?:-[0-9]{1,5}x[0-9]{1,5})?\.\w+\Z)")
_CANONICAL = {
    "categorie": "category", "catégorie": "category", "etiquette": "tag", "étiquette": "tag", "mot-cle": "tag", "auteur": "author",
}  # fmt: skip
_NUMBERS = {"p": "p", "page_id": "p", "attachment_id": "p", "cat": "cat", "author": "author"}
_WORDS = {"tag": "tag", "category_name": "category", "author_name": "author"}
# The parameters by which WordPress names what it shows, on its home page.
PARAMETERS = (*_NUMBERS, *_WORDS, "feed", "m", "paged", "s")


@dataclass(frozen=True, slots=True)
class Shape:
    """What an old address asks for. `paths` are those under which it may be stored, the best first."""

    paths: tuple[str, ...] = ()
    is_feed: bool = False
    # Of an archive by dates.
    year: str = ""
    # Of a text in an address with its date.
    slug: str = ""
    words: str = ""
    # A list, whose pages are cut otherwise here.
    is_list: bool = False
    # Whether only WordPress has such addresses.
    is_wordpress: bool = True


def shape_of(path: str, query: Mapping[str, str]) -> Shape:
    """Of a path without its language, and of the parameters that come with it."""
    folder, _index, after = path.partition("index.php")
    if _index and after in {"", "/"}:
        path = folder
    elif _index and folder.endswith("/") and after.startswith("/"):
        path = folder.rstrip("/") + after
    if asked := _asked(path, query):
        return asked
    if found := _UPLOADS.match(path):
        return Shape(paths=tuple(_file_paths(path, found["path"])))
    path = path if path.endswith("/") else f"{path}/"
    return _of_path(path)


def _asked(path: str, query: Mapping[str, str]) -> Shape | None:
    """What the parameters name, of whatever page."""
    base = path if path.endswith("/") else f"{path}/"
    if query.get("feed"):
        return Shape(is_feed=True)
    named = _named(base, query)
    if named or not set(query) & {"m", "s", "paged"}:
        return Shape(paths=(named,)) if named else None
    month = re.fullmatch(r"((?:19|20)[0-9]{2})[0-9]{0,4}", query.get("m", ""), re.ASCII)
    words = query.get("s", "").strip()[:200]
    is_list = query.get("paged", "").isdecimal()
    is_one = month or words or is_list
    return Shape(year=month[1] if month else "", words=words, is_list=is_list) if is_one else None


def _named(base: str, query: Mapping[str, str]) -> str:
    for name, stored in _NUMBERS.items():
        value = query.get(name, "")
        if value.isascii() and value.isdigit() and len(value) < 13:
            return f"{base}?{stored}={int(value)}"
    for name, stored in _WORDS.items():
        if value := query.get(name, "").strip("/")[:200]:
            return f"{base}{stored}/{value.rpartition('/')[2]}/"
    return ""


def _file_paths(path: str, below: str) -> Iterator[str]:
    """A width of a picture is the picture."""
    for name in dict.fromkeys((_SIZE.sub("", _EDITED.sub("", below)), _SIZE.sub("", below), below)):
        yield path.removesuffix(below) + name


def _of_path(path: str) -> Shape:
    if _FEED_FILES.match(path.rstrip("/")):
        return Shape(is_feed=True)
    if tail := _TAIL.match(path):
        return _of_tail(tail)
    if found := _FILED.match(path):
        base = _CANONICAL.get(found["base"], found["base"])
        return Shape(paths=(path, f"{found['rest']}{base}/{found['slug']}/"))
    if found := _NUMBERED.match(path):
        return Shape(paths=(path, f"{found['rest']}?p={int(found['key'])}"))
    dated, of_date = _DATED.match(path), _DATE.match(path)
    year = of_date["year"] if of_date else ""
    slug = dated["slug"] if dated and not of_date else ""
    return Shape(paths=(path,), year=year, slug=slug, is_wordpress=bool(dated or of_date))


def _of_tail(tail: re.Match[str]) -> Shape:
    rest = tail["rest"]
    if tail["feed"]:
        return Shape(paths=(rest,), is_feed=True)
    if rest == "/":
        return Shape(is_list=True)
    inner = _of_path(rest)
    return inner if inner.is_wordpress else Shape(paths=(rest,))
