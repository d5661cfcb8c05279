"""No page costs more in a hub that has more: calls, statements and rows read, at several sizes of everything.

`make growth` asks for every address, at 1,000, 10,000 and 100,000 rows of each kind, and prints what each costs; PAGES="staff:home
blog:post" make growth, for these alone. Without it, the pages of `LISTS` alone, at two small sizes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from enterprises.exporting import made
from pole.caching.in_process import clear_caches
from pole.caching.public_pages import read_public_state
from pole.server import long_lists
from tests import kept_beside
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.growth import rows, world
from tests.growth.known import GROWING, LISTS, SLOW
from tests.growth.measures import Cost, cost_of
from tests.project.test_access_matrix import ROWS, address_of, arguments, every_name  # noqa: F401 - a fixture

IS_WHOLE = "GROWTH" in os.environ
PAGES = set(os.environ.get("PAGES", "").split())
SIZES = [int(size) for size in os.environ.get("GROWTH", "500,2000").split(",")]
# What differs from one size to another without being growth: digits, a page that is full.
CALLS, ROWS_READ = (1.25, 2_000), (1.5, 300)
# Of processor time, by the yardstick of `measures`.
MOST_MS = 60


@pytest.fixture
def seeded(db, _fresh_process):
    world.seed()


@pytest.fixture
def asked(seeded, arguments, monkeypatch):  # noqa: F811 - the fixture
    """How to ask for each address that answers a GET."""
    # As far as rows are counted: every list of these sizes is longer.
    monkeypatch.setattr(long_lists, "MAX_COUNTED", 50)
    # The one file that is asked for.
    monkeypatch.setattr(made, "FORMATS", {"csv": made.FORMATS["csv"]})
    world.fill()
    member = signed_in(UserFactory(is_staff=True, is_superuser=True), second_factor=True)
    visitor = Client()
    return {
        name: asking(visitor if ROWS[name][0][0] == 200 else member, address_of(name, takes, arguments))
        for name, takes in every_name()
        if ROWS[name][0][-1] not in {403, 404, 405}
        and (name in PAGES if PAGES else IS_WHOLE or name in LISTS)
    }


def asking(client: Client, address: str) -> Callable[[], int]:
    cookies = client.cookies.output(header="", sep=";")

    def ask() -> int:
        own = Client()
        own.cookies = SimpleCookie(cookies)
        with transaction.atomic():
            response = own.get(address)
            response.getvalue()
            transaction.set_rollback(True)
        return response.status_code

    return ask


def grown_to(before: int, size: int) -> None:
    rows.grow(before, size)
    with connection.cursor() as cursor:
        # Whether an index serves a page does not depend on how small its table is yet; nor does what it costs, on workers.
        cursor.execute(f"SET LOCAL enable_seqscan = {'on' if size > 20_000 else 'off'}")
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    clear_caches()
    kept_beside.kept.start()
    if not PAGES or "enterprises:export" in PAGES:
        make_export()


def make_export() -> None:
    """As the worker does: the copies, which no trigger noted, are in the file of no earlier size."""
    made.forget("csv", "fr")
    made.renew(read_public_state(timezone.now()))


def test_no_page_costs_more_in_a_larger_hub(asked, capsys):
    costs: dict[str, list[Cost]] = {name: [] for name in asked}
    for before, size in zip([0, *SIZES], SIZES, strict=False):
        grown_to(before, size)
        for name, ask in asked.items():
            costs[name].append(cost_of(ask))
    growing = {name: why for name, found in costs.items() if (why := grows(found))}
    slow = {
        name: f"{longest:.0f} ms" for name, found in costs.items() if (longest := longest_of(found)) > MOST_MS
    }
    with capsys.disabled():
        if IS_WHOLE:
            print_table(costs, growing)
    assert {name: why for name, why in growing.items() if name not in GROWING} == {}
    assert not IS_WHOLE or {name: ms for name, ms in slow.items() if name not in {*GROWING, *SLOW}} == {}


def grows(found: list[Cost]) -> str:
    """What grew between the last two sizes; empty when nothing did."""
    before, after = found[-2:]
    wrong = []
    if after.statements > before.statements:
        wrong.append(f"statements {before.statements} → {after.statements}")
    if after.calls > CALLS[0] * before.calls + CALLS[1]:
        wrong.append(f"calls {before.calls} → {after.calls}")
    if after.rows > ROWS_READ[0] * before.rows + ROWS_READ[1]:
        wrong.append(f"rows {before.rows} → {after.rows} ({after.worst})")
    return ", ".join(wrong)


def longest_of(found: list[Cost]) -> float:
    return max(each.ms for each in found)


def print_table(costs: dict[str, list[Cost]], growing: dict[str, str]) -> None:
    print("\nsizes:", *SIZES)
    for name, found in sorted(costs.items(), key=lambda each: -each[1][-1].rows):
        print(f"{name:46}{found[-1].status}", *(
            f"| {each.statements:3} st {each.calls:8} calls {each.rows:8} rows {each.ms:6.0f} ms" for each in found
        ))  # fmt: skip
        if name in growing:
            print(f"    {growing[name]}")
        elif name in GROWING:
            print("    It no longer grows: it may leave the list of `known`.")


def test_names_are_those_of_addresses():
    assert {*GROWING, *LISTS, *SLOW} <= set(ROWS)


@pytest.mark.django_db
def test_every_table_grows_or_is_known_not_to():
    """A table that is added grows by itself; one that is taken away leaves the lists."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    assert tables >= rows.FIXED | rows.FEW
    assert {name.partition(".")[0] for name in rows.VALUES} <= tables
