"""`manage.py run` as a newcomer starts it, with a folder and a port of its own."""

import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
import pytest

from pole.server import embedded_postgres
from tests.pole.test_postgres import query
from tests.shared import copy_of
from tests.waiting import PATIENCE_SECONDS, free_port, wait_for

pytestmark = pytest.mark.any_hour("starts the whole portal and waits for it")

ROOT = Path(embedded_postgres.__file__).parents[2]
AS_MAKE_RUN = {"PYTHONDONTWRITEBYTECODE": "", "POLE_STATIC_MADE": "1"}
LOAD = """
import os
import django

os.environ["DJANGO_SETTINGS_MODULE"] = "pole.settings"
django.setup()
"""


@dataclass
class Portal:
    """One `manage.py run`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def wait_until_ready(self) -> None:
        wait_for(lambda: "Le portail répond" in self.log_text() or self.process.poll() is not None, 120)
        assert self.process.poll() is None, self.log_text()

    def status(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
        return connection.getresponse().status

    def log_text(self) -> str:
        return said_in(self.log)

    def child(self, name: str) -> int:
        """The process number of the child of this name, once it says it."""
        wait_for(lambda: name in self.children())
        return self.children()[name]

    def children(self) -> dict[str, int]:
        pid = self.process.pid
        found = {}
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            # One may end meanwhile: a worker that is replaced.
            with suppress(FileNotFoundError, ProcessLookupError):
                found[Path(f"/proc/{child}/comm").read_text().strip()] = int(child)
        return found


def said_in(log: Path) -> str:
    """What a portal wrote so far: a letter of two bytes may be half written, or cut by a kill."""
    return log.read_text(errors="replace")


def processor_seconds() -> float:
    """What the programs that this process started, and waited for, have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def start(
    var: Path, port: int | str, log: str = "run.log", database_url: str = ""
) -> subprocess.Popen[bytes]:
    environment = os.environ | {"POLE_VAR": str(var), "PORT": str(port)} | AS_MAKE_RUN
    environment.pop("DATABASE_URL", None)
    if database_url:
        environment["DATABASE_URL"] = database_url
    with (var / log).open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "manage.py", "run"], cwd=ROOT, env=environment, stdout=output, stderr=output,
            # Tests run by a background job were born deaf to it, and so would be their children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no lock is taken
        )  # fmt: skip


def run_to_its_end(var: Path, port: int | str) -> tuple[int, str]:
    """The exit code and the output."""
    with start(var, port, "refused.log") as process:
        code = process.wait(PATIENCE_SECONDS)
    return code, said_in(var / "refused.log").strip()


def server_pid(var: Path) -> int:
    return int((var / "postgres/postmaster.pid").read_text().split()[0])


@contextmanager
def running_portal(var: Path, port: int) -> Iterator[Portal]:
    with start(var, port) as process:
        portal = Portal(process, port, var / "run.log")
        try:
            portal.wait_until_ready()
            yield portal
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def run_twice(folder: Path) -> None:
    """The portal has run in this folder, after a first start that its database's death cut short."""
    with start(folder, free_port(), "cut.log") as process:
        try:
            wait_for(lambda: "Création du contenu" in said_in(folder / "cut.log"), 180)
            os.kill(server_pid(folder), signal.SIGKILL)
            (folder / "cut.code").write_text(str(process.wait(PATIENCE_SECONDS)))
        finally:
            process.kill()
    with embedded_postgres.running(folder / "postgres"):
        query(folder / "postgres", "CREATE TABLE half_made ()")
    before = processor_seconds()
    with running_portal(folder, free_port()) as portal:
        (folder / "first.log").write_text(portal.log_text())
    (folder / "first.seconds").write_text(str(processor_seconds() - before))


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = copy_of("run", run_twice, tmp_path_factory)
    yield folder
    # Stop the server of a test that failed.
    with embedded_postgres.running(folder / "postgres"):
        pass


