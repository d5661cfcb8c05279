"""deploy/install and deploy/upgrade on a bare Debian: `make deploy-test`, as root, seven minutes.

In a root of debootstrap, with its own PostgreSQL and nginx; there is no systemd, so that `tests/deploy/systemctl` starts
what the units say, under their account and with their variables.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.bench.serving import free_port
from tests.deploy.load import Browser, Load
from tests.deploy.root import ROOT, Root
from tests.pole.test_run import wait_for

pytestmark = [
    pytest.mark.deploy,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can enter a root of its own"),
    pytest.mark.skipif(not shutil.which("debootstrap"), reason="debootstrap makes the root"),
    pytest.mark.any_hour("real servers in a root of their own, at the hour of the machine"),
]
HOST = "portail.exemple.test"
UPGRADE, MANAGE = "/srv/pole/current/deploy/upgrade", "/srv/pole/current/deploy/manage"
PEOPLE = [f"odile{number}@exemple.test" for number in range(5)]
PASSWORD = "une phrase assez longue"
# A post that everyone may comment, and people whose address is verified.
CONTENT = f"""
from allauth.account.models import EmailAddress
from accounts.models import User
for email in set({PEOPLE!r}) - set(User.objects.values_list("email", flat=True)):
    user = User.objects.create_user(email, name="Odile Tremblay", password={PASSWORD!r})
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
"""


class Repository:
    """A clone in the closed home of root, whose commits are the releases."""

    def __init__(self, root: Root) -> None:
        self.root, self.folder = root, root.path("/root/portal")
        if self.folder.exists():
            return
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, self.folder], check=True)
        self.git("remote", "remove", "origin")
        self.git("tag", "-d", *tags) if (tags := self.git("tag").split()) else None
        self.git("config", "user.name", "Essai")
        self.git("config", "user.email", "essai@exemple.test")

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", self.folder, *arguments], check=True, capture_output=True, text=True
        ).stdout.strip()

    def change(self, path: str, before: str, after: str) -> None:
        file = self.folder / path
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        assert before in text
        file.write_text(text.replace(before, after, 1) if before else text + after, encoding="utf-8")

    def release(self, tag: str) -> str:
        self.git("add", "-A")
        self.git("commit", "--quiet", "--allow-empty", "-m", tag)
        self.git("tag", "-f", tag)
        return f"{tag}-{self.git('rev-parse', '--short=10', 'HEAD')}"


class Portal:
    def __init__(self, root: Root, repository: Repository) -> None:
        self.root, self.repository = root, repository
        self.http, self.https = free_port(), free_port()
        choices = root.path("/etc/pole-install.conf")
        if choices.exists():
            self.http, self.https = map(
                int, re.findall(r"^HTTPS?=127\.0\.0\.1:(\d+)", choices.read_text(), re.MULTILINE)
            )
            return
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
             "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", root.path("/root/cle.pem"), "-out", root.path("/root/certificat.pem")],
            check=True, capture_output=True,
        )  # fmt: skip

    def install(self, *options: str, host: str = HOST, **variables: str) -> tuple[int, str]:
        listen = f"127.0.0.1:{self.http},127.0.0.1:{self.https}"
        return self.root.run(
            "/root/portal/deploy/install", "--certificate", "certificat.pem", "--key", "cle.pem", "--listen", listen,
            *options, host, **variables,
        )  # fmt: skip

    def upgrade(self, *arguments: str) -> tuple[int, str]:
        return self.root.run(UPGRADE, *arguments)

    def go_to_the_first_again(self) -> None:
        self.repository.git("reset", "--quiet", "--hard", "v0.1.0")
        self.repository.git("tag", "-d", *set(self.repository.git("tag").split()) - {"v0.1.0"})
        code, said = self.upgrade("v0.1.0")
        assert code == 0, said
        self.first = self.release()

    def browser(self) -> Browser:
        return Browser(HOST, self.https, self.root.path("/root/certificat.pem"))

    def release(self) -> str:
        return self.root.path("/srv/pole/current").readlink().name

    def instances(self) -> set[str]:
        """The releases whose instance lives."""
        living = [
            port
            for port in ("8000", "8001")
            if self.root.run("systemctl", "is-active", f"pole-web@{port}")[0] == 0
        ]
        return {self.root.path(f"/srv/pole/web/{port}").readlink().name for port in living}

    def sql(self, statement: str) -> str:
        return self.root.must(
            "setpriv", "--reuid=pole", "--regid=pole", "--init-groups", "psql", "-XAtqc", statement, "pole"
        ).strip()


@pytest.fixture(scope="module")
def portal():
    root = Root()
    try:
        made = Portal(root, Repository(root))
        if os.environ.get("DEPLOY_AGAIN"):
            made.go_to_the_first_again()
            yield made
            return
        made.repository.change(
            "templates/base.html", "<head>", '<head>\n  <meta name="generator" content="premier">'
        )
        made.repository.change("static/css/site.css", "", "\n.premier { color: inherit; }\n")
        made.first = made.repository.release("v0.1.0")
        yield made
    finally:
        root.keep_packages()
        root.end()


def untouched_by_hand(root: Root) -> dict[str, str]:
    paths = [Path("/etc/pole.env"), Path("/etc/nginx/sites-available/pole"), Path("/etc/pole-install.conf")]
    files = [*map(root.path, map(str, paths)), *root.path("/etc/systemd/system").glob("pole-*")]
    return {file.name: file.read_text() for file in files}


def test_bare_debian_serves_over_tls_after_one_command(portal):
    """Under the umask of a careful root, in a locale that is not there, from its closed home."""
    started = time.monotonic()
    code, said = portal.root.run(
        "sh", "-c", 'umask 077; exec /root/portal/deploy/install "$@"', "sh", "--certificate", "certificat.pem",
        "--key", "cle.pem", "--listen", f"127.0.0.1:{portal.http},127.0.0.1:{portal.https}", "--email", "info@exemple.test",
        "--relay", "127.0.0.1:25", "--relay-user", "pole@exemple.test", "Portail.Exemple.Test",
        LANG="fr_CA.UTF-8", LC_ALL="fr_CA.UTF-8", POLE_RELAY_PASSWORD='p@s:s/w%rd#é "$',
    )  # fmt: skip
    print(f"{time.monotonic() - started:.0f} s\n{said}")
    assert code == 0, said + portal.root.logs()
    assert "s’écrit portail.exemple.test" in said
    status, headers, page = portal.browser().ask("/")
    assert (status, 'content="premier"' in page) == (200, True)
    assert "max-age=63072000" in headers["strict-transport-security"]
    sheet = re.search(r'href="(/static/css/site\.[^"]+\.css)"', page)
    assert portal.browser().ask(sheet[1])[0] == 200
    assert portal.release() == portal.first
    env = portal.root.path("/etc/pole.env")
    assert (env.stat().st_mode & 0o777, "TRUSTED_PROXY_COUNT" in env.read_text()) == (0o640, True)
    relay = portal.root.must(
        MANAGE,
        "shell",
        "-v0",
        "-c",
        "from django.conf import settings; print(settings.MAILERS['delivery']['OPTIONS']['password'])",
    )
    assert relay.strip() == 'p@s:s/w%rd#é "$'


def test_the_same_again_changes_nothing(portal):
    before, living = untouched_by_hand(portal.root), portal.instances()
    pids = sorted(file.read_text() for file in portal.root.path("/run/units").glob("*.pid"))
    code, said = portal.install("--email", "info@exemple.test")
    assert code == 0, said
    assert (untouched_by_hand(portal.root), portal.instances()) == (before, living)
    assert sorted(file.read_text() for file in portal.root.path("/run/units").glob("*.pid")) == pids
    assert "Attention" not in said


def test_what_was_changed_by_hand_stays_and_is_said(portal):
    unit = portal.root.path("/etc/systemd/system/pole-backup.timer")
    written = unit.read_text()
    unit.write_text(written.replace("03:10", "02:00"))
    env = portal.root.path("/etc/pole.env")
    with env.open("a") as file:
        file.write("POLE_KEPT_MIB=16\n")
    code, said = portal.install()
    assert code == 0, said
    assert "pole-backup.timer a été changé à la main" in said
    assert "02:00" in unit.read_text()
    assert env.read_text().endswith("POLE_KEPT_MIB=16\n")
    unit.with_name("pole-backup.timer.nouveau").rename(unit)


def test_processes_run_as_their_account_and_commands_too(portal):
    status = portal.root.must("sh", "-c", "grep -h ^Uid: /proc/$(cat /run/units/pole-web@8000.pid)/status")
    assert status.split()[1] == portal.root.must("id", "-u", "pole").strip()
    assert portal.root.must(MANAGE, "backup")
    assert "retrouvés entiers" in portal.root.must("systemctl", "start", "pole-drill")
    said = portal.root.run("systemctl", "start", "pole-failed@pole-worker")[1]
    assert "pole-worker" in said


@pytest.fixture(scope="module")
def post(portal):
    """The address of a post that people may comment."""
    portal.root.must(MANAGE, "shell", "-v0", "-c", CONTENT)
    return portal.root.must(MANAGE, "shell", "-v0", "-c", POST).split()[-1]


POST = """
from datetime import timedelta
from django.utils import timezone
from blog.models import Post
from comments.models import Thread
from desk.models import Draft
fields = {"title": "Un billet", "heading": "", "summary": "", "body": "<p>Un mot.</p>"}
draft = Draft.objects.create(content=fields, published_version=1)
post = Post.objects.filter(slug="un-billet").first() or Post.objects.create(slug="un-billet", title="Un billet", body="<p>Un mot.</p>", thread=Thread.objects.create(), draft=draft, published_at=timezone.now() - timedelta(hours=1))
print(post.get_absolute_url())
"""


def test_upgrade_under_load_fails_no_request(portal, post):
    people = [portal.browser() for _ in PEOPLE]
    for browser, email in zip(people, PEOPLE, strict=True):
        browser.sign_in(email, PASSWORD)
    sheet = re.search(r'href="(/static/css/site\.[^"]+\.css)"', portal.browser().ask("/")[2])[1]
    portal.repository.git("checkout", "--quiet", "HEAD~1", "--", ".")
    latest = portal.repository.release("v0.2.0")
    load = Load()
    readers = [(portal.browser(), ["/", post, "/repertoire/", "/compte/connexion/", sheet]) for _ in range(4)]
    with load.running(readers, [(browser, post) for browser in people]):
        time.sleep(3)
        started = time.monotonic()
        code, said = portal.upgrade()
        seconds = time.monotonic() - started
        time.sleep(3)
    print(f"{seconds:.0f} s, {load.answers.total()} requests: {dict(load.answers)}\n{said}")
    assert code == 0, said + portal.root.logs()
    assert load.failed == []
    assert len(load.comments) >= 20
    assert len(dict.fromkeys(load.releases)) == 2
    assert set(load.comments) <= set(portal.sql("SELECT text FROM comments_comment").splitlines())
    assert (portal.release(), portal.instances()) == (latest, {latest})
    assert 'content="premier"' not in portal.browser().ask("/")[2]
    # The hub is not described: the diagnostic says so, and nothing stops for it.
    assert "À VOIR" in said


def test_after_a_power_cut_one_instance_comes_back(portal):
    release = portal.release()
    portal.root.restart()
    # Within the time that a process takes to start.
    wait_for(lambda: portal.browser().ask("/")[0] == 200, 60)
    assert portal.instances() == {release}
    assert portal.root.run("systemctl", "is-active", "pole-worker")[0] == 0


BROKEN = {
    "does not start": ("pole/urls.py", "from django.conf", "raise RuntimeError('nouveau code')\nfrom django.conf"),
    "page fails": ("templates/base.html", "<head>", "<head>{% tag_that_nothing_knows %}"),
    "migration fails": (
        "pole/migrations/9999_broken.py", "",
        "from django.db import migrations\nclass Migration(migrations.Migration):\n"
        "    dependencies = [('pole', LAST)]\n    operations = [migrations.RunSQL('SELECT 1 / 0')]\n",
    ),
    "worker fails": ("pole/management/commands/worker.py", "        connector =", "        raise RuntimeError\n        connector ="),
}  # fmt: skip
ADDED = (
    "from django.db import migrations\nclass Migration(migrations.Migration):\n"
    "    dependencies = [('pole', LAST)]\n    operations = [migrations.RunSQL('CREATE TABLE pole_added ()')]\n"
)


def last_migration(portal):
    return repr(max(file.stem for file in (portal.repository.folder / "pole/migrations").glob("0*.py")))


@pytest.mark.parametrize("kind", BROKEN)
def test_new_code_that_is_broken_comes_back_by_itself(portal, post, kind):
    before, comments = portal.release(), portal.sql("SELECT count(*) FROM comments_comment")
    path, written, broken = BROKEN[kind]
    portal.repository.change(path, written, broken.replace("LAST", last_migration(portal)))
    if kind == "page fails":
        portal.repository.change(
            "pole/migrations/9998_added.py", "", ADDED.replace("LAST", last_migration(portal))
        )
    portal.repository.release("v0.3.0")
    load = Load()
    try:
        with load.running([(portal.browser(), ["/", post])], []):
            code, said = portal.upgrade("v0.3.0")
    finally:
        portal.repository.git("reset", "--quiet", "--hard", "v0.2.0")
        portal.repository.git("tag", "-d", "v0.3.0")
    print(said)
    assert code != 0
    assert f"{before} continue, avec toutes ses données" in said
    assert load.failed == []
    assert (portal.release(), portal.instances()) == (before, {before})
    assert portal.sql("SELECT count(*) FROM comments_comment") == comments
    assert portal.root.run("systemctl", "is-active", "pole-worker")[0] == 0
    if kind == "page fails":
        assert portal.sql("SELECT to_regclass('pole_added')") == "pole_added"
        assert '"migrations": true' in portal.browser().ask("/readyz")[2]


STEPS = ["Préparation de", "Sauvegarde", "Migrations", "Nouvelle instance", "nginx y mène"]


def test_killed_at_each_step_and_run_again_it_ends_well(portal, post):
    portal.repository.change(
        "templates/base.html", "<head>", '<head>\n  <meta name="generator" content="suite">'
    )
    latest = portal.repository.release("v0.4.0")
    for step in STEPS:
        process = portal.root.start(UPGRADE)
        for line in process.stdout:
            if step in line:
                time.sleep(0.3)
                portal.root.run(
                    "sh", "-c", "kill -9 $(grep -lzs deploy/upgrad[e] /proc/[0-9]*/cmdline | cut -d/ -f3)"
                )
                break
        process.kill()
        process.wait()
        assert portal.browser().ask(post)[0] == 200, step
    code, said = portal.upgrade()
    assert code == 0, said + portal.root.logs()
    assert (portal.release(), portal.instances()) == (latest, {latest})
    code, said = portal.upgrade()
    assert (code, "déjà la version en place" in said) == (0, True), said


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--certificate", "/root/rien.pem", HOST), "est introuvable"),
        (("--option", HOST), "n’est pas une option"),
        (("https://portail.exemple.test/",), "n’est pas un nom"),
        (("192.0.2.1",), "n’est pas un nom de site"),
        (("localhost",), "n’est pas un nom de site"),
        ((), "il manque le nom"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(portal, arguments, expected):
    portal.root.path("/etc/pole-install.conf").rename(portal.root.path("/etc/aside"))
    try:
        code, said = portal.root.run("/root/portal/deploy/install", *arguments)
    finally:
        portal.root.path("/etc/aside").rename(portal.root.path("/etc/pole-install.conf"))
    assert code == 1
    assert expected in said


def test_lack_of_room_changes_nothing(portal):
    before = portal.release()
    code, said = portal.root.run(UPGRADE, "v0.1.0", POLE_ROOM="99999999")
    assert (code, "Mo sur le disque" in said, portal.release()) == (1, True, before)
    code, said = portal.install(POLE_ROOM="99999999")
    assert (code, "Mo sur le disque" in said) == (1, True)
