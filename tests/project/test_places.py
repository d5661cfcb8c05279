"""`make run` and `make test` where people put a clone: closed folders, odd paths, bare environments.

In `make test` two places hold all of it at once; `make places` tries each by itself.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

import pytest

from pole.server import embedded_postgres
from tests.pole.test_postgres import processes_in
from tests.waiting import free_port, wait_for

ROOT = Path(embedded_postgres.__file__).parents[2]
NOBODY = pwd.getpwnam("nobody")
ORDINARY = [
    "setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups", "--inh-caps=-all",
    "--bounding-set=-all", "--no-new-privs", "--",
]  # fmt: skip
WITHOUT_CAPABILITIES = ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--"]
WITHOUT_SETPCAP = ["setpriv", "--inh-caps=-setpcap", "--bounding-set=-setpcap", "--"]
PLAIN = {"HOME": "/root", "LANG": "C.UTF-8"}
# Spaces, accents, both quotes; over 200 characters.
ODD_NAME = "L’été à l'« école » de Trois-Rivières " + "x" * 180
# A small file of the suite that needs the database.
ONE_FILE = "tests/pole/test_database.py"

pytestmark = [
    pytest.mark.skipif(
        os.geteuid() != 0, reason="only root can try other accounts and folders closed to them"
    ),
    pytest.mark.any_hour("the commands of a newcomer, at the hour of the machine"),
]


@pytest.fixture(scope="module")
def open_folder():
    """One that every account may enter; pytest closes its own at each start of a run."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def open_environment(open_folder):
    """`.venv` and its interpreter again, where any account may read them: both are often in root's home."""
    folder = open_folder / "environment"
    folder.mkdir()
    python = folder / "python/bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    copy_tree((ROOT / ".venv").resolve(), folder / ".venv")
    copy_tree(sys.base_prefix, folder / "python")
    # Never written through: these files are the original's.
    (folder / ".venv/pyvenv.cfg").unlink()
    (folder / ".venv/pyvenv.cfg").write_text(f"home = {python.parent}\n")
    for name in ("python", "python3", python.name):
        (folder / ".venv/bin" / name).unlink(missing_ok=True)
        (folder / ".venv/bin" / name).symlink_to(python)
    return folder


def copy_tree(source, target):
    """By hard links, in a second, where they can be made and others may read the files."""
    linked = subprocess.run(["cp", "-al", source, target], capture_output=True, check=False)
    closed = ["find", target, "-type", "f", "!", "-perm", "-004", "-print", "-quit"]
    if linked.returncode or subprocess.run(closed, capture_output=True, check=True).stdout:
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", source, target], check=True)
        subprocess.run(["chmod", "-R", "go+r", target], check=True)