def test_run_starts_again_soon(var: Path) -> None:
    """By the processor’s time, to which the programs beside this one add little, and by a yardstick of the same moment."""
    runs, loads = [], []
    for _again in range(3):
        before = processor_seconds()
        # A port of its own: nothing is made again because it is another.
        with running_portal(var, free_port()):
            pass
        between = processor_seconds()
        subprocess.run(
            [sys.executable, "-c", LOAD],
            cwd=ROOT,
            check=True,
            env=os.environ | {"POLE_VAR": str(var)} | AS_MAKE_RUN,
        )
        runs.append(between - before)
        loads.append(processor_seconds() - between)
    # Everything is loaded once: the views as well, then the web server and the worker are forked, and stopped.
    assert min(runs) < 2.5 * min(loads)
    assert min(runs) < float((var / "first.seconds").read_text()) / 2


def test_first_start_cut_short_by_its_database_says_so(var: Path) -> None:
    said = said_in(var / "cut.log")
    assert (var / "cut.code").read_text() == "1"
    assert "La base de données s’est arrêtée pendant la mise en place" in said
    assert "Relancez la commande" in said.splitlines()[-1]
    assert "Traceback" not in said


def test_first_start_cut_short_is_begun_again(var: Path) -> None:
    """What it had written can’t be told from what people do: votes are cast in a transaction each."""
    assert "elle recommence" in said_in(var / "first.log")
    assert len(json.loads((var / "demo-codes.json").read_text())) == 23
    with running_portal(var, free_port()) as portal:
        assert "recommence" not in portal.log_text()
        assert query(
            var / "postgres", "SELECT to_regclass('half_made'), to_regclass('pole_hub') IS NULL"
        ) == [(None, False)]


def code_of(process: subprocess.Popen[bytes]) -> int:
    """Of one that must end by itself."""
    try:
        return process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()


def databases(var: Path) -> list[str]:
    found = query(
        var / "postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname"
    )
    return [name for (name,) in found]


@pytest.fixture
def former(var: Path) -> Iterator[embedded_postgres.Address]:
    """The server of a database that says to be of before the first release, and holds a table of then."""
    with embedded_postgres.running(var / "postgres") as at:
        query(
            var / "postgres",
            "INSERT INTO django_migrations (app, name, applied) VALUES ('pole', '0001_text_search', now());"
            "CREATE TABLE of_then ()",
        )
        yield at
        query(var / "postgres", "DELETE FROM django_migrations WHERE name = '0001_text_search'")
        query(var / "postgres", "DROP TABLE IF EXISTS of_then")


@pytest.mark.usefixtures("former")
def test_database_of_before_the_first_release_is_set_aside_and_made_anew(var: Path) -> None:
    before = databases(var)
    with running_portal(var, free_port()) as portal:
        (copy,) = set(databases(var)) - set(before)
        assert f"elle est gardée sous le nom « {copy} »" in portal.log_text()
        assert "La démonstration est refaite à neuf." in portal.log_text()
        assert portal.status("/") == 200
    assert query(var / "postgres", "SELECT to_regclass('of_then') IS NULL, count(*) > 0 FROM pole_hub") == [
        (True, True)
    ]
    at = embedded_postgres.address(var / "postgres")
    with psycopg.connect(host=at.host, port=at.port, user=at.user, dbname=copy) as kept:
        found = kept.execute("SELECT to_regclass('of_then')::text, count(*) > 0 FROM pole_hub").fetchone()
    assert found == ("of_then", True)
    with running_portal(var, free_port()) as portal:
        assert "première version" not in portal.log_text()


