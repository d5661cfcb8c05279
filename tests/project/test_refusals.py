"""What the domain refuses has one base, and each refusal a code of its own and a sentence in French."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.utils.translation import gettext_lazy, override

from pole.refusals import Refusal, refusal_shown

PACKAGES = ("pole", "accounts", "comments", "desk", "blog", "enterprises", "forums")
# Exceptions that refuse nothing to a visitor nor to the team.
OTHERS = {
    "TookTooLong": "a disk or a server that never answers: the state of the portal says it",
    "Refusal": "the base",
    "UnknownFilter": "an address that the agenda never gave: it answers 404",
    "BeingMade": "the file of a large directory: the page says when it is ready",
    "DryRunRollback": "rolls back what was only tried",
    "ImportCancelled": "stops a run from the inside",
    "TrialStopped": "stops a trial from the inside",
    "Refused": "what a file of a former site is not: the report says it",
    "Truncated": "stops the reading of a cut file from the inside",
    "BadArchive": "what a zip of pictures is not: the form says it",
    "TryAgain": "tells the queue when a mail is tried again",
    "ClockJumped": "a task that erases fails, and the team is told",
    "NoTurnError": "for Django, a client that is gone",
    "_Undone": "ends a trial of a restore from the inside",
    "Verdict": "what the state of the portal says, with what to do",
    "AccountError": "for whoever runs a command",
    "BackupError": "for whoever runs a command",
    "NotAnExport": "for whoever runs a command",
    "PostgresError": "for whoever runs a command",
    "RunError": "for whoever runs a command",
    "TerritoryFileError": "for whoever runs a command",
    "Undecided": "for the programmer of a prepared query",
    "BoxError": "the tally imports nothing of the portal",
    "BallotFault": "each method of voting has its sentences, in its templates",
}
# What a page explains, or shows, better than a sentence.
WITHOUT_SENTENCE = {
    *(
        "nobody",
        "reading_over",
        "other_forum",
        "other_voter",
        "slip_void",
        "on_paper",
        "receipt_needed",
        "stale",
    ),  # forums/vote/no.html
    "ballot_refused",  # the ballot again, its faults marked
    *("link_refused", "link_expired", "invitation_expired", "team_invitation_over"),
    *("listing_merged", "recommendation_saved_since"),  # both texts, side by side
}


class Any2(dict):
    """Any value that a sentence wants."""

    def __missing__(self, name):
        return 2


def trees():
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR), ast.parse(path.read_text(encoding="utf-8"))


def refusals():
    """Every class of refusal, its module imported."""
    for path, tree in trees():
        if any(isinstance(node, ast.ImportFrom) and node.module == "pole.refusals" for node in tree.body):
            import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
    found, waiting = [], [Refusal]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return [kind for kind in found if kind.__module__.split(".")[0] in PACKAGES]


def is_builtin_exception(base):
    kind = getattr(builtins, base.id, None) if isinstance(base, ast.Name) else None
    return isinstance(kind, type) and issubclass(kind, BaseException)


def test_what_is_refused_has_one_base():
    direct = {
        node.name
        for _path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(map(is_builtin_exception, node.bases))
    }
    assert direct == set(OTHERS)


def test_each_refusal_has_a_code_of_its_own():
    kinds = refusals()
    own = Counter(code for kind in kinds for code in vars(kind).get("messages", {}))
    assert len(own) > 60
    assert [
        code for code, times in own.items() if times > 1 or not re.fullmatch("[a-z]+(_[a-z]+)*", code)
    ] == []
    # The rest is a base, which is never raised itself.
    assert [kind for kind in kinds if not kind.messages and not kind.__subclasses__()] == []


def test_each_refusal_says_why_in_french():
    unsaid, same = set(), []
    for kind in refusals():
        for code, sentence in vars(kind).get("messages", {}).items():
            if not sentence:
                unsaid.add(code)
                continue
            if sentence == "%(sentence)s":
                # Said by a template of the method of voting.
                continue
            with override("en"):
                english = sentence % Any2()
            with override("fr"):
                if sentence % Any2() == english:
                    same.append(code)
    assert unsaid == WITHOUT_SENTENCE
    assert same == []


def test_a_code_that_is_raised_has_its_sentence():
    codes = {}
    for kind in refusals():
        codes.setdefault(kind.__name__, set()).update(kind.messages)
    unknown = [
        f"{path}: {node.func.id} {node.args[0].value}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in codes
        if node.args and isinstance(node.args[0], ast.Constant)
        and node.args[0].value not in codes[node.func.id]
    ]  # fmt: skip
    assert unknown == []


class Full(Refusal):
    messages = {"full": gettext_lazy("Comments are closed."), "counted": "%(count)d at most", "page": ""}


@pytest.fixture
def request_with_messages(rf):
    request = rf.get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    return request


def said(request):
    return [(message.level_tag, message.message) for message in get_messages(request)]


def test_a_refusal_is_said_in_the_language_of_its_reader():
    refusal = Full()
    with override("fr"):
        assert (refusal.code, str(refusal), refusal.message) == (
            "full",
            "full",
            "Les commentaires sont fermés.",
        )
    assert Full("counted", count=3).message == "3 at most"


def test_a_refusal_is_shown_in_place_of_what_was_done(request_with_messages):
    with refusal_shown(request_with_messages, "Done."):
        raise Full("counted", count=3)
    with refusal_shown(request_with_messages, "Done."):
        pass
    assert said(request_with_messages) == [("error", "3 at most"), ("success", "Done.")]


def test_a_refusal_that_has_a_page_goes_up_to_it(request_with_messages):
    with pytest.raises(Full, match="page"), refusal_shown(request_with_messages, "Done."):
        raise Full("page")
    assert said(request_with_messages) == []
