"""What `make mutants` breaks: the kinds of change that once went unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.operators import mutants_of

ROOT = Path(__file__).resolve().parents[2]


def changes(body):
    source = f"def f(x, y, z):\n    {body}\n"
    return {mutant.change.replace("  →  ", " → ") for mutant in mutants_of(source, "f.py")}


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ("return x.public().exists()", "x.public() → x"),
        ("x.filter(verified=True).exists()", "x.filter(verified=True) → x.filter()"),
        ("_check(x)", "_check(x) → pass"),
        ("return x | y.keys()", "x | y.keys() → x"),
        ("return x and y and z", "x and y and z → x and z"),
        ("return x and y", "x and y → x or y"),
        ("return x <= y", "x <= y → x < y"),
        ("return x <= y", "x <= y → x > y"),
        ("return not x", "not x → x"),
        ("return [a for a in x if a]", "for a in x if a → for a in x"),
        ("return {'a': x, 'b': y}", "{'a': x, 'b': y} → {'b': y}"),
        ("x.a, x.b = y, z", "x.a, x.b = (y, z) → pass"),
        ("return x + 1", "1 → 2"),
        ("return x + y", "x + y → x - y"),
        ("return x", "return x → return None"),
        ("raise ValueError(x)", "raise ValueError(x) → pass"),
    ],
)
def test_each_kind_of_change_is_made(body, change):
    assert change in changes(body)


def test_decorated_functions_and_methods_are_broken_and_their_first_line_is_that_of_the_decorator():
    source = "class A:\n    @deco\n    def f(self):\n        'Said.'\n        return 1\n"
    found = list(mutants_of(source, "f.py"))
    assert {(mutant.function, mutant.first_line, mutant.line) for mutant in found} == {("A.f", 2, 5)}
    assert {mutant.code.co_firstlineno for mutant in found} == {2}


def test_what_only_makes_a_query_faster_is_left():
    assert changes("x.select_related('a')") == {"x.select_related('a') → pass"}


def test_what_is_called_equivalent_is_a_mutant_of_the_code_of_today():
    modules = {module for module, _function, _change in EQUIVALENT}
    made = {
        (module, mutant.function, " ".join(mutant.change.split()))
        for module in modules
        for mutant in mutants_of((ROOT / module).read_text("utf-8"), module)
    }
    assert set(EQUIVALENT) <= made
