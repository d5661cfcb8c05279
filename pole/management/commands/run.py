"""`make run`: the demonstration, whole, in one terminal."""

import fcntl
import http.client
import json
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection, connections
from django.utils.module_loading import import_string
from psycopg.errors import ObjectInUse

from pole.caching.in_process import clear_caches
from pole.files.static_storage import collect_if_changed
from pole.server import embedded_postgres
from pole.server.children import Children, Name, die_with_parent
from pole.server.database import pre_release, repeatable_sql

WEB = Name("Le serveur web", "pole-web")
WORKER = Name("Le traitement des tâches", "pole-worker")
# A database that dies this often, within this time, is not started again.
DEATHS, DEATHS_SECONDS = 3, 60
CODES_PER_ROW = 6
# For codes written before the file gave their expiry.
NO_EXPIRY = "9999-12-31T00:00:00+00:00"
READY_SECONDS = 60
# The comment on the schema while it is being filled. Votes are cast in a transaction each, so a kill leaves
# some of them, which no later filling can tell from what people did.
UNFINISHED = "The demonstration is being written"
ROLES = {
    "citizen": "citoyenne",
    "owner": "entreprise",
    "staff": "équipe",
    "superuser": "administration",
}


class RunError(Exception):
    """Why the portal does not start, or why it stopped: a sentence for the terminal."""


class Command(BaseCommand):
    help = "Lance la démonstration : base de données, contenu, serveur web et file de tâches."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        # A shell's background job ignores it from birth.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with single_run_lock() as lock:
                self.run(lock)
        except RunError as reason:
            self.stderr.write(str(reason))
            sys.exit(1)
        except KeyboardInterrupt:
            self.say("\nLe portail est arrêté.")

    def run(self, lock: TextIO) -> None:
        if settings.PRODUCTION:
            raise RunError("« make run » est la démonstration : pas avec POLE_PRODUCTION=1.")
        port = configured_port()
        url = f"http://localhost:{port}"
        check_port_is_free(port)
        lock.write(f"{os.getpid()} {url}")
        lock.flush()

        if settings.STATIC_MADE:
            collect_if_changed()
        with embedded_database() as database:
            try:
                self.prepare_database(is_ours=database is not None)
            except (OperationalError, InterfaceError) as error:
                raise RunError(database_failure_message(error, is_ours=database is not None)) from error
            children = Children({WEB: partial(serve_pages, port), WORKER: do_tasks}, not_theirs=lock)
            self.serve(port, url, database, children)

    def serve(
        self, port: int, url: str, database: embedded_postgres.ServerLease | None, children: Children
    ) -> None:
        with children as running:
            running.start(WEB)
            wait_until_it_answers(port, running)
            running.start(WORKER)
            self.say(accounts_table(settings.VAR_DIR / "demo-accounts.json"))
            self.say(codes_list(settings.VAR_DIR / "demo-codes.json"))
            self.say(day_team_link(settings.VAR_DIR / "demo-day-team.json"))
            self.say(f"Le portail répond à {url} (Ctrl-C pour l’arrêter).")
            self.say("Les courriels qu’il envoie s’affichent ici.\n")
            deaths = deque[float](maxlen=DEATHS)
            while True:
                # In this order: a child that the database took with it is started again with it.
                exit_message = running.exit_message()
                if database and restart_database_if_dead(database):
                    record_death(deaths)
                    running.restart(WORKER)
                    self.say("La base de données s’était arrêtée : elle est repartie.")
                elif running.has_exited_cleanly(WORKER):
                    record_death(deaths)
                    running.restart(WORKER)
                    self.say(
                        "La base de données avait coupé ses connexions : le traitement des tâches est reparti."
                    )
                elif exit_message:
                    raise RunError(f"{exit_message} : tout s’arrête.")
                time.sleep(0.2)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        # At once, even when it goes to a file or through a pipe.
        self.stdout.flush()

    def prepare_database(self, *, is_ours: bool) -> None:
        """Migrate it, and fill it if it is empty; `is_ours`: it is the embedded one, of this clone alone."""
        if is_ours and schema_comment() == UNFINISHED:
            self.say("La création du contenu avait été interrompue : elle recommence.")
            pre_release.empty()
        if pre_release.is_pre_release():
            self.say(set_aside(is_ours=is_ours))
        if not repeatable_sql.is_current():
            self.say("Mise à jour de la base de données…")
            call_command("migrate", verbosity=0, interactive=False)
        # Granian's process imports this module before Django is set up.
        from pole.models import Hub  # noqa: PLC0415

        if not Hub.objects.exists():
            self.say("Création du contenu de démonstration…")
            if is_ours:
                schema_comment(UNFINISHED)
            call_command("seed_demo", verbosity=0)
            if is_ours:
                schema_comment("")
        connections.close_all()