def test_former_database_that_is_in_use_is_let_be(var: Path, former: embedded_postgres.Address) -> None:
    before = databases(var)
    with (
        psycopg.connect(host=former.host, port=former.port, user=former.user, dbname=former.database),
        start(var, free_port()) as process,
    ):
        assert code_of(process) == 1
    said = said_in(var / "run.log")
    assert "un autre programme l’utilise. Arrêtez-le" in said
    assert "Traceback" not in said
    assert databases(var) == before
    assert query(var / "postgres", "SELECT to_regclass('of_then') IS NULL") == [(False,)]


def test_former_database_that_is_not_ours_is_let_be(var: Path, former: embedded_postgres.Address) -> None:
    before = databases(var)
    with start(var, free_port(), database_url=former.url) as process:
        assert code_of(process) == 1
    assert "La base de données de DATABASE_URL date d’avant la première version" in said_in(var / "run.log")
    assert databases(var) == before
    assert query(var / "postgres", "SELECT to_regclass('of_then') IS NULL") == [(False,)]


def test_ctrl_c_of_the_first_start_ends_it_without_a_word(tmp_path: Path) -> None:
    with start(tmp_path, free_port()) as process:
        wait_for(lambda: list(tmp_path.glob("postgres.new-*/global")))
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 128 + signal.SIGINT
    assert (tmp_path / "run.log").read_text() == ""
    assert not list(tmp_path.glob("postgres.new-*"))


def test_run_gives_its_accounts_and_stops_whole(var: Path) -> None:
    port = free_port()
    with running_portal(var, port) as portal:
        assert portal.status("/healthz") == 200
        output = portal.log_text()
        assert f"http://localhost:{port}" in output
        # Mails to these accounts are shown too, at whatever minute a task sends one.
        table = output.partition("Comptes de démonstration\n\n")[2].partition("\n\n")[0]
        for account in json.loads((var / "demo-accounts.json").read_text()):
            (line,) = (line for line in table.splitlines() if account["email"] in line)
            assert account["password"] in line
            assert account["totp_secret"] is None or account["totp_secret"] in line
    assert portal.process.returncode == 0
    with pytest.raises(ConnectionRefusedError):
        portal.status("/healthz")
    assert not Path(embedded_postgres.address(var / "postgres").host).exists()


def test_second_run_says_where_the_first_is(var: Path) -> None:
    with running_portal(var, free_port()) as portal:
        code, said = run_to_its_end(var, free_port())
        assert code == 1
        assert f"Le portail tourne déjà à http://localhost:{portal.port}" in said
        assert f"processus {portal.process.pid}" in said
        assert portal.status("/healthz") == 200


@pytest.mark.parametrize("also", ["nothing", "both children"])
def test_run_starts_at_once_after_a_kill(var: Path, also: str) -> None:
    with running_portal(var, free_port()) as killed:
        victims = [killed.process.pid]
        if also == "both children":
            victims += [killed.child("pole-web"), killed.child("pole-worker")]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        killed.process.wait()
        with running_portal(var, killed.port) as portal:
            assert portal.status("/healthz") == 200


@pytest.mark.parametrize(
    ("process", "name"), [("pole-web", "Le serveur web"), ("pole-worker", "Le traitement des tâches")]
)
def test_run_ends_when_a_child_does(var: Path, process: str, name: str) -> None:
    with running_portal(var, free_port()) as portal:
        os.kill(portal.child(process), signal.SIGKILL)
        assert portal.process.wait(PATIENCE_SECONDS) == 1
        assert f"{name} s’est arrêté" in portal.log_text()
        with pytest.raises(ConnectionRefusedError):
            portal.status("/healthz")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_run_starts_a_database_that_died_again(var: Path, number: signal.Signals) -> None:
    """Killed, or told to stop by an administrator: pages answer again, and jobs are done again."""
    with running_portal(var, free_port()) as portal:
        assert portal.status("/readyz") == 200
        worker = portal.child("pole-worker")
        os.kill(server_pid(var), number)
        wait_for(lambda: "elle est repartie" in portal.log_text())
        wait_for(lambda: portal.status("/readyz") == 200)
        assert portal.status("/") == 200
        assert portal.child("pole-worker") != worker
    assert portal.process.returncode == 0


