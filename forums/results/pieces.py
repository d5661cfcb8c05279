"""Where priorities stand, and past forums in their list, as HTML (pole.text.markup)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.template.defaultfilters import linebreaksbr
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from forums.models import Answer, Forum, Priority, PriorityUpdate, Recommendation
from forums.recommendations.history import Genealogy
from forums.results.drawings import past_drawing
from forums.results.report import PriorityLine
from pole.files.drawings import drawing_html
from pole.server.routes import Route
from pole.templatetags.typography import capfirst, colon, full_date, long_date, ordinals
from pole.text.bilingual import current_language
from pole.text.markup import EMPTY, Markup, escaped, joined
from pole.text.typography import one_stop

# --- Priorities ------------------------------------------------------------------------------------------

_PRIORITY = Markup(
    ' <li class="priority" id="priorite-{key}"> <h{level} class="priority__title"{lang}>{title}</h{level}>'
    ' <p class="cluster"><span class="state" data-state="{state}">{state_label}</span> {track}</p>'
    " {text} {answers} {updates} </li> "
)
_TRACK = Markup('<span class="priority__track"{lang}>{title}</span>')
_TEXT = Markup('<p class="priority__text"{lang}>{text}</p>')
_ANSWERS = Markup('<ul class="answers" aria-label="{label}">{answers}</ul>')
_ANSWER = Markup(
    ' <li class="answer"> <p class="answer__who"><strong>{who}</strong> <span class="badge {badge}">{state}</span></p>'
    ' {text} <p class="small quiet">{body}{due}{answered}</p> </li> '
)
_ANSWER_TEXT = Markup("<p{lang}>{text}</p>")
_BODY = Markup("{label} <span{lang}>{body}</span> · ")
_DUE = Markup("{label} {day} · ")
_UPDATES = Markup('<ol class="updates" aria-label="{label}"> {updates} </ol>')
_UPDATE = Markup(
    '<li class="update"><time class="update__date" datetime="{machines}">{day}</time> <span{lang}>{text}</span></li>'
)


def progress_html(priorities: Iterable[Priority], level: int) -> SafeString:
    """Each under a heading of this level; with their updates and their confirmed answers."""
    return joined([_progress(priority, level) for priority in priorities])


def _progress(priority: Priority, level: int) -> SafeString:
    title, text = priority.shown_title, priority.shown_description
    track = priority.track.shown_title if priority.track else None
    answers, updates = priority.answers.all(), priority.updates.all()
    return _PRIORITY(
        key=priority.pk,
        level=level,
        lang=title.lang_attr,
        title=ordinals(title),
        state=priority.state,
        state_label=priority.state_label,
        track=_TRACK(lang=track.lang_attr, title=ordinals(track)) if track is not None else EMPTY,
        text=_TEXT(lang=text.lang_attr, text=linebreaksbr(text)) if text else EMPTY,
        answers=_ANSWERS(label=_("Answers"), answers=joined(map(_answer, answers))) if answers else EMPTY,
        updates=_UPDATES(label=_("Updates"), updates=joined(map(_update, updates))) if updates else EMPTY,
    )


def _answer(answer: Answer) -> SafeString:
    text, body = answer.shown_text, answer.shown_body
    day = escaped(full_date(answer.answered_at))
    return _ANSWER(
        who=answer.dossier.organisation,
        badge="badge--warm" if answer.state == "refused" else "badge--strong",
        state=answer.state_label,
        text=_ANSWER_TEXT(lang=text.lang_attr, text=linebreaksbr(text)) if answer.text else EMPTY,
        body=_BODY(label=_("Body responsible:"), lang=body.lang_attr, body=body) if answer.body else EMPTY,
        due=_DUE(label=_("Due:"), day=full_date(answer.due_on)) if answer.due_on else EMPTY,
        answered=SafeString(one_stop(_("Answered on %(day)s") % {"day": day})),
    )


def _update(update: PriorityUpdate) -> SafeString:
    return _UPDATE(
        machines=update.dated_on.isoformat(),
        day=full_date(update.dated_on),
        lang=update.shown_text.lang_attr,
        text=update.shown_text,
    )


# --- What a forum retained, on the page of its results -----------------------------------------------------

_RETAINED_PRIORITY = Markup(
    '<li class="priority priority--ranked" id="priorite-{position}"{value}>{rank}'
    ' <h{level} class="priority__title"{lang}>{title}</h{level}> {figure} {track} {text} {next} {origin} </li> '
)
_VALUE, _RANK = Markup(' value="{number}"'), Markup(' <span class="priority__rank">{number}</span>')
_FIGURE = Markup('<p class="priority__figure">{figure}{tied}</p>')
_TIED = Markup(" · {label}")
_TRACK_LINE = Markup('<p class="priority__track"{lang}>{title}</p>')
_NEXT = Markup(
    '<div class="priority__next"><p><span class="state" data-state="{state}">{state_label}</span></p> {latest} {follow}</div>'
)
_LATEST = Markup(
    '<p class="small"><time datetime="{machines}">{day}</time>{colon} <span{lang}>{text}</span></p>'
)
_FOLLOW = Markup(
    '<p class="small"><a href="{address}#priorite-{key}">{words}<span class="visually-hidden"> – {title}</span></a></p>'
)
_ORIGIN = Markup(
    '<details class="priority__origin"><summary>{label}</summary> <p><a href="{address}"{lang}>{title}</a></p> {genealogy}</details>'
)


def retained_html(
    lines: Iterable[PriorityLine], level: int, latest: Mapping[int, PriorityUpdate], followup: str
) -> SafeString:
    """Cards under headings of this level; `latest` is the last update of each priority, by its key; `followup` an address, or none."""
    return joined([_retained(line, level, latest.get(line.priority.pk), followup) for line in lines])


def _retained(line: PriorityLine, level: int, latest: PriorityUpdate | None, followup: str) -> SafeString:
    priority, row = line.priority, line.row
    title, text = priority.shown_title, priority.shown_description
    track = priority.track.shown_title if priority.track else None
    tied = _TIED(label=_("tied")) if row and row.is_tied else EMPTY
    return _RETAINED_PRIORITY(
        position=priority.position,
        value=_VALUE(number=line.number) if line.number else EMPTY,
        rank=_RANK(number=line.number) if line.number else EMPTY,
        level=level,
        lang=title.lang_attr,
        title=ordinals(title),
        figure=_FIGURE(figure=ordinals(row.figure), tied=tied) if row else EMPTY,
        track=_TRACK_LINE(lang=track.lang_attr, title=ordinals(track)) if track is not None else EMPTY,
        text=_TEXT(lang=text.lang_attr, text=linebreaksbr(text)) if text else EMPTY,
        next=_NEXT(
            state=priority.state,
            state_label=priority.state_label,
            latest=_latest(latest) if latest else EMPTY,
            follow=_FOLLOW(address=followup, key=priority.pk, words=_("Follow this priority"), title=title)
            if followup
            else EMPTY,
        ),
        origin=_origin(line.recommendation, line.genealogy) if line.recommendation else EMPTY,
    )


def _latest(update: PriorityUpdate) -> SafeString:
    return _LATEST(
        machines=update.dated_on.isoformat(),
        day=capfirst(full_date(update.dated_on)),
        colon=colon(),
        lang=update.shown_text.lang_attr,
        text=update.shown_text,
    )


def _origin(recommendation: Recommendation, genealogy: Genealogy | None) -> SafeString:
    title = recommendation.shown_title
    return _ORIGIN(
        label=_("Origin of the recommendation"),
        address=recommendation.get_absolute_url(),
        lang=title.lang_attr,
        title=ordinals(title),
        genealogy=render_to_string("forums/_genealogy.html", {"genealogy": genealogy}),
    )


# --- Past forums -----------------------------------------------------------------------------------------

_PAST = Markup(
    '<li class="past-forum">{drawing} <div class="stack stack--tight"> <h3 class="entry__title"><a href="{address}"{lang}>{title}</a></h3>'
    ' <p class="entry__meta"><time datetime="{machines}">{day}</time>{place}{cancelled}</p> {summary} {results} </div> {retained} </li> '
)
_PLACE = Markup(" · {venue}{comma}{municipality} ")
_CANCELLED = Markup(' · <span class="badge badge--warm">{label}</span>')
_SUMMARY = Markup("<p{lang}>{text}</p>")
_RESULTS = Markup(
    '<p><a href="{address}">{words}<span class="visually-hidden"{lang}> – {title}</span></a></p>'
)
_RETAINED = Markup('<ul class="retained"> {priorities} </ul>')
_RETAINED_ONE = Markup("<li{lang}>{title}</li>")
_FORUM, _RESULTS_PAGE = Route("forums:forum"), Route("forums:results")


def past_forum_html(forum: Forum, stage: Forum.Stage) -> SafeString:
    title, summary = forum.shown_title, forum.shown_summary
    has_results = stage == Forum.Stage.RESULTS
    return _PAST(
        drawing=drawing_html(past_drawing(forum), "thumb past-forum__drawing"),
        address=_FORUM(current_language(), forum.slug),
        lang=title.lang_attr,
        title=ordinals(title),
        machines=forum.starts_for_machines,
        day=capfirst(long_date(forum.starts_at)),
        place=_place(forum),
        cancelled=_CANCELLED(label=str(stage.label)) if stage == Forum.Stage.CANCELLED else EMPTY,
        summary=_SUMMARY(lang=summary.lang_attr, text=summary) if summary else EMPTY,
        results=_results(forum) if has_results else EMPTY,
        retained=_retained_by(forum) if has_results else EMPTY,
    )


def _place(forum: Forum) -> SafeString:
    town = str(forum.municipality) if forum.municipality else ""
    if not (forum.venue or town):
        return EMPTY
    return _PLACE(venue=forum.venue, comma=", " if forum.venue and town else "", municipality=town)


def _results(forum: Forum) -> SafeString:
    title = forum.shown_title
    return _RESULTS(
        address=_RESULTS_PAGE(current_language(), forum.slug),
        words=_("Read the results"),
        lang=title.lang_attr,
        title=title,
    )


def _retained_by(forum: Forum) -> SafeString:
    priorities = joined(
        _RETAINED_ONE(lang=each.shown_title.lang_attr, title=ordinals(each.shown_title))
        for each in forum.results.priorities.all()
    )
    return _RETAINED(priorities=priorities) if priorities else EMPTY
