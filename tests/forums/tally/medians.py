"""Majority judgment the naive way, without a count or a formula: grades in a row, of which the middle one is taken away.

Whoever knows the rule alone could write it: the tally and `recompter.py` are compared with it.
"""

from __future__ import annotations


def removed_one_by_one(counts):
    """The grades in the order in which they are removed: the median, the lower of two, then that of the others…"""
    grades = sorted(grade for grade, times in enumerate(counts) for _ballot in range(times))
    return [grades.pop((len(grades) - 1) // 2) for _ballot in range(len(grades))]


def classes(profile):
    """Options from the best to the last, equals together. `profile`: counts of each grade, the lowest first, by option."""
    values = {option: removed_one_by_one(counts) for option, counts in profile.items()}
    levels = sorted({tuple(value) for value in values.values()}, reverse=True)
    return [{option for option, value in values.items() if tuple(value) == level} for level in levels]
