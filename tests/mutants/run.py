"""Breaks the code on purpose, and tells what no test noticed: `python -m tests.mutants.run [group…]`, `make mutants`.

Two groups run at once, each beside its own database server. What was found of each mutant goes to `var/mutants/`.
With `POLE_MUTANTS_ONLY=text`, only those whose "module:line:function change" has this text.

A program of ours: mutmut leaves every decorated function alone, and so whatever writes under `@transaction.atomic`;
it takes no method out of a query; and it makes the test database again for each mutant.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.mutants.equivalent import EQUIVALENT
from tests.mutants.groups import GROUPS
from tests.mutants.session import FIRST, GROUP, RESULTS, ROOT

FOLDER = ROOT / "var" / "mutants"
AT_ONCE = 2
# A mutant that never ends is dead, unless the machine was only slow: it is told apart.
OUTCOMES = ("killed", "timeout", "equivalent", "survived", "untested")
QUIET = ["-q", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "tests.mutants.session"]


def main(names: list[str]) -> int:
    if unknown := set(names) - set(GROUPS):
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. There are {', '.join(GROUPS)}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(_run, names or list(GROUPS)))
    survivors = [
        mutant for found in results for mutant in found if mutant["outcome"] in {"survived", "untested"}
    ]
    print(f"{'module':34}{''.join(f'{name:>10}' for name in (*OUTCOMES, 'total'))}")
    for found in results:
        for module, mutants in _by_module(found):
            outcomes = Counter(mutant["outcome"] for mutant in mutants)
            numbers = [*(outcomes[name] for name in OUTCOMES), len(mutants)]
            print(f"{module:34}{''.join(f'{number:10}' for number in numbers)}")
    for mutant in survivors:
        place = f"{mutant['module']}:{mutant['line']} {mutant['function']}"
        print(f"{mutant['outcome']}: {place}: {mutant['change']}")
    return 1 if survivors else 0


def _run(name: str) -> list[dict[str, Any]]:
    """The tests of a group, with its mutants; gives what became of each."""
    results = FOLDER / f"{name}.jsonl"
    results.unlink(missing_ok=True)
    environment = {
        **os.environ,
        GROUP: name,
        RESULTS: str(results),
        "POLE_VAR": str(FOLDER / name),
    }
    command = [sys.executable, "-m", "pytest", *QUIET, FIRST, *GROUPS[name].tests]
    with (FOLDER / f"{name}.log").open("w", encoding="utf-8") as log:
        subprocess.run(command, cwd=ROOT, env=environment, stdout=log, stderr=log, check=True)
    return [_judged(json.loads(line)) for line in results.read_text("utf-8").splitlines()]


def _judged(mutant: dict[str, Any]) -> dict[str, Any]:
    known = (mutant["module"], mutant["function"], " ".join(mutant["change"].split()))
    is_known = mutant["outcome"] == "survived" and known in EQUIVALENT
    return mutant | {"outcome": "equivalent"} if is_known else mutant


def _by_module(found: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for module in dict.fromkeys(mutant["module"] for mutant in found):
        yield module, [mutant for mutant in found if mutant["module"] == module]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
