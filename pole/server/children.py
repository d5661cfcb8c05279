"""Processes forked from this one, so that what it has loaded is theirs; watched, and stopped in order."""

import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from typing import Self, TextIO, cast

from django.conf import settings
from django.db import connections

STOP_SECONDS = 10
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15


@dataclass(frozen=True, slots=True)
class Name:
    """What a child is called in a sentence, and by `ps -o comm` and `top` (Linux only; fifteen bytes)."""

    in_words: str
    of_process: str


class Children:
    """What each does, by its name; those that were started run until the end of the block.

    They have no connection nor lease of this process, nor the file `not_theirs`, whose lock they would hold with it. This
    process must have no other thread when it starts one.
    """

    def __init__(self, acts: Mapping[Name, Callable[[], None]], not_theirs: TextIO) -> None:
        self.acts = acts
        self.not_theirs = not_theirs
        self.processes: dict[Name, ForkProcess] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop(*self.processes)

    def start(self, name: Name) -> None:
        # What waits to be written would be written by both.
        sys.stdout.flush()
        sys.stderr.flush()
        connections.close_all()
        process = multiprocessing.get_context("fork").Process(target=self.begin, args=(name,))
        process.start()
        self.processes[name] = process

    def begin(self, name: Name) -> None:
        """In the child."""
        # Ctrl-C reaches the parent alone, which stops its children in order.
        os.setsid()
        die_with_parent()
        _call_this_process(name.of_process)
        self.not_theirs.close()
        os.chdir(settings.BASE_DIR)
        self.acts[name]()

    def stop(self, *names: Name) -> None:
        children = [self.processes[name] for name in names]
        for child in children:
            child.terminate()
        for child in children:
            child.join(STOP_SECONDS)
            # Whatever it may have left behind.
            with suppress(ProcessLookupError):
                os.killpg(cast("int", child.pid), signal.SIGKILL)
            # The worker keeps its lease on the embedded server until it ends.
            child.join()

    def restart(self, name: Name) -> None:
        self.stop(name)
        self.start(name)

    def has_exited_cleanly(self, name: Name) -> bool:
        """Whether it ended by itself with status 0.

        The worker does so when its connections are cut: PostgreSQL cuts them all when one of its processes
        was killed (by a machine short of memory, often), and goes on.
        """
        return self.processes[name].exitcode == 0

    def exit_message(self) -> str:
        """Which of them has ended, with its status, in French; "" while all run."""
        for name, child in self.processes.items():
            if child.exitcode is not None:
                return f"{name.in_words} s’est arrêté (code {child.exitcode})"
        return ""


def die_with_parent() -> None:
    """In a child: receive SIGTERM when the parent ends, even killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _call_this_process(name: str) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())