class Clone:
    """A clone in a folder that only its own account may enter, and how commands are started in it."""

    def __init__(self, closed, environment, *, name="clone", account=(), umask=0o022, variables=PLAIN):
        self.closed, self.folder, self.environment = closed, closed / name, environment
        self.account, self.umask = account, umask
        self.variables = variables | {
            "PATH": os.environ["PATH"],
            "LD_LIBRARY_PATH": str(environment / "python/lib"),
        }
        self._copy_files()
        if umask & 0o077 == 0o077:
            subprocess.run(["chmod", "-R", "go-rwx", *self.folder.glob("[!.]*")], check=True)
            subprocess.run(["find", closed, "-type", "d", "-exec", "chmod", "700", "{}", "+"], check=True)
        if account == ORDINARY:
            own = f"{NOBODY.pw_uid}:{NOBODY.pw_gid}"
            not_linked = ["(", "-type", "d", "-o", "!", "-path", "*/.venv/*", ")"]
            subprocess.run(["find", closed, *not_linked, "-exec", "chown", "-h", own, "{}", "+"], check=True)
        closed.chmod(0o700)

    def _copy_files(self):
        """What git would bring; and an environment already installed, moved here until `tear_down`."""
        self.folder.mkdir(parents=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
        ).stdout
        for path in (Path(os.fsdecode(name)) for name in listed.split(b"\0") if name):
            if (ROOT / path).exists():
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / path, self.folder / path)
        open_all = ["find", self.environment, "-type", "d", "-exec", "chmod", "755", "{}", "+"]
        subprocess.run(open_all, check=True)
        (self.environment / ".venv").rename(self.folder / ".venv")

    def tear_down(self):
        for data_dir in (self.folder / "var/postgres", self.folder / "var/test/postgres"):
            for pid in processes_in(data_dir):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        (self.folder / ".venv").rename(self.environment / ".venv")
        shutil.rmtree(self.closed)

    def start(self, *arguments, log, **variables):
        with (self.closed / log).open("wb") as output:
            return subprocess.Popen(
                [*self.account, "make", *arguments], cwd=self.folder, env=self.variables | variables,
                umask=self.umask, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def read_log(self, log):
        return (self.closed / log).read_text(errors="replace")

    @contextmanager
    def running(self):
        """`make run`, until Ctrl-C."""
        port = str(free_port())
        with self.start("run", log="run.log", PORT=port) as process:
            try:
                wait_for(
                    lambda: "Le portail répond" in self.read_log("run.log") or process.poll() is not None, 180
                )
                assert process.poll() is None, self.read_log("run.log")
                yield f"http://localhost:{port}"
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGINT)
                process.wait(30)

    def assert_both_commands_work(self):
        with self.running() as url:
            assert urllib.request.urlopen(f"{url}/repertoire/").status == 200
            assert urllib.request.urlopen(f"{url}/readyz").status == 200
        assert processes_in(self.folder / "var/postgres") == []
        code, output = self.run_tests()
        assert code == 0, output
        assert re.search(r"^\d+ passed", output, re.MULTILINE), output

    def run_tests(self):
        """The exit code of `make test`, for one file, and its output."""
        process = self.start("test", f"TESTS={ONE_FILE}", log="test.log", PYTEST_ADDOPTS="-q")
        process.wait(180)
        return process.returncode, self.read_log("test.log")


@pytest.fixture
def clone(open_folder, open_environment):
    """`clone(name=…, account=…, umask=…, variables=…)`."""
    made = []

    def make(**place):
        made.append(Clone(Path(mkdtemp(dir=open_folder)), open_environment, **place))
        return made[-1]

    yield make
    for each in made:
        each.tear_down()


@pytest.mark.parametrize("account", [(), ORDINARY], ids=["root", "ordinary"])
def test_both_commands_work_where_all_is_against_them(clone, account):
    """Closed home, long odd path, umask 077, no HOME, LANG=C; for an ordinary account, no capability."""
    place = clone(name=ODD_NAME, account=account, umask=0o077, variables={"LANG": "C"})
    place.assert_both_commands_work()


def test_both_commands_say_what_to_do_where_root_has_no_capability(clone):
    place = clone(account=WITHOUT_CAPABILITIES)
    advice = "Lancez la commande sous un compte ordinaire, ou indiquez par DATABASE_URL un serveur"
    with place.start("run", log="run.log") as process:
        assert process.wait(60) == 2
    assert advice in place.read_log("run.log")
    assert "Traceback" not in place.read_log("run.log")
    code, output = place.run_tests()
    assert (code, advice in output, "Traceback" in output) == (2, True, False)


@pytest.mark.places
@pytest.mark.parametrize(
    "place",
    [
        {},
        {"account": ORDINARY},
        {"name": ODD_NAME},
        {"umask": 0o077},
        {"variables": {"LANG": "C.UTF-8"}},
        {"variables": PLAIN | {"LANG": "C"}},
        {"variables": PLAIN | {"LC_ALL": "fr_CA.ISO-8859-1"}},
        {"account": ORDINARY, "umask": 0o077, "name": ODD_NAME},
    ],
    ids=["root", "ordinary", "odd path", "umask", "no HOME", "LANG=C", "unknown locale", "ordinary, closed"],
)
def test_both_commands_work_in_each_place(clone, place):
    clone(**place).assert_both_commands_work()