@contextmanager
def single_run_lock() -> Iterator[TextIO]:
    """The lock of this clone: a file that names the process that runs and its URL. Raises `RunError` if it is held."""
    path = settings.VAR_DIR / "run.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        lock.seek(0)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid, _, url = lock.read().partition(" ")
            if not pid:
                raise RunError("Le portail est déjà en train de démarrer.") from None
            raise RunError(
                f"Le portail tourne déjà à {url} (processus {pid}). Pour l’arrêter : Ctrl-C dans"
                f" son terminal, ou « kill {pid} »."
            ) from None
        lock.truncate(0)
        yield lock


def configured_port() -> int:
    given = os.environ.get("PORT", "8000")
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise RunError(f"PORT={given} n’est pas un numéro de port (de 1 à 65535).")
    return int(given)


def check_port_is_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise RunError(f"Le port {port} est réservé au système : make run PORT=8000") from None
        except OSError:
            other = port + 1 if port < 65535 else 8000
            raise RunError(
                f"Le port {port} est pris par un autre programme. Choisissez-en un autre :"
                f" make run PORT={other}"
            ) from None


def schema_comment(text: str | None = None) -> str:
    """The comment on the schema `public`, after it is set to `text` when given."""
    with connection.cursor() as cursor:
        if text is not None:
            cursor.execute("COMMENT ON SCHEMA public IS %s", [text])
        cursor.execute("SELECT coalesce(obj_description('public'::regnamespace), '')")
        return str(cursor.fetchone()[0])


def set_aside(*, is_ours: bool) -> str:
    """Empty a database of before the first release, kept under another name, and say so. Raises `RunError`."""
    if not is_ours:
        raise RunError(
            "La base de données de DATABASE_URL date d’avant la première version, et ses migrations n’existent plus :"
            " donnez-en une autre, vide. Rien n’y a été changé."
        )
    try:
        copy = pre_release.set_aside()
    except OperationalError as error:
        if not isinstance(error.__cause__, ObjectInUse):
            raise
        raise RunError(
            "La base de données date d’avant la première version : elle doit être mise de côté, mais un autre"
            " programme l’utilise. Arrêtez-le, puis relancez la commande."
        ) from error
    return (
        f"Cette base de données date d’avant la première version : elle est gardée sous le nom « {copy} ».\n"
        "La démonstration est refaite à neuf."
    )


def database_failure_message(error: Exception, *, is_ours: bool) -> str:
    """A sentence in French about a database that failed before the portal served anything."""
    reason = str(error).strip().splitlines()[0]
    if not is_ours:
        return f"La base de données ne répond pas : {reason}"
    return (
        f"La base de données s’est arrêtée pendant la mise en place : {reason}\nRelancez la commande, qui reprendra"
        f" où il faut. Journal de la base : {settings.VAR_DIR / 'postgres.log'}"
    )


@contextmanager
def embedded_database() -> Iterator[embedded_postgres.ServerLease | None]:
    """A lease on the embedded server, by which to restart it; None when DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    lease = embedded_postgres.acquire(settings.VAR_DIR / "postgres")
    try:
        yield lease
    finally:
        lease.release()


def restart_database_if_dead(database: embedded_postgres.ServerLease) -> bool:
    """True if the database had died and was started again. Raises `RunError` when it can't be."""
    try:
        return database.restart_if_dead()
    except embedded_postgres.PostgresError as error:
        raise RunError(f"La base de données s’est arrêtée : tout s’arrête. {error}") from error


