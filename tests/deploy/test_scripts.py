"""Functions of deploy/install and deploy/upgrade by themselves, without a root; the whole is `make deploy-test`."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import environ
import pytest

from pole.server import embedded_postgres

DEPLOY = Path(embedded_postgres.__file__).parents[2] / "deploy"
SCRIPTS = ("install", "upgrade", "manage", "common.sh")

pytestmark = pytest.mark.any_hour("shell functions in a folder of their own")


@pytest.fixture
def shell(tmp_path):
    """Runs lines after the functions of a script, whose `main` is not called and whose paths are in a folder."""

    def run(lines, script="install", check=True, **variables):
        text = (DEPLOY / script).read_text(encoding="utf-8").replace('\nmain "$@"', "")
        text = text.replace('. "$HERE/common.sh"', "").replace(
            '. "$(dirname "$(readlink -f "$0")")/common.sh"', ""
        )
        common = (DEPLOY / "common.sh").read_text(encoding="utf-8")
        text = text.replace("/etc/nginx", f"{tmp_path}/etc/nginx")
        for path in ("/srv/pole", "/etc/pole", "/var/lib/pole-install", "/etc/nginx", "/etc/systemd/system"):
            common = common.replace(path, f"{tmp_path}{path}")
        done = subprocess.run(
            ["bash", "-c", f"{common}\n{text}\nset +e\n{lines}"], cwd=tmp_path,
            env={"PATH": f"{tmp_path}/bin:{os.environ['PATH']}"} | variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done

    for folder in ("bin", "srv/pole/web", "etc/nginx/conf.d"):
        (tmp_path / folder).mkdir(parents=True)
    return run


@pytest.mark.parametrize("script", SCRIPTS)
def test_syntax(script):
    subprocess.run(["bash", "-n", DEPLOY / script], check=True)
    if shutil.which("shellcheck"):
        done = subprocess.run(
            ["shellcheck", "-x", "-s", "bash", script],
            cwd=DEPLOY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == ""


@pytest.mark.parametrize("script", ["install", "upgrade"])
def test_help_needs_no_root_and_says_each_option(script):
    done = subprocess.run([DEPLOY / script, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout.strip()
    text = (DEPLOY / script).read_text(encoding="utf-8")
    taken = set(re.findall(r"^ +(?:--[a-z-]+ \| )*(--[a-z-]+)\) ", text, re.MULTILINE)) | set(
        re.findall(r"(--[a-z-]+) \|", text.partition("while")[2].partition("done")[0])
    )
    assert taken <= set(re.findall(r"--[a-z-]+", text.partition("TEXT")[2].partition("TEXT")[0])) | {"--help"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("portail.exemple.ca", "portail.exemple.ca"),
        ("Portail.Exemple.CA.", "portail.exemple.ca"),
        ("pôle.québec", "xn--ple-kna.xn--qubec-csa"),
        ("https://portail.exemple.ca", None),
        ("portail.exemple.ca/", None),
        ("portail", None),
        ("192.0.2.7", None),
        ("-a.exemple.ca", None),
        ("deux mots.ca", None),
        ('a";rm -rf /;".ca', None),
    ],
)
def test_name_of_the_portal(shell, given, name):
    done = shell('HOST=$GIVEN; name_of_host; printf "\\n%s" "$HOST"', check=False, GIVEN=given)
    assert (done.returncode == 0) == (name is not None), done.stderr
    if name:
        assert done.stdout.splitlines()[-1] == name
    else:
        assert "n’est pas un nom" in done.stderr


@pytest.mark.parametrize("password", ["simple", 'p@s:s/w%rd#é "$`\\', "a b", "%41", "?&=+;", "'"])
@pytest.mark.parametrize(
    ("relay", "port", "tls", "ssl"),
    [("r.exemple.ca", 587, True, False), ("r.exemple.ca:465", 465, False, True)],
)
def test_password_of_the_relay_comes_back_as_it_was(shell, password, relay, port, tls, ssl):
    done = shell(
        'RELAY=$GIVEN RELAY_USER="moi@exemple.ca"; mail_url', GIVEN=relay, POLE_RELAY_PASSWORD=password
    )
    url = done.stdout.strip()
    assert not set(url) & set(" \"'$`\\#")
    read = environ.Env.email_url_config(url)
    assert (read["EMAIL_HOST_USER"], read["EMAIL_HOST_PASSWORD"]) == ("moi@exemple.ca", password)
    assert (read["EMAIL_HOST"], read["EMAIL_PORT"]) == ("r.exemple.ca", port)
    assert (bool(read.get("EMAIL_USE_TLS")), bool(read.get("EMAIL_USE_SSL"))) == (tls, ssl)


def test_settings_are_made_once(shell, tmp_path):
    (tmp_path / "etc/pole.env").write_text("SECRET_KEY=à moi")
    lines = "keep SECRET_KEY autre; keep POLE_VAR /x; keep POLE_VAR /y"
    shell(lines)
    shell(lines)
    assert (tmp_path / "etc/pole.env").read_text() == 'SECRET_KEY=à moi\nPOLE_VAR="/x"\n'


def test_commands_have_the_settings_and_nothing_else(shell, tmp_path):
    """As systemd reads them: quotes go, `$` says nothing, comments and the rest are left out."""
    (tmp_path / "etc/pole.env").write_text(
        '# A comment\n\nONE=plain words  \nTWO="a $HOME \'b\'"\nTHREE=\'c "d"\'\n  FOUR=x=y#z\nnot a line\nFIVE="Le pôle" <a@b.c>\nSIX=last'
    )
    done = shell('as() { shift; "$@"; }; as_pole / env', SECRET_OF_ROOT="x", PYTHONPATH="/root")
    found = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert {name: found[name] for name in ("ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX")} == {
        "ONE": "plain words", "TWO": "a $HOME 'b'", "THREE": 'c "d"', "FOUR": "x=y#z", "FIVE": '"Le pôle" <a@b.c>', "SIX": "last",
    }  # fmt: skip
    assert found["HOME"] == f"{tmp_path}/srv/pole"
    assert not {"SECRET_OF_ROOT", "PYTHONPATH", "RELEASES"} & found.keys()


def test_file_changed_by_hand_stays_and_is_said(shell, tmp_path):
    path = tmp_path / "etc/nginx/conf.d/one"
    shell(f"echo first | place {path}")
    assert path.read_text() == "first\n"
    assert shell(f"echo second | place {path}").stderr == ""
    assert path.read_text() == "second\n"
    path.write_text("mine\n")
    for _again in range(2):
        assert "changé à la main" in shell(f"echo third | place {path}").stderr
        assert (path.read_text(), path.with_name("one.nouveau").read_text()) == ("mine\n", "third\n")
    # Taken over: it is ours again.
    path.write_text("third\n")
    shell(f"echo third | place {path}")
    assert shell(f"echo fourth | place {path}").stderr == ""
    assert path.read_text() == "fourth\n"


def test_certificate_that_is_a_link_stays_one(shell, tmp_path):
    """What Let’s Encrypt’s links lead to changes at each renewal."""
    (tmp_path / "archive.pem").touch()
    (tmp_path / "live.pem").symlink_to("archive.pem")
    given = f"OLDPWD={tmp_path}; cd /; OLDPWD={tmp_path}"
    assert shell(f"{given}; absolute live.pem").stdout == f"{tmp_path}/live.pem\n"
    missing = shell(f"{given}; absolute rien.pem", check=False)
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "rien.pem est introuvable" in missing.stderr


def test_site_has_the_name_the_certificate_and_both_protocols(shell):
    given = (
        "HOST=portail.quebec ADDRESS=https://portail.quebec HTTP=80 HTTPS=443 CERTIFICATE=/c.pem KEY=/k.pem"
    )
    text = shell(f"{given}; site {DEPLOY.parent}; site_in_clear").stdout
    assert "exemple" not in text
    assert "127.0.0.1:8000" not in text
    assert "listen 443 ssl http2;" in text
    assert "ssl_certificate /c.pem;" in text
    assert "proxy_pass http://pole_web;" in text
    assert "return 301 https://portail.quebec$request_uri;" in text
    assert text.count("listen 80;") == 2
    assert text.count('server_name "" ~^.;') == 2


CERTBOT = """
systemctl() {{ echo "systemctl $*" >>calls; [ "$1" != is-active ]; }}; nginx() {{ :; }}
certbot() {{ echo "certbot $*" >>calls; cp {folder}/etc/nginx/conf.d/pole-certificate.conf seen; return {code}; }}
HOST=portail.exemple.ca ADDRESS=https://portail.exemple.ca HTTP=80 HTTPS=443 EMAIL=moi@exemple.ca
cd {folder}; certificate
"""


@pytest.mark.parametrize("code", [0, 1])
def test_certificate_is_asked_by_a_site_in_clear(shell, tmp_path, code):
    done = shell(CERTBOT.format(folder=tmp_path, code=code), check=False)
    calls = (tmp_path / "calls").read_text().splitlines()
    asked = next(call for call in calls if call.startswith("certbot"))
    assert calls.index("systemctl start nginx") < calls.index(asked)
    for option in (
        "--webroot -w /var/lib/pole-acme",
        "-d portail.exemple.ca",
        "--email moi@exemple.ca",
        "--deploy-hook",
    ):
        assert option in asked
    seen = (tmp_path / "seen").read_text()
    assert ("acme-challenge" in seen, "ssl" in seen) == (True, False)
    assert done.returncode == code
    assert not (tmp_path / "etc/nginx/conf.d/pole-certificate.conf").exists()
    assert ("doit mener à ce serveur" in done.stderr) == bool(code)


# What each step of an upgrade is answered, by stand-ins that note their calls.
UPGRADE = """
log() {{ echo "$*" >>{folder}/calls; [ "${{FAILS:-}}" != "$1${{2:+ $2}}" ]; }}
need_root() {{ :; }}; alone() {{ :; }}; load_choices() {{ HOST=h; }}; room() {{ :; }}; fetch() {{ :; }}; choose() {{ COMMIT=x; }}
make_release() {{ RELEASE=$RELEASES/${{ASKED:-new}}; log make_release; }}
manage() {{ log "${{1##*/}}" "$2"; }}
place_units() {{ log place_units "${{1##*/}}"; }}; place_site() {{ log place_site "${{1##*/}}"; }}
systemctl() {{ case "$1" in is-active) return 0 ;; *) log "$1" "${{@: -1}}" ;; esac; }}
nginx() {{ :; }}; sleep() {{ :; }}
check_instance() {{ log check_instance; }}; check_site() {{ log check_site "$1"; }}
lead_to() {{ log lead_to "$1" && echo "server 127.0.0.1:$1;" >$UPSTREAM; }}
touch $ENV_FILE; mkdir -p $RELEASES/old $RELEASES/new; touch $RELEASES/{{old,new}}/.complete
[ -e $CURRENT ] || {{ point $CURRENT $RELEASES/old; point $BASE/web/8000 $RELEASES/old; echo "server 127.0.0.1:8000;" >$UPSTREAM; }}
main
"""


def upgraded(shell, tmp_path, **variables):
    (tmp_path / "calls").unlink(missing_ok=True)
    done = shell(UPGRADE.format(folder=tmp_path), script="upgrade", check=False, **variables)
    current = (tmp_path / "srv/pole/current").readlink().name
    live = "8001" if "8001" in (tmp_path / "etc/nginx/conf.d/pole-upstream.conf").read_text() else "8000"
    return done, current, live, (tmp_path / "calls").read_text().splitlines()


def test_upgrade_in_order(shell, tmp_path):
    done, current, live, calls = upgraded(shell, tmp_path)
    assert (done.returncode, current, live) == (0, "new", "8001"), done.stderr
    assert calls == [
        "old votes_allow_upgrade", "make_release", "old backup", "old votes_allow_upgrade", "new migrate", "new collectstatic",
        "place_units new", "enable pole-web@8001", "restart pole-web@8001", "check_instance", "place_site new", "lead_to 8001",
        "check_site 8001", "restart pole-worker", "disable pole-web@8000", "new diagnostic",
    ]  # fmt: skip
    assert "déjà" in upgraded(shell, tmp_path)[0].stdout


# From the oldest: v1.0.0, one commit, v1.1.0, one commit; beside them, a branch of v1.0.0.
HISTORY = """
git init -q --bare $REPOSITORY; git init -q -b main work; cd work
git config user.email a@b.test; git config user.name A
commit() { echo $1 >f; git add f; git commit -q -m $1; }
commit first; git tag v1.0.0; commit between; git branch between; git checkout -q -b beside v1.0.0; commit beside; git checkout -q main
commit second; git tag v1.1.0; commit ahead; git push -q --tags $REPOSITORY main between beside
FORMER=$RELEASES/any-$(git rev-parse --short=10 $PLACED_AT)
WANTED=$ASKED; choose && git describe --all $COMMIT
"""


@pytest.mark.parametrize(
    ("placed", "asked", "chosen"),
    [
        ("v1.0.0", "", "tags/v1.1.0"),
        ("between", "", "tags/v1.1.0"),
        ("v1.1.0", "", "tags/v1.1.0"),
        # Ahead of the newest tag: what is in place stays.
        ("main", "", "heads/main"),
        # Whoever names a version has it.
        ("main", "v1.0.0", "tags/v1.0.0"),
        ("beside", "v1.1.0", "tags/v1.1.0"),
    ],
)
def test_without_a_version_it_never_goes_below_what_is_in_place(shell, placed, asked, chosen):
    done = shell(HISTORY, script="upgrade", PLACED_AT=placed, ASKED=asked)
    assert done.stdout.splitlines()[-1] == chosen
    assert ("elle reste" in done.stdout) == (placed == "main" and not asked)


@pytest.mark.parametrize("lost", ["", "FORMER=$RELEASES/any-0123456789;"])
def test_without_a_version_what_does_not_follow_is_to_be_named(shell, lost):
    """From a branch beside, or from a commit that the repository has no more."""
    asking = HISTORY.replace("WANTED=", f"{lost} WANTED=")
    done = shell(asking, script="upgrade", check=False, PLACED_AT="beside", ASKED="")
    assert (done.returncode, "v1.1.0 ne fait pas suite à any-" in done.stderr) == (1, True)


def test_warning_of_the_diagnostic_stops_nothing(shell, tmp_path):
    done, current, _live, _calls = upgraded(shell, tmp_path, FAILS="new diagnostic")
    assert (done.returncode, current) == (0, "new")


@pytest.mark.parametrize("step", ["old votes_allow_upgrade", "make_release", "old backup"])
def test_what_fails_before_the_migrations_changes_nothing(shell, tmp_path, step):
    done, current, live, calls = upgraded(shell, tmp_path, FAILS=step)
    assert (done.returncode, current, live) == (1, "old", "8000")
    assert not [call for call in calls if "migrate" in call or call.startswith(("restart", "disable"))]


@pytest.mark.parametrize(
    "step",
    ["new migrate", "new collectstatic", "restart pole-web@8001", "check_instance", "lead_to 8001", "check_site 8001", "restart pole-worker"],
)  # fmt: skip
def test_what_fails_after_goes_back_to_the_former_code(shell, tmp_path, step):
    # The worker of the former code starts: it is the second time.
    done, current, live, calls = upgraded(shell, tmp_path, FAILS=step)
    assert (done.returncode, current, live) == (1, "old", "8000")
    assert "old continue, avec toutes ses données" in done.stderr
    assert "old collectstatic" in calls
    assert calls[-2:] == ["disable pole-web@8001", "check_site 8000"]
    assert ("restart pole-worker" in calls) == (step == "restart pole-worker")


def test_configuration_of_nginx_that_is_refused_keeps_the_former_one(shell, tmp_path):
    done, current, live, _calls = upgraded(shell, tmp_path, FAILS="place_site new")
    assert (done.returncode, current, live) == (0, "new", "8001")
    assert "l’ancienne reste" in done.stderr


PLACING = """
install() { [ "${@: -1}" = /var/cache/nginx ] || command install "$@"; }
site() { echo "# $1"; }; site_in_clear() { :; }; nginx() { ! grep -q refused $SITE; }
for release in one refused three; do place_site $release && echo kept || echo back; done
cat $SITE
"""


def test_site_is_taken_again_after_one_that_nginx_refused(shell, tmp_path):
    (tmp_path / "etc/nginx/sites-available").mkdir()
    (tmp_path / "etc/nginx/sites-enabled").mkdir()
    done = shell(PLACING)
    assert done.stdout.split() == ["kept", "back", "kept", "#", "three"], done.stderr
    assert "à la main" not in done.stderr


def test_relay_without_its_password_leaves_no_setting(shell):
    given = "chown() { :; }; install() { :; }; touch $ENV_FILE; HOST=h ADDRESS=https://h RELAY=r.example RELAY_USER=moi DATABASE=postgres://x"
    refused = shell(f"mkdir -p ${{ENV_FILE%/*}}; {given}; environment </dev/null", check=False)
    assert (refused.returncode, "POLE_RELAY_PASSWORD" in refused.stderr) == (1, True)
    again = shell(f"{given}; environment </dev/null; grep EMAIL_URL $ENV_FILE", POLE_RELAY_PASSWORD="a b")
    assert again.stdout.splitlines()[-1] == 'EMAIL_URL="smtp+tls://moi:a%20b@r.example:587"'


# What the script calls, in order: each may be the last of one that is killed before or after it.
KILLED = """
log() {{ echo "$*" >>{folder}/calls; [ "$(wc -l <{folder}/calls)" != "${{KILLED_AT:-}}" ] || kill -9 $BASHPID; [ "${{FAILS:-}}" != "$1${{2:+ $2}}" ]; }}
lead_to() {{ echo "server 127.0.0.1:$1;" >$UPSTREAM; log lead_to "$1" && echo $1 >{folder}/nginx; }}
check_site() {{ log check_site "$1" && [ "$(cat {folder}/nginx)" = "$1" ]; }}
[ -e {folder}/nginx ] || echo 8000 >{folder}/nginx
"""


def killed(shell, tmp_path, at, **variables):
    stand_ins = UPGRADE.replace("touch $ENV_FILE", KILLED + "touch $ENV_FILE")
    (tmp_path / "calls").unlink(missing_ok=True)
    lines = stand_ins.format(folder=tmp_path)
    done = shell(lines, script="upgrade", check=False, KILLED_AT=str(at), **variables)
    current = (tmp_path / "srv/pole/current").readlink().name
    return done, current, (tmp_path / "nginx").read_text().strip()


STEPS = range(1, 17)


@pytest.mark.parametrize("at", STEPS)
def test_killed_anywhere_and_run_again_it_is_finished(shell, tmp_path, at):
    assert killed(shell, tmp_path, at)[0].returncode == -signal.SIGKILL
    done, current, nginx = killed(shell, tmp_path, 0)
    assert (done.returncode, current, nginx) == (0, "new", "8001"), done.stderr
    assert "Retour" not in done.stderr
    assert not (tmp_path / "srv/pole/going-from").is_symlink()


@pytest.mark.parametrize("at", STEPS)
def test_killed_anywhere_then_broken_it_goes_back_to_the_code_before(shell, tmp_path, at):
    """Not to the one that it was going to, which « current » may name already; and says what is broken."""
    killed(shell, tmp_path, at)
    done, current, nginx = killed(shell, tmp_path, 0, FAILS="restart pole-worker")
    if at == 16:
        # It was done, but for the diagnostic: nothing to go back to.
        assert "new; c’est la version en place" in done.stderr
        return
    assert (done.returncode, current, nginx) == (1, "old", "8000"), done.stderr
    assert "pole-worker s’arrête avec new. Retour à old." in done.stderr


# Of one whose worker does not start, from there on.
BACK = range(15, 23)


@pytest.mark.parametrize("fails", ["restart pole-worker", "new migrate"])
@pytest.mark.parametrize("at", BACK)
def test_killed_while_it_goes_back_and_run_again_it_goes_back(shell, tmp_path, at, fails):
    done, _current, _nginx = killed(shell, tmp_path, at, FAILS="restart pole-worker")
    assert done.returncode == -signal.SIGKILL
    done, current, nginx = killed(shell, tmp_path, 0, FAILS=fails)
    assert (done.returncode, current, nginx) == (1, "old", "8000"), done.stderr
    assert "Retour à old" in done.stderr
    assert not (tmp_path / "srv/pole/going-from").is_symlink()


@pytest.mark.parametrize("at", BACK)
def test_killed_while_it_goes_back_then_asked_for_the_former_it_is_there(shell, tmp_path, at):
    killed(shell, tmp_path, at, FAILS="restart pole-worker")
    done, current, nginx = killed(shell, tmp_path, 0, ASKED="old")
    live = (tmp_path / "etc/nginx/conf.d/pole-upstream.conf").read_text()
    assert (done.returncode, current, nginx in live) == (0, "old", True), done.stderr
    assert (tmp_path / "srv/pole/web" / nginx).readlink().name == "old"


def test_what_is_in_place_and_does_not_answer_is_not_called_new(shell, tmp_path):
    killed(shell, tmp_path, 0)
    done, current, _nginx = killed(shell, tmp_path, 0, FAILS="check_site 8001")
    assert (done.returncode, current) == (1, "new")
    assert "c’est la version en place" in done.stderr
    assert "Retour" not in done.stderr


def test_one_that_was_killed_after_leading_to_the_new_code_is_finished(shell, tmp_path):
    upgraded(shell, tmp_path)
    (tmp_path / "srv/pole/current").unlink()
    (tmp_path / "srv/pole/current").symlink_to(tmp_path / "srv/pole/releases/old")
    done, current, live, calls = upgraded(shell, tmp_path)
    assert (done.returncode, current, live) == (0, "new", "8001")
    assert "enable pole-web@8000" not in calls
    assert calls[-3:] == ["restart pole-worker", "disable pole-web@8000", "new diagnostic"]
