#!/usr/bin/env python
"""Django's commands. Without DATABASE_URL, each holds the embedded PostgreSQL while it runs."""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import FrameType

from django.core.management import execute_from_command_line

from pole.server import embedded_postgres

ROOT = Path(__file__).resolve().parent
# Commands that no server has to start for.
WITHOUT_DATABASE = {
    "check_locale",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "messages",
    "startapp",
    "version",
}


def needs_database(arguments: list[str]) -> bool:
    command = next((word for word in arguments if not word.startswith("-")), "help")
    return command not in WITHOUT_DATABASE and not {"-h", "--help"} & set(arguments)


def leave(number: int, _frame: FrameType | None) -> None:
    """End as on Ctrl-C, so that what is held is released."""
    raise SystemExit(128 + number)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pole.settings")
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Not what `nohup` ignores.
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, leave)
    server: AbstractContextManager[object] = nullcontext()
    # In production the settings refuse to start without DATABASE_URL, and say what else is missing.
    is_production = os.environ.get("POLE_PRODUCTION", "") not in {"", "0"}
    if needs_database(sys.argv[1:]) and not os.environ.get("DATABASE_URL") and not is_production:
        # `run` waits for it by itself: Django loads while it starts.
        server = embedded_postgres.running(
            Path(os.environ.get("POLE_VAR", ROOT / "var"), "postgres"), wait=sys.argv[1:2] != ["run"]
        )
    try:
        with server:
            execute_from_command_line(sys.argv)
    except embedded_postgres.PostgresError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
