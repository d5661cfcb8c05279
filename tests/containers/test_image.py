"""The image is built and its processes run (`make container-test`): as root, with buildah, debootstrap and the package registries."""

from __future__ import annotations

import pwd
import shutil
import subprocess
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from django.db import connection

from tests.bench import serving
from tests.waiting import free_port

pytestmark = [
    pytest.mark.containers,
    pytest.mark.any_hour("builds an image and runs it, by the machine’s clock"),
]
BASE, IMAGE = "localhost/pole-base:essai", "localhost/pole:essai"
TRUSTED = Path("/usr/local/share/ca-certificates")
ENVIRONMENT = {
    "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "portail.example", "BASE_URL": "https://portail.example",
    "EMAIL_URL": "smtp://mail.example:25", "TRUSTED_PROXY_COUNT": "1",
}  # fmt: skip


class Builder:
    """buildah with a store of its own, which needs no support of the kernel."""

    def __init__(self, folder: Path) -> None:
        self._start = [
            "buildah",
            "--storage-driver",
            "vfs",
            "--root",
            folder / "store",
            "--runroot",
            folder / "run",
        ]

    def __call__(self, *words: object) -> str:
        done = subprocess.run(
            [*map(str, self._start), *map(str, words)],
            cwd=serving.ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout.strip()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The file system of the image, built on a Debian 13 that debootstrap makes, since no registry of images may be near."""
    folder = tmp_path_factory.mktemp("image")
    buildah, debian = Builder(folder), folder / "debian"
    made = subprocess.run(
        ["debootstrap", "--variant=minbase", "trixie", debian], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    if TRUSTED.exists():
        shutil.copytree(TRUSTED, debian / TRUSTED.relative_to("/"), dirs_exist_ok=True)
    container = buildah("from", "scratch")
    buildah("add", "-q", container, debian, "/")
    # The packages of Python come by whichever authority this machine trusts.
    buildah("config", "--env", "PIP_CERT=/etc/ssl/certs/ca-certificates.crt", container)
    buildah("commit", "-q", container, BASE)
    shutil.rmtree(debian)
    buildah(
        "build", "--isolation", "chroot", "--network", "host", "--build-arg", f"BASE={BASE}", "-t", IMAGE, "."
    )
    container = buildah("from", "--pull-never", IMAGE)
    yield Path(buildah("mount", container))
    buildah("rm", "--all")
    for name in ("store", "run"):
        subprocess.run(["umount", "-R", folder / name], capture_output=True, check=False)


def confined(root, words, account=990, **options):
    """Those of the image, as its account, on a root that is read-only but for what compose.yaml mounts."""
    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{at['PASSWORD']}@:{at['PORT']}/{at['NAME']}?host={at['HOST']}"
    mounts = " && ".join(
        [f"mount --bind {root} {root}", f"mount -o remount,bind,ro {root}", f"mount -t proc proc {root}/proc"]
        + [f"mount -t tmpfs -o mode=1777 tmpfs {root}{path}" for path in ("/tmp", "/srv/pole/var", "/srv/pole/keys", "/run")]
        + [f"mkdir -p {root}/run/socket && mount --bind {at['HOST']} {root}/run/socket"]
    )  # fmt: skip
    held = "POLE_PRODUCTION=1 POLE_VAR=/srv/pole/var POLE_KEYS=/srv/pole/keys POLE_BACKUPS=/srv/pole/backups GRANIAN_BLOCKING_THREADS=5"
    given = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    command = (
        f"{mounts} && exec chroot --userspec={account}:{account} {root} env -i PATH=/usr/bin:/bin {held} {given}"
        f" DATABASE_URL='{url.replace(at['HOST'], '/run/socket')}' sh -c 'cd /srv/pole/portal && {words}'"
    )
    return subprocess.Popen(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", command], **options
    )


def who_may_enter():
    """The account of the server of these tests, which is not root; from now on it lets that account in as the role of the portal."""
    account = Path(connection.settings_dict["HOST"]).stat().st_uid
    assert account != 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('ident_file'), current_user")
        ident, role = cursor.fetchone()
        with Path(ident).open("a") as file:
            file.write(f'portal "{pwd.getpwuid(account).pw_name}" {role}\n')
        cursor.execute("SELECT pg_reload_conf()")
    return account


def ended(root, words):
    process = confined(root, words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, _none = process.communicate(timeout=300)
    return process.returncode, said


def test_image_holds_the_code_and_nothing_of_who_built_it(root):
    portal = root / "srv/pole/portal"
    assert (portal / "pole/wsgi.py").exists()
    assert (portal / "locale/fr/LC_MESSAGES/django.mo").exists()
    for left_out in ("tests", ".git", "var", "node_modules", "deploy/containers/pole.env"):
        assert not (portal / left_out).exists()
    assert portal.stat().st_uid == 0


def test_commands_and_pages_run_as_no_root_on_a_root_that_is_read_only(
    root, django_db_setup, django_db_blocker
):
    status, said = ended(
        root,
        "id -u && .venv/bin/python manage.py collectstatic --noinput --verbosity 0 && ls /srv/pole/var && touch pole/x",
    )
    assert status != 0, "the code can be written"
    assert "990" in said
    assert "error-pages" in said, said[-2000:]
    assert "Read-only file system" in said
    port = free_port()
    made = ".venv/bin/python manage.py collectstatic --noinput --verbosity 0 && "
    granian = ".venv/bin/granian --interface wsgi pole.wsgi:application --host 127.0.0.1 --port"
    with django_db_blocker.unblock():
        account = who_may_enter()
    server = confined(root, f"{made}exec {granian} {port} --workers 1", account)
    try:
        assert answer(port, {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}, server) == 200
        assert answer(port, {}, server) == 421
    finally:
        server.kill()
        server.wait()


def answer(port, headers, server):
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert server.poll() is None, "the server ended"
        with suppress(OSError, HTTPException):
            asking = HTTPConnection("127.0.0.1", port, timeout=30)
            asking.request("GET", "/", headers={"Host": "portail.example"} | headers)
            return asking.getresponse().status
        time.sleep(0.2)
    raise AssertionError("no answer")


def test_worker_runs_on_a_root_that_is_read_only(root, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        account = who_may_enter()
    worker = confined(
        root,
        "exec .venv/bin/python manage.py worker",
        account,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    time.sleep(15)
    assert worker.poll() is None, worker.stdout.read()[-2000:]
    worker.kill()
    worker.wait()
