"""What is broken together, and the tests that should notice."""

from __future__ import annotations

from dataclasses import dataclass

# A thousand rounds: a minute for each mutant that others kill as well.
TOO_LONG = (
    "--deselect=tests/forums/voting/test_races.py::"
    "test_casts_that_race_the_closing_are_all_counted_or_all_refused"
)


@dataclass(frozen=True, slots=True)
class Group:
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    # Whether it breaks the functions of the vote in the database.
    is_sql: bool = False


GROUPS: dict[str, Group] = {
    "sql": Group(
        modules=(),
        tests=(
            *(
                f"tests/forums/voting/test_{name}.py"
                for name in ("casting", "closing", "conditions", "invariants", "races")
            ),
            TOO_LONG,
        ),
        is_sql=True,
    ),
    "tally": Group(
        modules=tuple(
            f"forums/{name}.py"
            for name in (
                *("tally/box", "tally/canonical", "tally/checking", "tally/count", "tally/outcome"),
                *("tally/ranking", "tally/recompter", "tally/ties"),
                *("vote/methods/approval/counting", "vote/methods/approval/proportional"),
                *("vote/methods/decision/counting", "vote/methods/points/counting"),
                *(
                    "vote/methods/ranking/counting",
                    "vote/methods/ranking/result",
                    "vote/methods/ranking/stages",
                ),
            )
        ),
        tests=("tests/forums/tally",),
    ),
    "voting": Group(
        modules=("forums/vote/casting.py", "forums/vote/rules.py"),
        # Races and the machine of states say the same, minutes later.
        tests=(
            *(
                f"tests/forums/voting/test_{name}.py"
                for name in (
                    "slips",
                    "casting",
                    "conditions",
                    "invariants",
                    "lost_connection",
                    "roll",
                    "sealing",
                    "withdrawing",
                )
            ),
            "tests/forums/vote/test_ballot.py",
        ),
    ),
    "comments": Group(
        modules=tuple(
            f"comments/{name}.py"
            for name in (
                "flagging",
                "following",
                "forms",
                "models",
                "moderation",
                "posting",
                "reading",
                "rules",
            )
        ),
        tests=("tests/comments",),
    ),
    "recommendations": Group(
        modules=("forums/recommendations/rules.py",),
        tests=("tests/forums/recommendations",),
    ),
    "listings": Group(
        modules=tuple(
            f"enterprises/{name}.py"
            for name in (
                *("listing/editing", "ownership/yearly_checkups", "ownership/claims", "ownership/managers"),
                *("ownership/proposals", "rules"),
            )
        ),
        tests=(
            *(
                f"tests/enterprises/test_{name}.py"
                for name in (
                    *("claiming", "claims", "editing", "ownership", "managers", "merging", "questions"),
                    *("staff", "staff_queue", "yearly_question"),
                )
            ),
        ),
    ),
}
