"""What may be broken in a function: one small change at a time, in its syntax tree.

Beside the usual ones (comparisons, `and`, bounds…), those that a program over a database needs: a method of a
query that is no longer called, an argument by name that is no longer given, a call whose answer nobody reads.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

type Function = ast.FunctionDef | ast.AsyncFunctionDef

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitXor: ast.BitOr,
}
# Without these a query answers the same, but slower; and without its lock, unless others write at that instant.
NEVER_TAKEN_OUT = {"exists", "all", "iterator", "select_related", "prefetch_related", "select_for_update"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one change."""

    # As Python calls it: "post_comment", "CommentQuerySet.public".
    function: str
    first_line: int
    line: int
    # Python tells of some lines of what is written on several.
    last_line: int
    change: str
    code: CodeType


def mutants_of(source: str, filename: str) -> Iterator[Mutant]:
    """Every mutant of the functions and methods of a module. What is nested in a function is part of it."""
    tree = ast.parse(source, filename)
    for name, function in _functions(tree, ""):
        # The line that a compiled function begins at is that of its first decorator.
        first_line = min([function.lineno, *(each.lineno for each in function.decorator_list)])
        for place, old, new in _changes(function):
            with_it = _Placed(place, new)
            with_it.put()
            try:
                code = _code_of(compile(tree, filename, "exec"), name, first_line)
            except (SyntaxError, ValueError):
                continue
            finally:
                with_it.take_back()
            yield Mutant(name, first_line, place.line, _last_line(old, place.line), _told(old, new), code)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs: in a field of its parent, or in a list that is one."""

    parent: ast.AST
    field: str
    index: int | None
    line: int


class _Placed:
    def __init__(self, place: _Place, new: ast.AST | None) -> None:
        self.place, self.new = place, new
        held = getattr(place.parent, place.field)
        self.before = list(held) if place.index is not None else held

    def put(self) -> None:
        place = self.place
        if place.index is None:
            setattr(place.parent, place.field, self.new)
            return
        after = list(self.before)
        after[place.index : place.index + 1] = [] if self.new is None else [self.new]
        setattr(place.parent, place.field, after)

    def take_back(self) -> None:
        setattr(self.place.parent, self.place.field, self.before)


def _functions(node: ast.AST, within: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield within + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{within}{child.name}.")


def _changes(function: Function) -> Iterator[tuple[_Place, ast.AST, ast.AST | None]]:
    for index, statement in enumerate(function.body):
        if not (index == 0 and _is_text(statement)):
            yield from _changes_at(_Place(function, "body", index, statement.lineno), statement)


def _changes_at(place: _Place, node: ast.AST) -> Iterator[tuple[_Place, ast.AST, ast.AST | None]]:
    for new in _instead_of(node, place.parent):
        located = copy.copy(new)
        if located is not None:
            ast.copy_location(located, node)
            ast.fix_missing_locations(located)
        yield place, node, located
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "decorator_list", "args"} and isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.AnnAssign
        ):
            continue
        for index, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                line = getattr(child, "lineno", place.line)
                where = _Place(node, field, index if isinstance(value, list) else None, line)
                yield from _changes_at(where, child)


def _instead_of(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST | None]:
    """What a node may be replaced by; None takes it out of its list."""
    for kind, change in CHANGES:
        if isinstance(node, kind):
            yield from change(node, parent)


def _compare(node: ast.Compare, _parent: ast.AST) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in COMPARED[type(operator)]:
            ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _boolean(node: ast.BoolOp, _parent: ast.AST) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for index in range(len(node.values)):
        left = node.values[:index] + node.values[index + 1 :]
        yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)


def _not(node: ast.UnaryOp, _parent: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield node.operand


def _computed(node: ast.BinOp, _parent: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.BitOr | ast.BitAnd):
        yield node.left
        yield node.right
    elif other := COMPUTED.get(type(node.op)):
        yield ast.BinOp(node.left, other(), node.right)


def _constant(node: ast.Constant, parent: ast.AST) -> Iterator[ast.AST]:
    # A mutated text would mostly be a mutated message.
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int) and not isinstance(parent, ast.FormattedValue):
        yield ast.Constant(node.value + 1)


def _tested(node: Any, _parent: ast.AST) -> Iterator[ast.AST]:
    """A bare condition, which no other change turns round."""
    if isinstance(node.test, ast.Compare | ast.UnaryOp):
        return
    turned = copy.copy(node)
    turned.test = ast.UnaryOp(ast.Not(), node.test)
    yield turned


def _comprehension(node: ast.comprehension, _parent: ast.AST) -> Iterator[ast.AST]:
    for index in range(len(node.ifs)):
        fewer = copy.copy(node)
        fewer.ifs = node.ifs[:index] + node.ifs[index + 1 :]
        yield fewer


def _call(node: ast.Call, parent: ast.AST) -> Iterator[ast.AST]:
    for index, keyword in enumerate(node.keywords):
        # Under a lock, saving more columns than those that changed is the same; how much is locked, races tell.
        if keyword.arg not in {None, "update_fields", "no_key", "of"}:
            yield ast.Call(node.func, node.args, node.keywords[:index] + node.keywords[index + 1 :])
    # A link of a chain: `mine.public().exists()` without `.public()`.
    if not isinstance(node.func, ast.Attribute) or node.func.attr in NEVER_TAKEN_OUT:
        return
    if isinstance(parent, ast.Attribute) or not (node.args or node.keywords or isinstance(parent, ast.Expr)):
        yield node.func.value


def _literal(node: Any, _parent: ast.AST) -> Iterator[ast.AST]:
    if isinstance(getattr(node, "ctx", ast.Load()), ast.Load) and len(node.elts) > 1:
        for index in range(len(node.elts)):
            fewer = copy.copy(node)
            fewer.elts = node.elts[:index] + node.elts[index + 1 :]
            yield fewer


def _dictionary(node: ast.Dict, _parent: ast.AST) -> Iterator[ast.AST]:
    for index in range(len(node.keys)):
        yield ast.Dict(
            node.keys[:index] + node.keys[index + 1 :], node.values[:index] + node.values[index + 1 :]
        )


def _statement(node: ast.stmt, _parent: ast.AST) -> Iterator[ast.AST]:
    if not _is_text(node):
        yield ast.Pass()


def _assigned(node: ast.Assign, _parent: ast.AST) -> Iterator[ast.AST]:
    """What is written to an object or a collection; a name that is not assigned would only be missing."""
    targets = [
        part
        for target in node.targets
        for part in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    if all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets):
        yield ast.Pass()


def _returned(node: ast.Return, _parent: ast.AST) -> Iterator[ast.AST]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


type Change = Callable[[Any, ast.AST], Iterator[ast.AST]]
CHANGES: list[tuple[Any, Change]] = [
    (ast.Compare, _compare),
    (ast.BoolOp, _boolean),
    (ast.UnaryOp, _not),
    (ast.BinOp, _computed),
    (ast.Constant, _constant),
    (ast.If | ast.IfExp | ast.While, _tested),
    (ast.comprehension, _comprehension),
    (ast.Call, _call),
    (ast.List | ast.Tuple | ast.Set, _literal),
    (ast.Dict, _dictionary),
    (ast.Expr | ast.Raise | ast.Delete | ast.Break | ast.Continue | ast.AugAssign, _statement),
    (ast.Assign, _assigned),
    (ast.Return, _returned),
]


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _last_line(node: ast.AST, line: int) -> int:
    whole = node.test if isinstance(node, ast.If | ast.While) else node
    return getattr(whole, "end_lineno", None) or line


def _told(old: ast.AST, new: ast.AST | None) -> str:
    before, after = (" ".join(ast.unparse(each).split()) if each else "" for each in (old, new))
    # The part that both have in common at their ends is not told twice, but for a little around.
    start = next(
        (at for at, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]),
        min(len(before), len(after)),
    )
    start = max(0, start - 30)
    return f"{before[start : start + 90]}  →  {after[start : start + 90]}"


def _code_of(module: CodeType, name: str, first_line: int) -> CodeType:
    waiting = [module]
    while waiting:
        code = waiting.pop()
        if (code.co_qualname, code.co_firstlineno) == (name, first_line):
            return code
        waiting.extend(each for each in code.co_consts if isinstance(each, CodeType))
    raise ValueError(name)
