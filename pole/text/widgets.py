"""Django’s own fields of forms, written without their templates: a list of a thousand towns includes two for each of them.

Byte for byte what the templates of `django/forms/widgets/` give; those that are not here stay templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData

_FOLDER = "django/forms/widgets/"
_INPUTS = (
    *("text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox"),
    *("search", "tel", "color"),
)
_OPTIONS = {f"{_FOLDER}{name}_option.html" for name in ("select", "radio", "checkbox")}

type Widget = Mapping[str, Any]


def writer_of(template_name: str, widget: Widget) -> Callable[[Widget], str] | None:
    """What writes this field as its template would; None if only the template can."""
    writer = _WRITERS.get(template_name)
    options = (option for _group, each, _index in widget.get("optgroups", ()) for option in each)
    return writer if all(option["template_name"] in _OPTIONS for option in options) else None


def _input(widget: Widget) -> str:
    value = "" if widget.get("value") is None else f' value="{_formatted(widget["value"])}"'
    return (
        f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{value}{_attributes(widget)}>'
    )


def _textarea(widget: Widget) -> str:
    value = _text(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


def _select(widget: Widget) -> str:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        parts += [f"\n  {_option(option)}" for option in options]
        if group:
            parts.append("\n  </optgroup>")
    return "".join([*parts, "\n</select>"])


def _option(option: Widget) -> str:
    value, label = _formatted(option["value"]), _text(option["label"])
    return f'<option value="{value}"{_attributes(option)}>{label}</option>\n'


def _boxes(widget: Widget) -> str:
    """Boxes to tick, or round ones."""
    attributes = widget["attrs"]
    own = "".join(f' {name}="{_text(attributes[name])}"' for name in ("id", "class") if attributes.get(name))
    parts = [f"<div{own}>"]
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f"\n  <div><label>{_text(group)}</label>")
        parts += [f"<div>\n    {_box(option)}</div>" for option in options]
        if group:
            parts.append("\n  </div>")
    return "".join([*parts, "\n</div>"])


def _box(option: Widget) -> str:
    if not option.get("wrap_label"):
        return f"{_input(option)}\n\n\n"
    key = option["attrs"].get("id")
    of = f' for="{_text(key)}"' if key else ""
    return f"<label{of}>{_input(option)}\n {_text(option['label'])}</label>\n\n"


def _attributes(widget: Widget) -> str:
    return "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{_formatted(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _formatted(value: object) -> str:
    """As `stringformat:'s'`."""
    return str(value) if isinstance(value, SafeData) else escape(str(value))


def _text(value: object) -> str:
    """As `{{ value }}`."""
    return conditional_escape(value if isinstance(value, str) else str(localize(value)))


_WRITERS: dict[str, Callable[[Widget], str]] = {
    **{f"{_FOLDER}{name}.html": _input for name in _INPUTS},
    f"{_FOLDER}textarea.html": _textarea,
    f"{_FOLDER}select.html": _select,
    f"{_FOLDER}radio.html": _boxes,
    f"{_FOLDER}checkbox_select.html": _boxes,
}
