"""Whatever people type, in any form of the portal, is cleaned the same way before it is stored."""

from __future__ import annotations

import importlib
import pkgutil
import re
import unicodedata

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags

from blog.models import Author
from blog.offered import OtherAuthorsField
from desk.forms import RichTextField
from enterprises.forms.fields import LinksField
from pole.forms import SingleLineField, TypographyLineField, TypographyTextField
from pole.text import typography

PACKAGES = ("pole", "accounts", "comments", "desk", "blog", "enterprises", "forums")
# Compared with what the portal wrote, or matched whole by a pattern: never stored as it was typed.
NEVER_STORED = {
    "subject",
    "shown",
    "compared",
    "fingerprint",
    "serial",
    "word",
    "slug",
    "local",
    "translation_of",
    # A number.
    "price",
}
TYPED = "  E\u0301\x00te\u0301\x07 \u200bici\u202e\x7f\ufeff "
CLEAN = "Été ici"
HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202e\ufeff]")


def forms_of_the_house():
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if re.search(r"\.(forms|views)\b|forms$", module.name):
                importlib.import_module(module.name)
    found, todo = set(), [forms.BaseForm]
    while todo:
        todo += (kinds := todo.pop().__subclasses__())
        found |= {kind for kind in kinds if kind.__module__.split(".")[0] in PACKAGES}
    return sorted(found, key=lambda kind: (kind.__module__, kind.__qualname__))


def typed_fields():
    """Every field of text that is ours: allauth checks its own, and a password is kept to the byte."""
    return [
        pytest.param(field, id=f"{kind.__module__}.{kind.__qualname__}.{name}")
        for kind in forms_of_the_house()
        for name, field in getattr(kind, "base_fields", {}).items()
        if isinstance(field, forms.CharField)
        and not isinstance(field, forms.UUIDField)
        and name not in NEVER_STORED
        and kind.__module__ != "accounts.allauth_forms"
    ]


def test_forms_are_found():
    names = {param.id for param in typed_fields()}
    assert len(names) > 200
    assert {"forums.views.team.day_team.InviteForm.name", "pole.hub.forms.HubForm.tagline"} <= names


@pytest.mark.parametrize("field", typed_fields())
def test_typed_text_is_cleaned(field, db):
    if isinstance(field, forms.EmailField):
        typed, expected = "lou@exe\u200bmple\x07.exa\u202emple", "lou@exemple.example"
    elif isinstance(field, RichTextField):
        # The editor makes its value: a null character there is no slip of a person.
        with pytest.raises(ValidationError, match="invisible"):
            field.clean(TYPED)
        typed, expected = TYPED.replace("\x00", ""), CLEAN
    elif isinstance(field, (LinksField, forms.URLField)):
        typed, expected = "https://exe\u200bmple\x07.exa\u202emple/", "https://exemple.example/"
    elif isinstance(field, OtherAuthorsField):
        Author.objects.create(name=CLEAN)
        typed, expected = TYPED, CLEAN
    else:
        repeated = 1 + (field.min_length or 0) // len(CLEAN)
        typed, expected = " ".join([TYPED] * repeated), " ".join([CLEAN] * repeated)
    value = field.clean(typed)
    text = strip_tags("\n".join(map(str, value)) if isinstance(value, list) else value)
    assert (text, HIDDEN.search(text)) == (expected, None)
    assert unicodedata.is_normalized("NFC", text)


def test_length_is_that_of_the_text_with_its_typography():
    """A no-break space that typography adds counts: the column would refuse it."""
    with pytest.raises(ValidationError):
        TypographyLineField(max_length=4).clean("Oui!!")
    assert SingleLineField(max_length=4).clean("\u200bO\x00ui \u200b") == "Oui"


def test_text_far_too_long_is_refused_as_it_is(monkeypatch):
    """Typography takes a minute for what one request may hold."""
    assert TypographyLineField(max_length=4).clean("Oui...") == "Oui…"
    monkeypatch.setattr(typography, "fix_text", lambda *_: pytest.fail("Its typography was fixed."))
    with pytest.raises(ValidationError):
        TypographyTextField(max_length=10).clean("a\n" * 20)
