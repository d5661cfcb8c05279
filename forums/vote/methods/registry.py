"""The methods of voting, in the order in which staff choose among them."""

from __future__ import annotations

from collections.abc import Mapping

from forums.models import Question
from forums.tally.box import Method as CountingMethod
from forums.vote.methods.approval.method import Approval
from forums.vote.methods.base import Method
from forums.vote.methods.decision.method import Decision
from forums.vote.methods.judgment.method import Judgment
from forums.vote.methods.points.method import Points
from forums.vote.methods.ranking.method import Ranking

METHODS: Mapping[str, Method] = {
    method.name: method for method in (Approval(), Points(), Judgment(), Ranking(), Decision())
}
# As `forums.tally.box.read` takes them.
COUNTING: Mapping[str, CountingMethod] = {method.name: method.counting for method in METHODS.values()}


def method_of(question: Question) -> Method:
    return METHODS[question.method]