def server_processes(var: Path) -> list[int]:
    """The server, then all its processes."""
    server = server_pid(var)
    return [server, *map(int, Path(f"/proc/{server}/task/{server}/children").read_text().split())]


def server_processes_last_first(var: Path) -> list[int]:
    return server_processes(var)[::-1]


@pytest.mark.parametrize(
    ("order", "socket_is_left"), [(server_processes, True), (server_processes_last_first, False)]
)
def test_run_starts_a_database_again_of_which_nothing_lives(
    var: Path, order: Callable[[Path], list[int]], socket_is_left: bool
) -> None:
    """Every process killed, in both orders; and the folder of its socket cleaned away with them."""
    with running_portal(var, free_port()) as portal:
        assert portal.status("/readyz") == 200
        for pid in order(var):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not socket_is_left:
            shutil.rmtree(embedded_postgres.address(var / "postgres").host)
        wait_for(lambda: "elle est repartie" in portal.log_text())
        wait_for(lambda: portal.status("/readyz") == 200)
        assert portal.status("/") == 200
    assert portal.process.returncode == 0


def test_run_goes_on_when_the_database_cuts_its_connections(var: Path) -> None:
    """As PostgreSQL does when one of its processes is killed, by a machine short of memory."""
    with running_portal(var, free_port()) as portal:
        listening = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
        wait_for(lambda: query(var / "postgres", listening))
        worker = portal.child("pole-worker")
        server = server_pid(var)
        pids = query(var / "postgres", "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
        os.kill(pids[0][0], signal.SIGKILL)
        wait_for(lambda: "le traitement des tâches est reparti" in portal.log_text())
        wait_for(lambda: portal.status("/readyz") == 200)
        assert portal.child("pole-worker") != worker
        assert server_pid(var) == server
    assert portal.process.returncode == 0


def test_run_ends_when_its_database_was_removed(var: Path) -> None:
    with running_portal(var, free_port()) as portal:
        pid = server_pid(var)
        (var / "postgres").rename(var / "aside")
        try:
            os.kill(pid, signal.SIGKILL)
            assert portal.process.wait(PATIENCE_SECONDS) == 1
            assert "n’existe plus" in portal.log_text()
        finally:
            (var / "aside").rename(var / "postgres")


def test_run_ends_when_its_database_dies_again_and_again(var: Path) -> None:
    """Each time once it is up again: dying as it starts is another refusal."""
    with running_portal(var, free_port()) as portal:
        for _death in range(2):
            restarts = portal.log_text().count("elle est repartie")
            os.kill(server_pid(var), signal.SIGKILL)
            wait_for(partial(has_restarted, portal, restarts + 1))
        os.kill(server_pid(var), signal.SIGKILL)
        assert portal.process.wait(PATIENCE_SECONDS) == 1
        assert "La base de données s’est arrêtée 3 fois en moins d’une minute" in portal.log_text()


def has_restarted(portal: Portal, times: int) -> bool:
    return portal.log_text().count("elle est repartie") == times


def test_run_told_to_end_stops_its_children(var: Path) -> None:
    with running_portal(var, free_port()) as portal:
        children = [portal.child("pole-web"), portal.child("pole-worker")]
        portal.process.terminate()
        assert portal.process.wait(PATIENCE_SECONDS) == 128 + signal.SIGTERM
        for pid in children:
            with suppress(FileNotFoundError):
                assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_run_refuses_a_port_that_is_taken_or_absurd(var: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        code, said = run_to_its_end(var, taken)
        assert (code, said.split(".")[0]) == (1, f"Le port {taken} est pris par un autre programme")
    for absurd in ("0", "70000"):
        expected = f"PORT={absurd} n’est pas un numéro de port (de 1 à 65535)."
        assert run_to_its_end(var, absurd) == (1, expected)
