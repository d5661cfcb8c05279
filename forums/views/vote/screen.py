"""The projector page: turnout while people vote, then the priorities from the last to the first."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from forums.models import Question, Round
from forums.printing.qr import as_svg
from forums.results import sentences
from forums.tally.outcome import from_json
from forums.views.vote.pages import forbid_storage, get_round_or_404, results_url
from forums.vote.casting import questions_of
from forums.vote.methods.base import ResultRow, sentence
from forums.vote.methods.registry import method_of
from forums.vote.reconciliation import Reconciliation
from forums.vote.screen_state import cached_screen_state, screen_figures
from pole.caching.in_process import BoundedCache, process_cache

# What the projected codes open: public addresses, of which each round has one.
_codes: BoundedCache[str, SafeString] = process_cache(limit=20)


@dataclass(frozen=True, slots=True)
class RevealedQuestion:
    """One question's retained options in order, or what was decided."""

    question: Question
    priorities: list[ResultRow]
    verdict: str
    is_adopted: bool
    ties: list[str]
    nothing_retained: str
    empty_places: str


@require_safe
def round_screen(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    round = get_round_or_404(slug, number)
    state = round.state_at(timezone.now())
    is_sealed = state == Round.State.SEALED
    address = _voting_url(round)
    revealed = _revealed_questions(round) if is_sealed else []
    shown = {} if is_sealed else screen_figures(round)
    context = {
        "round": round,
        "forum": round.forum,
        "state": state.value,
        # As screen.js compares it with what it polls.
        "fixed": json.dumps(shown.get("fixed"), ensure_ascii=False, separators=(",", ":")),
        "retains": any(not each.verdict for each in revealed),
        "shown": shown,
        "questions": questions_of(round) if round.opened_at else (),
        "revealed": revealed,
        "counts": Reconciliation.from_json(round.box.reconciliation) if is_sealed else None,
        "results_url": results_url(round),
        "address": address.partition("://")[2],
        "qr": _codes.get_or_make(address, partial(as_svg, address)) if state == Round.State.OPEN else "",
    }
    return forbid_storage(render(request, "forums/vote/screen.html", context))


@require_safe
def round_screen_state(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """A few bytes of JSON, or 304 while nothing has changed. Neither session nor template."""
    state = cached_screen_state(slug, number)
    if state is None:
        raise Http404
    response = get_conditional_response(request, etag=state.etag) or HttpResponse(
        state.body, content_type="application/json"
    )
    response.headers["ETag"] = state.etag
    # By which a page knows an answer that is older than itself.
    response.headers["Age"] = str(state.age)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _voting_url(round: Round) -> str:
    """What the QR opens: where codes are typed, or the vote itself for those who have none."""
    if round.public == Round.Public.ACCOUNTS:
        return f"{settings.BASE_URL}{reverse('forums:forum_vote', args=[round.forum.slug])}"
    return f"{settings.BASE_URL}{reverse('forums:vote')}"


def _revealed_questions(round: Round) -> list[RevealedQuestion]:
    outcome = from_json(round.box.outcome)
    questions = {question.position: question for question in questions_of(round)}
    is_small = not round.box.text
    found = []
    for each in outcome.questions:
        question = questions[each.position]
        rows = method_of(question).rows(question, each)
        retained = [replace(row, is_small=is_small) for row in rows if row.place]
        titles = {option.number: option.shown_title for option in question.options.all()}
        verdict = sentences.describe_verdict(question, each)
        retained.sort(key=lambda row: row.place or 0)
        is_adopted = bool(each.detail.get("adopted"))
        found.append(
            RevealedQuestion(
                question=question,
                priorities=retained,
                verdict=verdict,
                is_adopted=is_adopted,
                ties=sentences.describe_ties(question, each, titles, is_small=is_small),
                nothing_retained=sentences.describe_nothing_retained(question, each),
                empty_places=sentence(question, "empty_places", outcome=each),
            )
        )
    return found
