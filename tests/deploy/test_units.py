"""The units of deploy: what systemd says of them, offline, and what each has."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pole.server import embedded_postgres

DEPLOY = Path(embedded_postgres.__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("pole-*.service"))
# Of ten; what systemd's own services reach is rarely under 2.
MOST_EXPOSED = 2.0

pytestmark = pytest.mark.any_hour("reads files")
with_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="systemd judges its units where it is"
)


def says(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


@with_systemd
def test_systemd_reads_every_line(tmp_path):
    for unit in [*UNITS, *DEPLOY.glob("pole-*.timer")]:
        text = re.sub(
            r"^ExecStart=(?!/bin/sh).*", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE
        )
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir())],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    about_ours = [line for line in done.stderr.splitlines() if "pole-" in line]
    assert about_ours == []


# One line of them less, and systemd's own judgment barely moves.
CLOSED = {
    *(
        "NoNewPrivileges=true",
        "PrivateDevices=true",
        "PrivateTmp=true",
        "ProtectSystem=strict",
        "ProtectHome=true",
    ),
    *("ProtectProc=invisible", "ProtectClock=true", "ProtectControlGroups=true", "ProtectHostname=true"),
    *(
        "ProtectKernelLogs=true",
        "ProtectKernelModules=true",
        "ProtectKernelTunables=true",
        "RestrictNamespaces=true",
    ),
    *("RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "RestrictRealtime=true", "RestrictSUIDSGID=true"),
    *("CapabilityBoundingSet=", "SystemCallFilter=@system-service"),
}
WRITES = {
    "pole-web@.service": "/srv/pole/var /srv/pole/keys",
    "pole-worker.service": "/srv/pole/var /srv/pole/keys /srv/pole/backups",
    "pole-backup.service": "/srv/pole/backups",
    "pole-drill.service": "/srv/pole/backups",
}


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_is_closed_in_each_way_and_writes_where_it_must(unit):
    assert set(unit.read_text(encoding="utf-8").splitlines()) >= CLOSED
    written = [WRITES[unit.name]] if unit.name in WRITES else []
    assert says(unit, "ReadWritePaths") == written


def test_pages_listen_on_the_loopback_alone():
    (command,) = says(DEPLOY / "pole-web@.service", "ExecStart")
    assert " --host 127.0.0.1 " in command


@with_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_is_closed(unit):
    threshold = str(int(MOST_EXPOSED * 10))
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={threshold}", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_failure_is_told_to_someone(unit):
    if unit.name in ("pole-failed@.service", "pole-retry@.service"):
        return
    told = says(unit, "OnFailure")[0].split()
    assert told[0] == "pole-failed@%N.service"
    # What systemd gives up on after so many failures is taken up again; a backup waits for its hour.
    lasts = says(unit, "Restart") == ["always"]
    assert told[1:] == (["pole-retry@%N.service"] if lasts else [])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_only_what_starts_services_runs_as_root(unit):
    assert says(unit, "User") == ([] if unit.name == "pole-retry@.service" else ["pole"])


def test_each_timer_has_its_service():
    for timer in DEPLOY.glob("*.timer"):
        assert timer.with_suffix(".service").exists()
        assert says(timer, "Persistent") == ["true"]
