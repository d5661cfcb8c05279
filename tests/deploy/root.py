"""A bare Debian in a folder, for deploy/install: made by debootstrap once, copied for each run, with processes of its own.

Its packages come as those of this machine do (sources, proxies, certificates, pip's settings: read here, kept nowhere),
the network is that of the machine, and nothing of it outlives the test: a process namespace ends with its first process.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUITE = "trixie"
KEPT = ROOT / "var" / "deploy"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
# Of the machine, for pip, apt and git to reach what they reach here.
NETWORK = re.compile(r"^(PIP_|.*_proxy$|.*_PROXY$|SSL_CERT_|.*CA_BUNDLE$|GIT_SSL_CAINFO$)")
FIRST_PROCESS = """
mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount -t tmpfs tmpfs "$1/dev/shm"; mount -t tmpfs -o mode=755 tmpfs "$1/run"
shift_root=$1; shift
for folder; do mkdir -p "$shift_root$folder"; mount --bind "$folder" "$shift_root$folder"; done
exec chroot "$shift_root" /bin/bash -c 'while :; do wait; sleep 1; done'
"""


def mirror() -> str:
    """Where apt of this machine finds Debian."""
    for file in [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]:
        if file.is_file() and (
            found := re.search(r"\b(https?://\S+/debian)/?(?:\s|$)", file.read_text(encoding="utf-8"))
        ):
            return found[1]
    return "http://deb.debian.org/debian"


def base() -> Path:
    """Debian as debootstrap leaves it, a folder that is copied."""
    folder = KEPT / f"{SUITE}-base"
    if not folder.exists():
        unfinished = KEPT / f"{SUITE}-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--keyring={KEYRING}", SUITE, unfinished, mirror()],
            check=True, stdout=subprocess.DEVNULL, timeout=900,
        )  # fmt: skip
        unfinished.rename(folder)
    return folder


def folders_of_pip() -> list[str]:
    """Those that pip's settings name on this machine, for the root to see."""
    said = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    paths = re.findall(r"(?<![\w:/])/(?:opt|srv|mnt|var)/[^\s'\"/]+", said.stdout.replace("file://", ""))
    return sorted({path for path in paths if Path(path).is_dir()})


class Root:
    def __init__(self, name: str = "root") -> None:
        """Bare; or, with DEPLOY_AGAIN=1, the one that DEPLOY_KEEP=1 kept of the last run, restarted."""
        self.folder = KEPT / name
        again = bool(os.environ.get("DEPLOY_AGAIN")) and self.folder.exists()
        if not again:
            shutil.rmtree(self.folder, ignore_errors=True)
            subprocess.run(["cp", "-a", "--reflink=auto", base(), self.folder], check=True)
        self._reach_what_the_machine_reaches()
        self._prepare()
        self._turn_on()
        if again:
            self._start_what_is_enabled()

    def _turn_on(self) -> None:
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", FIRST_PROCESS, "sh",
             self.folder, *folders_of_pip()], start_new_session=True,
        )  # fmt: skip
        self._pid = self._first_process()

    def _start_what_is_enabled(self) -> None:
        enabled = {file.name for file in self.path("/etc/units-enabled").iterdir()}
        for unit in ["postgresql", *sorted(enabled - {"postgresql", "nginx"}), "nginx"]:
            self.must("systemctl", "start", unit)

    def restart(self) -> None:
        """As after a power cut: everything dies at once, then what is enabled starts."""
        self._keeper.kill()
        self._keeper.wait()
        self._turn_on()
        self._start_what_is_enabled()

    def _reach_what_the_machine_reaches(self) -> None:
        for path in (
            "/etc/resolv.conf",
            "/etc/hosts",
            "/etc/pip.conf",
            "/etc/xdg/pip",
            "/root/.config/pip",
            "/root/.pip",
            "/etc/apt/apt.conf.d",
        ):
            self._copy(Path(path))
        for name in ("docker-clean", "docker-no-languages", "20packagekit", "50appstream"):
            self.path(f"/etc/apt/apt.conf.d/{name}").unlink(missing_ok=True)
        # Installed again by a package of the root: under another name.
        shutil.copy(CERTIFICATES, self.path("/etc/ssl/of-the-machine.crt"))
        self.variables = {
            name: value.replace(CERTIFICATES, "/etc/ssl/of-the-machine.crt")
            for name, value in os.environ.items()
            if NETWORK.match(name) and name != "SSL_CERT_DIR"
        }
        for path in (
            "/etc/pip.conf",
            "/etc/xdg/pip/pip.conf",
            "/root/.config/pip/pip.conf",
            "/root/.pip/pip.conf",
        ):
            if self.path(path).exists():
                text = self.path(path).read_text()
                self.path(path).write_text(text.replace(CERTIFICATES, "/etc/ssl/of-the-machine.crt"))

    def _copy(self, source: Path) -> None:
        if source.is_dir():
            shutil.copytree(source, self.path(str(source)), dirs_exist_ok=True)
        elif source.exists():
            self.path(str(source)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, self.path(str(source)))

    def _prepare(self) -> None:
        """No service is started by a package; the stand-in of systemctl; packages are fetched once for all runs."""
        policy = self.path("/usr/sbin/policy-rc.d")
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        shutil.copy(Path(__file__).with_name("systemctl"), self.path("/usr/local/bin/systemctl"))
        # Nothing has to outlive a power cut.
        self.path("/etc/dpkg/dpkg.cfg.d/unsafe").write_text("force-unsafe-io\n")
        archives = self.path("/var/cache/apt/archives")
        packages = KEPT / "packages"
        packages.mkdir(exist_ok=True)
        shutil.copytree(packages, archives, dirs_exist_ok=True)
        # PostgreSQL of the root listens on no port of the machine.
        self.path("/etc/postgresql-common").mkdir(exist_ok=True)
        self.path("/etc/postgresql-common/createcluster.conf").write_text(
            "listen_addresses = ''\nfsync = off\n"
        )

    def keep_packages(self) -> None:
        for file in self.path("/var/cache/apt/archives").glob("*.deb"):
            shutil.copy(file, KEPT / "packages")

    def _first_process(self) -> int:
        children = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children")
        for _ in range(100):
            for pid in children.read_text().split():
                if Path(f"/proc/{pid}/root").resolve() == self.folder:
                    return int(pid)
            time.sleep(0.1)
        raise AssertionError("the first process of the root did not start")

    def path(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        """As root in it, like someone who just signed in."""
        environment = {
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "TERM": "dumb",
        }
        return subprocess.Popen(
            ["/usr/bin/nsenter", f"--target={self._pid}", "--mount", "--pid", "--root", "--",
             "/usr/bin/env", "--chdir=/root", *command],
            env=environment | self.variables | variables, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", cwd="/",
        )  # fmt: skip

    def run(self, *command: str, timeout: float = 900, **variables: str) -> tuple[int, str]:
        process = self.start(*command, **variables)
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            raise AssertionError(f"{command} did not end:\n{said}") from None
        return process.returncode, said

    def must(self, *command: str, **variables: str) -> str:
        code, said = self.run(*command, **variables)
        assert code == 0, f"{command}:\n{said}\n{self.logs()}"
        return said

    def logs(self) -> str:
        return "\n".join(
            f"--- {file.name}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-25:])
            for file in sorted(self.path("/var/log/units").glob("*.log"))
        )

    def end(self) -> None:
        self._keeper.kill()
        self._keeper.wait()
        if not os.environ.get("DEPLOY_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
