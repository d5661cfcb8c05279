"""The messages of the code, and the catalogues of `locale/` that hold them in both languages.

In place of `makemessages`, which writes the number of each line, wraps what it did not write, guesses ("fuzzy")
and dates the file: here a catalogue changes where its messages do, in the order of the messages.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po
from django.core.management import CommandError
from django.template import TemplateSyntaxError, engines
from django.utils.translation.template import templatize

LANGUAGES = ("fr", "en")
SOURCES = ("pole", "accounts", "comments", "desk", "enterprises", "forums", "blog", "templates")
KEYWORDS = (
    "gettext_lazy", "ngettext_lazy:1,2", "pgettext:1c,2", "npgettext:1c,2,3", "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3", "gettext_noop", "_",
)  # fmt: skip


def catalogue_path(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def message_key(message: Message) -> tuple[str, str]:
    """The key of a message for gettext: its singular, and its context."""
    return str(message.id[0] if isinstance(message.id, tuple) else message.id), message.context or ""


def messages_of(catalogue: Catalog) -> Iterator[Message]:
    """Every message but the header."""
    return (message for message in catalogue if message.id)


def by_key(catalogue: Catalog) -> dict[tuple[str, str], Message]:
    return {message_key(message): message for message in messages_of(catalogue)}


def is_complete(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(strings) and not message.fuzzy


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


class SourceError(CommandError):
    """A file whose messages can't be read, which the message names: no catalogue was changed."""


def _prepared_template(path: Path, name: str) -> str:
    """A template as xgettext reads it. Compiled first: an unclosed tag would hide the messages after it."""
    try:
        text = path.read_text(encoding="utf-8")
        engines["django"].from_string(text)
        return templatize(text, origin=name)
    except (UnicodeDecodeError, TemplateSyntaxError, SyntaxError) as error:
        raise SourceError(f"{name}: {error}") from error


def extract_messages(root: Path) -> Catalog:
    """Every message of the code, each with its files: by GNU gettext, after Django's own template preparation.

    Raises `SourceError`.
    """
    names: list[str] = []
    with TemporaryDirectory() as temporary:
        prepared = Path(temporary)
        for folder in SOURCES:
            for path in sorted((root / folder).rglob("*")):
                name = path.relative_to(root)
                if path.suffix in {".html", ".txt", ".xml"}:
                    text = _prepared_template(path, str(name))
                    (prepared / name).parent.mkdir(parents=True, exist_ok=True)
                    (prepared / name).write_text(text, encoding="utf-8")
                elif path.suffix != ".py" or "migrations" in name.parts:
                    continue
                names.append(name.as_posix())
        command = ["xgettext", "--language=Python", "--from-code=UTF-8", "--output=-", "--files-from=-"]
        command += ["--add-location=file", "--add-comments=Translators"]
        command += [f"--directory={folder}" for folder in (prepared, root)]
        command += [f"--keyword={keyword}" for keyword in KEYWORDS]
        listed = "".join(f"{name}\n" for name in names).encode()
        done = subprocess.run(command, input=listed, capture_output=True, check=False)  # noqa: S603 - a fixed command
    if done.returncode:
        raise SourceError(done.stderr.decode(errors="replace").strip())
    output = done.stdout
    # The header that xgettext leaves to be filled in can't be read as it is.
    output = output.replace(b"charset=CHARSET", b"charset=UTF-8")
    output = output.replace(b"nplurals=INTEGER; plural=EXPRESSION", b"nplurals=2; plural=(n > 1)")
    return read_po(BytesIO(output))


def updated_text(path: Path, used: Catalog, language: str) -> str:
    """The file's new text, for the messages `used`: translations stay; a new message is its own English."""
    old = by_key(read_catalogue(path))
    new = Catalog(locale=language)
    # By message, not by file: a module that moves changes its own `#:` lines.
    for key, message in sorted(by_key(used).items()):
        previous = old.get(key)
        is_plural = isinstance(message.id, tuple)
        string = previous.string if previous and isinstance(previous.id, tuple) == is_plural else None
        if string is None:
            string = message.id if language == "en" else ("", "") if is_plural else ""
        new.add(
            message.id,
            string,
            context=message.context,
            locations=sorted({(file, 0) for file, _line in message.locations}),
            # The flags that xgettext sets; "fuzzy" is a flag of the translation, left for `check_locale` to refuse.
            flags=(message.flags - {"fuzzy"}) | ({"fuzzy"} if previous and previous.fuzzy else set()),
            auto_comments=message.auto_comments,
            user_comments=previous.user_comments if previous else (),
        )
    body = BytesIO()
    write_po(body, new, width=0, omit_header=True, include_lineno=False)
    header = path.read_text(encoding="utf-8").split("\n\n", 1)[0]
    return f"{header.rstrip()}\n\n{body.getvalue().decode().strip()}\n"
