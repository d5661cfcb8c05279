"""What staff send from the page of an import, read: each part of the page has its own answers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from enterprises.importing import answers
from enterprises.importing.answers import RowAnswer, TownAnswer, answers_of
from enterprises.importing.reading import municipality_label
from enterprises.models import Import, ImportRow, RowKind
from enterprises.views.import_rows import rows_asked
from pole.geo.gazetteer import Gazetteer, load_gazetteer
from pole.refusals import Refusal

_DECISION = re.compile(r"(create|leave_out|undo)|(update|branch):(-?\d{1,18})")
# For many rows at once: what each button does.
_TOGETHER = {"create": "create", "update": "update", "leave_out": "leave_out", "take": "undo"}


def save_part(request: HttpRequest, spreadsheet_import: Import, *, by: User) -> None:
    """Saves the part that was sent. Raises a `Refusal`."""
    posted, key = request.POST, spreadsheet_import.pk
    match posted.get("part", ""):
        case "columns":
            mapping = [posted.get(f"column-{at}", "") for at in range(len(spreadsheet_import.header))]
            answers.choose_columns(import_id=key, mapping=mapping)
        case "options":
            chosen = {name: name in posted for name in ("only_fills", "publishes", "applies_guesses")}
            answers.choose_options(import_id=key, **chosen)
        case "questions":
            _answer_questions(posted, key, by)
        case "rows":
            rows = rows_asked(request, spreadsheet_import)
            answers.answer_rows(import_id=key, answers=_rows(posted, rows), by=by)


class TownNotFound(Refusal):
    messages = {
        "town_not_found": _(
            "“%(name)s” is no municipality that the portal knows by this name: choose one of the list. The other answers are kept."
        )
    }


def _answer_questions(posted: QueryDict, key: int, by: User) -> None:
    """What is said of words and of towns is kept, even beside a town that nobody knows. Raises `TownNotFound`."""
    unknown: list[str] = []
    towns = list(_towns(posted, unknown))
    values = answers_of(_values(posted))
    answers.answer_questions(import_id=key, towns=towns, values=values, by=by)
    if unknown:
        raise TownNotFound(name=unknown[0])


def _towns(posted: QueryDict, unknown: list[str]) -> Iterator[TownAnswer]:
    """For each town asked: one of those proposed, another that was typed, or “out” to leave its rows out.

    What was typed and is no town is added to `unknown`.
    """
    gazetteer = None
    for at, written in enumerate(posted.getlist("written")[:1000]):
        code, typed = posted.get(f"town-{at}", ""), posted.get(f"other-{at}", "").strip()
        if typed:
            gazetteer = gazetteer or load_gazetteer()
            code = _town_typed(typed, gazetteer)
            if not code:
                unknown.append(typed[:60])
        elif code not in {"", "out"}:
            gazetteer = gazetteer or load_gazetteer()
            code = code if code in gazetteer.by_code else ""
        if code:
            yield TownAnswer(written, "" if code == "out" else code, f"former-{at}" in posted)


def _town_typed(typed: str, gazetteer: Gazetteer) -> str:
    """The code of a town of the list, which may bear the name of its MRC too, or of what was written otherwise; else ""."""
    of_list = (town.code for town in gazetteer.by_code.values() if municipality_label(town) == typed)
    if code := next(of_list, ""):
        return code
    found = gazetteer.find(typed).municipality
    return found.code if found else ""


def _values(posted: QueryDict) -> dict[str, list[str]]:
    """By "field:written", the codes chosen; “none” alone ignores the word, and nothing chosen leaves it unanswered."""
    found = {}
    for at, word in enumerate(posted.getlist("word")[:2000]):
        codes = list(dict.fromkeys(code for code in posted.getlist(f"value-{at}") if code))
        if codes:
            found[word] = [code for code in codes if code != "none"]
    return found


def _rows(posted: QueryDict, asked: QuerySet[ImportRow]) -> dict[int, RowAnswer]:
    """Of one button: what it does to the rows that are ticked, or to all of those asked; else each row's own choice."""
    action = _TOGETHER.get(posted.get("action", ""))
    if action:
        if posted.get("scope") != "all":
            asked = asked.filter(number__in=[int(each) for each in posted.getlist("row") if _is_number(each)])
        if action in {"create", "update"}:
            # What is already a listing, without doubt, is not made twice by a choice for many.
            asked = asked.filter(kind=RowKind.DUPLICATE)
        return dict.fromkeys(asked.values_list("number", flat=True), RowAnswer(action))
    found = {}
    for name, choice in posted.items():
        number = name.removeprefix("decision-")
        if number != name and _is_number(number) and choice != posted.get(f"was-{number}", ""):
            found[int(number)] = _row_answer(str(choice))
    return found


def _row_answer(choice: str) -> RowAnswer:
    found = _DECISION.fullmatch(choice)
    if not found:
        return RowAnswer("undo")
    return RowAnswer(found[1]) if found[1] else RowAnswer(found[2], int(found[3]))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9
