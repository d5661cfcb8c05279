"""Recommendations in their list, as HTML (pole.text.markup)."""

from __future__ import annotations

from django.template.defaultfilters import truncatewords
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forums.models import Recommendation
from pole.templatetags.typography import ordinals
from pole.text.markup import EMPTY, Markup

EXCERPT_WORDS = 40

_ENTRY = Markup(
    '<li class="entry recommendation"> <h2 class="recommendation__title"><a href="{address}"{lang}>{title}</a></h2>'
    " {excerpt} {facts} {reason} </li>"
)
_EXCERPT = Markup('<p class="recommendation__excerpt"{lang}>{text}</p>')
_REASON = Markup('<p class="small">{label} {reason}</p>')
_FACTS = Markup(
    '<p class="recommendation__facts"><span class="kind" data-kind="{kind}">{label}</span>{track}{author}{origins}</p>'
)
_TRACK = Markup(" <span{lang}>{title}</span>")
_FACT = Markup(" <span>{text}</span>")


def entry_html(recommendation: Recommendation, origins: int) -> SafeString:
    """With an excerpt; `origins`: how many proposals it brings together, itself included."""
    title, text = recommendation.shown_title, recommendation.shown_description
    is_refused = recommendation.state == Recommendation.State.REFUSED
    return _ENTRY(
        address=recommendation.get_absolute_url(),
        lang=title.lang_attr,
        title=ordinals(title),
        excerpt=_EXCERPT(lang=text.lang_attr, text=truncatewords(text, EXCERPT_WORDS)) if text else EMPTY,
        facts=facts_html(recommendation, origins),
        reason=_REASON(label=_("Reason:"), reason=recommendation.refusal_reason) if is_refused else EMPTY,
    )


def facts_html(recommendation: Recommendation, origins: int) -> SafeString:
    """Its kind, its track, who proposed it, and how many proposals it brings together."""
    track = recommendation.track.shown_title if recommendation.track else None
    author = recommendation.shown_author
    together = ngettext(
        "%(total)s proposal brought together", "%(total)s proposals brought together", origins
    )
    return _FACTS(
        kind=recommendation.kind,
        label=str(Recommendation.Kind(recommendation.kind).label),
        track=_TRACK(lang=track.lang_attr, title=ordinals(track)) if track is not None else EMPTY,
        author=_FACT(text=author) if author else EMPTY,
        origins=_FACT(text=together % {"total": origins}) if origins > 1 else EMPTY,
    )
