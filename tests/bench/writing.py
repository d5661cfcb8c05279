"""The writing desk: how long an autosave takes, and what hostile pictures cost a worker in memory."""

from __future__ import annotations

import io
import random
import threading
import time
import zlib
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.bench.data import BenchError

WRITERS, SAVES_EACH = 4, 15
# As static/js/autosave.js, which waits for the fingers to rest.
PAUSE_SECONDS = 1.5
# Some twenty pages of a book, of which each save sends all.
TEXT = (
    "<p>" + "</p><p>".join(["Une coopérative se tient sur la confiance de ses membres. " * 8] * 90) + "</p>"
)
BOUNDARY = "une-limite-entre-les-champs"


def autosave_ms(port: int) -> list[float]:
    """Round trips of several people who write at once, in milliseconds."""
    from tests.factories import PostFactory

    writers = [
        (
            _staff_cookies(f"plume{number}-{time.time_ns()}@exemple.example"),
            PostFactory(slug=f"banc-{time.time_ns()}", title="Banc", body="<p>Un.</p>"),
        )
        for number in range(WRITERS)
    ]
    took: list[float] = []
    refusals: list[str] = []

    def write(cookies: dict[str, str], post: Any) -> None:
        from django.urls import reverse

        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        path = reverse("staff:post_autosave", args=[post.pk])
        for version in range(1, SAVES_EACH + 1):
            time.sleep(PAUSE_SECONDS * random.random() * 2)
            fields = {
                "title": "Banc", "body": f"{TEXT}<p>{version}</p>", "kind": "billet", "language": "fr",
                "seen_version": version, "writing_key": f"{post.pk:032x}", "csrfmiddlewaretoken": cookies["csrftoken"],
            }  # fmt: skip
            start = time.perf_counter()
            status, said = _post(connection, path, cookies, urlencode(fields).encode())
            took.append(1000 * (time.perf_counter() - start))
            if status != 200:
                refusals.append(f"{path}: {status} {said[:300]!r}")
                return

    threads = [threading.Thread(target=write, args=writer) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if refusals or len(took) != WRITERS * SAVES_EACH:
        raise BenchError(refusals[0] if refusals else "a writer stopped")
    return took


def upload_mebibytes(port: int) -> float:
    """The most that a worker grew while pictures made to hurt were sent to it, each several times."""
    cookies = _staff_cookies(f"images-{time.time_ns()}@exemple.example")
    workers = worker_processes(port)
    before = {pid: memory(pid, "VmRSS") for pid in workers}
    for pid in workers:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    heavy = b"\xff\xd8\xff" + bytes(100 * 1024 * 1024)
    for content, status in ((_photograph(), 201), (_bomb(), 422), (heavy, 413)):
        for _time in range(2 * len(workers)):
            if (seen := _send(port, cookies, content)) != status:
                raise BenchError(f"a picture: {seen} instead of {status}")
    return max(memory(pid, "VmHWM") - before[pid] for pid in workers)


def _photograph() -> bytes:
    """As large as is taken: 24 million pixels of noise would not be 5 MB, so a slope."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((6000, 4000)).convert("RGB").save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _bomb() -> bytes:
    """A PNG of 900 million pixels in less than a megabyte."""

    def chunk(name: bytes, content: bytes) -> bytes:
        sealed = name + content
        return len(content).to_bytes(4) + sealed + zlib.crc32(sealed).to_bytes(4)

    side = 30_000
    head = side.to_bytes(4) + side.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    rows = zlib.compress(bytes((side + 1) * 100), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _send(port: int, cookies: dict[str, str], content: bytes) -> int:
    """The status; 413 when the server closed the connection before it read everything."""
    from django.urls import reverse

    fields = {"csrfmiddlewaretoken": cookies["csrftoken"], "is_described_later": "on"}
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'.encode()
    body += b"Content-Type: image/jpeg\r\n\r\n" + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        status, _said = _post(connection, reverse("staff:picture_add"), cookies, body, kind)
    except (OSError, HTTPException):
        return 413
    finally:
        connection.close()
    return status


def _post(
    connection: HTTPConnection,
    path: str,
    cookies: dict[str, str],
    body: bytes,
    kind: str = "application/x-www-form-urlencoded",
) -> tuple[int, bytes]:
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Content-Type": kind,
        "Accept": "application/json",
    }
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _staff_cookies(email: str) -> dict[str, str]:
    from django.middleware.csrf import _get_new_csrf_string

    from accounts.models import User
    from tests.conftest import signed_in

    user = User.objects.create_user(email, name="Banc d’essai", roles=["direction"], is_superuser=True)
    session = signed_in(user, second_factor=True).cookies["sessionid"].value
    return {"sessionid": session, "csrftoken": _get_new_csrf_string()}


def worker_processes(port: int) -> list[int]:
    """The processes that serve the port."""
    words = f"--port\0{port}\0".encode()
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdecimal() and words in _command(folder)
    ]


def _command(folder: Path) -> bytes:
    try:
        return (folder / "cmdline").read_bytes()
    except OSError:
        return b""


def memory(pid: int, name: str) -> float:
    """In MiB; `VmHWM` is the most since it was last cleared."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
