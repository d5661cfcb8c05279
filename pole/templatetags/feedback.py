"""What just happened: refusals, whose page says so in its title, and confirmations, beside what they are about.

`base.html` stands within `{% feedback %}`, which knows what the page below it showed. A page has the script of
feedback only when there is some, so that pages that are only read carry none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django import template
from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm, BoundField
from django.forms.formsets import DELETION_FIELD_NAME, BaseFormSet
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pole.refusals import is_refusal_drawn, place_of
from pole.text.plaintext import bare_label

register = template.Library()

# Where the messages that no other place took are written, once the page is known. What people write is escaped or
# sanitised: none of it holds a comment.
TOP_PLACE = mark_safe("<!-- messages -->")


@dataclass
class Page:
    """What the page that is being rendered has to say, and what it showed so far."""

    messages: list[Message] = field(default_factory=list)
    is_refused: bool = False
    has_feedback: bool = False
    summaries: int = 0

    def take(self, place: str | None = None) -> list[Message]:
        """The messages of `place`, or all that are left: they are shown once, even in the words of another."""
        taken = [each for each in self.messages if place is None or place_of(each) == place]
        self.messages = [each for each in self.messages if place is not None and place_of(each) != place]
        return taken

    def show(self, *, is_refused: bool) -> None:
        self.has_feedback = True
        self.is_refused = self.is_refused or is_refused

    def render_messages(self, place: str | None = None) -> SafeString:
        taken = self.take(place)
        if not taken:
            return SafeString("")
        refusals = [each for each in taken if each.level >= ERROR]
        self.show(is_refused=bool(refusals))
        others = [each for each in taken if each.level < ERROR]
        return render_to_string("components/messages.html", {"refusals": refusals, "messages": others})


_page: ContextVar[Page | None] = ContextVar("page", default=None)


class FeedbackNode(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self._found: dict[type[template.Node], list[template.Node]] = {}

    def get_nodes_by_type(self, nodetype: type[template.Node]) -> list[template.Node]:
        """Kept: `{% extends %}` asks for the blocks of `base.html` at each page."""
        found = self._found.get(nodetype)
        if found is None:
            found = self._found[nodetype] = super().get_nodes_by_type(nodetype)
        return found

    def render(self, context: Context) -> SafeString:
        page = Page()
        if is_refusal_drawn(context.get("request")):
            page.show(is_refused=True)
        token = _page.set(page)
        try:
            html: str = self.nodelist.render(context)
            if TOP_PLACE in html:
                html = html.replace(TOP_PLACE, page.render_messages(), 1)
        finally:
            _page.reset(token)
        if page.is_refused:
            html = html.replace("<title>", f"<title>{escape(_('Error:'))} ", 1)
        if page.has_feedback:
            script = format_html('<script type="module" src="{}"></script>', static("js/feedback.js"))
            html = f"{script}</body>".join(html.rsplit("</body>", 1))
        return SafeString(html)


@register.tag
def feedback(parser: Parser, token: Token) -> FeedbackNode:
    """`{% feedback %}…{% endfeedback %}`: around the whole of a page."""
    nodelist = parser.parse(("endfeedback",))
    parser.delete_first_token()
    return FeedbackNode(nodelist)


@register.simple_tag(takes_context=True)
def messages_at(context: Context, place: str = "") -> SafeString:
    """Where the messages said `at=place` stand; without a place, those that found none in the page."""
    if place:
        return said_at(place)
    page = _page.get()
    if page is None:
        return SafeString("")
    stored = context.get("messages")
    # Its length first: reading them would have the visitor's cookie or session written.
    page.messages = list(stored) if stored else []
    return TOP_PLACE if page.messages else SafeString("")


def said_at(place: str) -> SafeString:
    """`{% messages_at place %}`, for a function that writes HTML."""
    page = _page.get()
    return page.render_messages(place) if page and page.messages else SafeString("")


class Fault(NamedTuple):
    """One line of a summary: `target` is the id of the field to correct."""

    target: str
    label: str
    text: str


@register.simple_tag
def error_summary(*refused: Any, title: str = "") -> SafeString:
    """What is to be corrected in these forms, formsets or lists of them, each beside a link to its field."""
    faults = list(_faults_in(refused))
    return _summary(title, faults=faults) if faults else SafeString("")


def _summary(title: str, **shown: Any) -> SafeString:
    page = _page.get() or Page()
    page.show(is_refused=True)
    page.summaries += 1
    values = {"title": title, "prefix": _("Error:"), "id": f"a-corriger-{page.summaries}", **shown}
    return render_to_string("components/error_summary.html", values)


def _faults_in(refused: Iterable[Any]) -> Iterator[Fault]:
    for each in refused:
        if isinstance(each, BaseForm):
            yield from _faults_of_form(each)
        elif isinstance(each, BaseFormSet):
            yield from _faults_of_formset(each)
        elif isinstance(each, list | tuple):
            yield from _faults_in(each)


def _faults_of_formset(formset: BaseFormSet[Any]) -> Iterator[Fault]:
    if not formset.is_bound:
        return
    first = next((_first_id(form) for form in formset.forms if form.fields), "")
    yield from (Fault(first, "", str(error)) for error in formset.non_form_errors())
    for form in formset.forms:
        if not (formset.can_delete and getattr(form, "cleaned_data", {}).get(DELETION_FIELD_NAME)):
            yield from _faults_of_form(form)


def _faults_of_form(form: BaseForm) -> Iterator[Fault]:
    if not form.is_bound or not form.errors:
        return
    first = _first_id(form)
    yield from (Fault(first, "", str(error)) for error in form.non_field_errors())
    for bound in form:
        target = first if bound.is_hidden else input_id(bound)
        label = "" if bound.is_hidden else bare_label(bound.label)
        # « Remplissez le champ « Nom » » does not need it before.
        for error in map(str, bound.errors):
            yield Fault(target, "" if label in error else label, error)


def _first_id(form: BaseForm) -> str:
    """Of the field that people see first: what concerns the whole form leads there."""
    return next((input_id(bound) for bound in form if not bound.is_hidden), "")


def input_id(bound: BoundField) -> str:
    """The id of the field's only or first input: that of a group of choices is no input."""
    if not bound.field.widget.use_fieldset:
        return bound.id_for_label or bound.auto_id
    first = next(iter(bound.subwidgets), None)
    return (first.id_for_label if first else "") or bound.auto_id


class RefusedNode(template.Node):
    def __init__(self, nodelist: NodeList, title: FilterExpression | None) -> None:
        self.nodelist = nodelist
        self.title = title

    def render(self, context: Context) -> SafeString:
        title = self.title.resolve(context) if self.title else ""
        return _summary(title, body=self.nodelist.render(context))


@register.tag
def refused(parser: Parser, token: Token) -> RefusedNode:
    """`{% refused title %}…{% endrefused %}`: the same summary, in the words of its page, for what no form says."""
    _tag, *titles = token.split_contents()
    nodelist = parser.parse(("endrefused",))
    parser.delete_first_token()
    return RefusedNode(nodelist, parser.compile_filter(titles[0]) if titles else None)
