"""Mutants of the code that no test can tell from it, and why: by module, function and change, as they are told."""

AS_MANY = "both readings retain as many options: as many enter as leave"
VISITOR = "a visitor is not active either: the condition says it aloud"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "comments/following.py",
        "unfollow_everything",
        "Follow.objects.filter(user=user) → Follow.objects.filter()",
    ): "nothing is withdrawn of what this person never followed: it only takes longer",
    ("comments/following.py", "unfollow_everything", "Follow.objects.filter(user=user) → Follow.objects"): (
        "as above"
    ),
    ("forums/tally/box.py", "Question.__post_init__", "continue → pass"): (
        "ballots that are equal are checked once: it only takes longer"
    ),
    ("forums/tally/checking.py", "check_ascending", "first > second → first >= second"): (
        "equal ones are refused just before"
    ),
    (
        "forums/vote/methods/approval/counting.py",
        "_difference",
        "not entering and (not leaving) and (official != other) → not leaving and official != other",
    ): AS_MANY,
    (
        "forums/vote/methods/approval/counting.py",
        "_difference",
        "not entering and (not leaving) and (official != other) → not entering and official != other",
    ): AS_MANY,
    ("forums/vote/methods/decision/counting.py", "check_limits", "0 → 1"): (
        "a fraction has both of its numbers there, or none: only the types ask"
    ),
    ("forums/vote/methods/decision/counting.py", "count", "box.on_roll or 0 → box.on_roll"): (
        "a box with a decision has a roll: only the types ask"
    ),
    (
        "forums/tally/recompter.py",
        "recount_question",
        "second != retained and (not entering) and (not leaving) → second != retained and (not leaving)",
    ): AS_MANY,
    (
        "forums/tally/recompter.py",
        "recount_question",
        "!= retained and (not entering) and (not leaving) → != retained and (not entering)",
    ): AS_MANY,
    ("forums/tally/recompter.py", "recount_question", "1 → 2"): "a part of nothing is nothing",
    (
        "forums/tally/recompter.py",
        "recount_balanced",
        "for number in draw if number not in chosen → for number in draw",
    ): "what is chosen already adds nothing more, and what adds nothing is never chosen",
    (
        "forums/recommendations/rules.py",
        "may_propose",
        "user.is_authenticated and user.is_active and (accepts_proposals(forum, now) or (user.has_r"
        " → user.is_active and (accepts_proposals(forum, now) or (user.has_role('forums') and forum.ha",
    ): VISITOR,
    (
        "forums/recommendations/rules.py",
        "may_edit",
        "by.user is not None and by.user.is_active and (recommendation.author_id == by.user.pk) and"
        " → by.user.is_active and recommendation.author_id == by.user.pk and (recommendation.state ==",
    ): "without an account nor a place in the day team, it is the portal itself, which is the team",
    (
        "forums/vote/casting.py",
        "_require_durable",
        "False → True",
    ): "every block of Django says whether it is a test's",
}
