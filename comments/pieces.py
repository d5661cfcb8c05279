"""The comments of a conversation, as HTML (pole.text.markup)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comments.reading import ShownComment
from pole.server.routes import Route
from pole.templatetags.feedback import said_at
from pole.templatetags.typography import time_element
from pole.text.bilingual import current_language
from pole.text.markup import EMPTY, Markup, joined

_COMMENTS = Markup('<ol class="comments">{comments}</ol>')
_COMMENT = Markup(
    '<li class="comment" id="{anchor}">{said} <article class="stack stack--tight">{article}</article>{answers}</li> '
)
_WRITTEN = Markup(
    '<p class="comment__head"><span class="comment__author">{author}</span>'
    ' <a class="comment__date" href="#{anchor}">{date}</a>{notes}</p> <div class="comment__text">{text}</div>{actions}'
)
_NOT_SHOWN = Markup('<p class="quiet">{why}{moderate}</p>')
_EDITED = Markup(' <span class="comment__date">{text}</span>')
_HELD = Markup(' <span class="badge badge--warm">{text}</span>')
_ACTIONS = Markup('<p class="cluster small">{actions}</p>')
_ACTION = Markup('<a href="{address}">{text}</a>')
_QUIET_ACTION = Markup('<a class="quiet" href="{address}">{text}</a>')
_MODERATE = Markup(' <a class="small" href="{address}">{text}</a>')
_REPLY, _EDIT = Route("comments:reply"), Route("comments:edit")
_DELETE, _FLAG = Route("comments:delete"), Route("comments:flag")
_MODERATION = Route("staff:moderation")


def comments_html(comments: Iterable[ShownComment]) -> SafeString:
    """Those of a page, each with its answers."""
    return _COMMENTS(comments=joined([_comment(shown) for shown in comments]))


def _comment(shown: ShownComment) -> SafeString:
    return _COMMENT(
        anchor=shown.anchor,
        said=said_at(shown.anchor),
        article=_not_shown(shown) if shown.text is None else _written(shown, shown.text),
        answers=comments_html(shown.replies) if shown.replies else EMPTY,
    )


def _written(shown: ShownComment, text: SafeString) -> SafeString:
    return _WRITTEN(
        author=shown.author,
        anchor=shown.anchor,
        date=time_element(shown.written_at),
        notes=_notes(shown) if shown.has_notes else EMPTY,
        text=text,
        actions=_actions(shown) if shown.has_actions else EMPTY,
    )


def _not_shown(shown: ShownComment) -> SafeString:
    if shown.is_pending:
        why = _("The team is reading this comment.")
    elif shown.is_hidden:
        why = _("This comment was hidden by the team.")
    else:
        why = _("This comment was deleted by its author.")
    moderate = _MODERATE(address=_moderation_of(shown), text=_("Moderate")) if shown.can_moderate else EMPTY
    return _NOT_SHOWN(why=why, moderate=moderate)


def _notes(shown: ShownComment) -> SafeString:
    edited = _EDITED(text=_("edited")) if shown.is_edited else EMPTY
    held = _HELD(text=_("Held for review")) if shown.is_pending else EMPTY
    return joined([edited, held])


def _actions(shown: ShownComment) -> SafeString:
    language, actions = current_language(), []
    if shown.can_reply:
        actions.append(_ACTION(address=_REPLY(language, shown.key), text=_("Reply")))
    if shown.can_edit:
        actions.append(_ACTION(address=_EDIT(language, shown.key), text=pgettext("a comment", "Edit")))
    if shown.can_delete:
        actions.append(_ACTION(address=_DELETE(language, shown.key), text=_("Delete")))
    if shown.can_moderate:
        actions.append(_QUIET_ACTION(address=_moderation_of(shown), text=_("Moderate")))
    if shown.can_flag:
        actions.append(_QUIET_ACTION(address=_FLAG(language, shown.key), text=_("Flag")))
    return _ACTIONS(actions=joined(actions))


def _moderation_of(shown: ShownComment) -> str:
    return f"{_MODERATION(current_language())}?commentaire={shown.key}"
