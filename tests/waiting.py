"""What is waited for of real processes, threads and sockets: until it is so, and for longer than a busy machine ever takes."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

# Only what never comes is waited for so long.
PATIENCE_SECONDS = 60
_held: list[socket.socket] = []


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def free_port() -> int:
    """A port of the loopback that nobody else is given while this process lives: whoever names it may listen there.

    One that is let go at once may be given again, to a server of another test or to the near end of a connection.
    """
    holder = socket.socket()
    # It never listens: whoever sets this too may.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    _held.append(holder)
    return int(holder.getsockname()[1])