def record_death(deaths: deque[float]) -> None:
    """Add a death of the database; raise `RunError` if that makes `DEATHS` within `DEATHS_SECONDS`."""
    deaths.append(time.monotonic())
    if len(deaths) == DEATHS and deaths[-1] - deaths[0] < DEATHS_SECONDS:
        raise RunError(
            f"La base de données s’est arrêtée {DEATHS} fois en moins d’une minute : tout s’arrête."
            f" Son journal : {settings.VAR_DIR / 'postgres.log'}"
        )


def serve_pages(port: int) -> None:
    """The web server, in a child; it forks once more."""
    from granian import Granian  # noqa: PLC0415 - for this child alone
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    # What the parent remembers of the database is of an earlier moment.
    clear_caches()
    multiprocessing.set_start_method("fork", force=True)
    Granian(
        f"{__name__}:application",
        factory=True,
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        log_level=LogLevels.error,
        workers=1,
        blocking_threads=settings.WEB_THREADS,
        workers_kill_timeout=5,
    ).serve()


def application() -> WSGIHandler:
    """granian's application factory: its worker process would otherwise outlive a granian that is killed."""
    die_with_parent()
    served: WSGIHandler = import_string("pole.wsgi.application")
    return served


def do_tasks() -> None:
    """The worker of the queue, in a child; the parent starts a database that died, and the worker after it."""
    clear_caches()
    is_ours = not os.environ.get("DATABASE_URL")
    lease = embedded_postgres.share(settings.VAR_DIR / "postgres") if is_ours else None
    try:
        call_command("worker", graceful_seconds=5)
    finally:
        if lease:
            lease.release()


def wait_until_it_answers(port: int, running: Children) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if exit_message := running.exit_message():
            raise RunError(f"{exit_message} : tout s’arrête.")
        with suppress(OSError, http.client.HTTPException):
            probe = http.client.HTTPConnection("127.0.0.1", port, timeout=READY_SECONDS)
            probe.request("GET", "/healthz")
            probe.getresponse()
            probe.close()
            return
        time.sleep(0.05)
    raise RunError(f"Le serveur web ne répond pas après {READY_SECONDS} s : tout s’arrête.")


def accounts_table(path: Path) -> str:
    if not path.exists():
        return ""
    fields = {
        "role": "Rôle",
        "email": "Adresse",
        "password": "Mot de passe",
        "totp_secret": "Secret du code à six chiffres",
    }
    rows = [list(fields.values())]
    for account in json.loads(path.read_text()):
        account["role"] = ROLES.get(account["role"], account["role"])
        rows.append([account[key] or "" for key in fields])
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    rows.insert(1, ["─" * width for width in widths])
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\nComptes de démonstration\n\n" + "\n".join(lines) + "\n"


def day_team_link(path: Path) -> str:
    """How to come in as a volunteer of the day team, who has no account; nothing once their forum is over."""
    entry = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if not entry or datetime.fromisoformat(entry["until"]) <= datetime.now(UTC):
        return ""
    return (
        f"Équipe du jour, sans compte ({entry['name']}, {entry['forum']}), dans une fenêtre privée :\n\n"
        f"  {entry['url']}\n"
    )


def codes_list(path: Path) -> str:
    """The voting codes that nobody had used when the demonstration was made; none once their vote is over."""
    entries = json.loads(path.read_text()) if path.exists() else []
    now = datetime.now(UTC)
    codes = [
        entry["code"] for entry in entries if datetime.fromisoformat(entry.get("until", NO_EXPIRY)) > now
    ]
    if not codes:
        return ""
    rows = [
        "  " + "  ".join(codes[first : first + CODES_PER_ROW])
        for first in range(0, len(codes), CODES_PER_ROW)
    ]
    return "\n".join([f"Codes de vote actifs, à taper sous /vote/ (aussi dans {path})\n", *rows, ""])
