"""JSON-LD inside a page: `<script type="application/ld+json">`, which no browser runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString, mark_safe

# So that no value can close the script element.
_ESCAPES = (
    (">", "\\u003E"),
    ("<", "\\u003C"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)
_encoder = json.JSONEncoder(ensure_ascii=False)


def script_json(data: Mapping[str, Any]) -> SafeString:
    """What to put between the tags of the element."""
    text = _encoder.encode(data)
    # `translate` would look at each character.
    for sign, escape in _ESCAPES:
        text = text.replace(sign, escape)
    return mark_safe(text)  # noqa: S308 - escaped above
