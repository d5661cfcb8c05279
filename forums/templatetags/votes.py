"""Votes on other pages: the bar of every page, the list on the page of an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from forums.models import Forum, Question, Round
from forums.tally import canonical
from forums.vote.methods.base import method_templates, sentence
from forums.vote.methods.judgment.grades import Grade, grade_of
from forums.vote.methods.ranking import method as ranking
from forums.vote.of_forum import votes_of
from forums.vote.open_rounds import open_votes
from pole.caching.public_pages import get_public_state
from pole.server.routes import Route
from pole.text.bilingual import current_language
from pole.text.markup import Markup

register = template.Library()


@register.simple_tag(takes_context=True)
def vote_bar(context: Context) -> SafeString | str:
    """« Vote en cours — Voter », on every page. No query while nothing public changes."""
    request = context.get("request")
    rounds = open_votes(get_public_state(request)) if request else ()
    return _bar(rounds[0] if len(rounds) == 1 else None) if rounds else ""


_BAR = Markup(
    '<aside class="vote-bar no-print" aria-label="{label}"><div class="wrap vote-bar__row"><p class="vote-bar__text">'
    '{text}{forum}</p><a class="vote-bar__link" href="{address}">{vote}</a></div></aside>'
)
_FORUM = Markup('<span class="vote-bar__forum"{lang}> – {title}</span>')
_VOTE, _FORUM_VOTE = Route("forums:vote"), Route("forums:forum_vote")


def _bar(only: Round | None) -> SafeString:
    """Of the votes that are open, or of the one that is."""
    under_way, language = _("Vote under way"), current_language()
    title = only.forum.shown_title if only else None
    return _BAR(
        label=under_way,
        text=_("Trial vote under way") if only and only.is_trial else under_way,
        forum=_FORUM(lang=title.lang_attr, title=title) if title is not None else "",
        address=_FORUM_VOTE(language, only.forum.slug) if only and only.is_consultation else _VOTE(language),
        vote=pgettext("verb", "Vote"),
    )


@register.filter
def state_at(round: Round, now: datetime) -> Round.State:
    return round.state_at(now)


@register.filter
def in_groups(digits: str) -> str:
    """A seal or another hash, as it is shown everywhere."""
    return canonical.in_groups(digits)


@register.filter
def method_template(question: Question, file: str) -> list[str]:
    """Where a template of the question's method is, for `include`."""
    return method_templates(question, file)


@register.simple_tag
def method_sentence(question: Question, name: str) -> str:
    return sentence(question, name)


@register.filter
def grade(value: int, grades: int) -> Grade:
    """The grade that a ballot or a result writes so, among so many: `{% with bien=3|grade:6 %}`."""
    return grade_of(grades, value)


@register.filter
def offered_ranks(question: Question) -> int:
    """Of a ranking whose ballot is drawn, how many ranks a ballot may give."""
    return ranking.offered_ranks(question)


@register.inclusion_tag("forums/vote/of_forum.html")
def forum_votes(forum: Forum) -> dict[str, Any]:
    """The votes of an event, as far as they are public, with their log and questions: one query, three when there are some."""
    return {
        "forum": forum,
        "rounds": votes_of(forum.pk),
        "now": timezone.now(),
        "language": current_language(),
    }
