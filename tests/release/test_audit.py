"""`make audit` says that nothing is known of what it asked about, and of nothing else: with the real pip-audit and the real
npm, against sources on this machine that answer, answer in part, answer « nothing » to everything, or do not answer."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from release import audit
from release.locks import NPM_LOCK, PYTHON_LOCKS, npm_packages, read_lock

pytestmark = pytest.mark.any_hour("the hour changes nothing to what a source answers")
HASH = f"--hash=sha256:{'a' * 64}"
LOCK = f"""\
django==6.1.3 \\
    {HASH}
    # via pole (pyproject.toml)
colorama==0.4.6 ; sys_platform == 'win32' \\
    {HASH}
"""
Answer = Callable[[Any], tuple[int, Any]]


@contextmanager
def source(answer: Answer) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
            status, said = answer(asked)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def vulnerable(*names: str) -> Answer:
    """A service of OSV in which these have a fault, the control among them unless it is left out."""

    def answer(asked: Any) -> tuple[int, Any]:
        name = asked["package"]["name"]
        if name not in names:
            return 200, {}
        affected = {
            "package": {"name": name, "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}],
        }
        return 200, {"vulns": [{"id": f"TEST-{name}", "aliases": ["CVE-1"], "affected": [affected]}]}

    return answer


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """What stands between this machine and others has no part in what is asked of itself."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK)
    return path


@pytest.fixture
def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        yield taken.getsockname()[1]


def audited(lock, url):
    return audit.main(["--osv-url", f"{url}/v1/query", str(lock)])


# --- Python ------------------------------------------------------------------------------------------


def test_every_package_is_asked_about_those_of_other_systems_too(lock, capfd):
    asked = []

    def answer(question):
        asked.append(question["package"]["name"])
        return vulnerable("jinja2")(question)

    with source(answer) as url:
        assert audited(lock, url) == 0
    assert sorted(asked) == ["colorama", "django", "jinja2"]
    assert (
        "2 packages of the lock files, each answered about; no known vulnerability" in capfd.readouterr().out
    )


def test_vulnerability_fails_and_says_where_it_is_mended(lock, capfd):
    with source(vulnerable("jinja2", "colorama")) as url:
        assert audited(lock, url) == 1
    assert "colorama 0.4.6: CVE-1 (TEST-colorama); mended in 99.0" in capfd.readouterr().out


def test_source_that_finds_nothing_in_anything_audited_nothing(lock, capfd):
    """An empty mirror, a filter between: pip-audit alone says « No known vulnerabilities found »."""
    with source(lambda _asked: (200, {})) as url:
        assert audited(lock, url) == 2
    assert "finds nothing in jinja2==2.10, which is known to be vulnerable" in capfd.readouterr().err


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_source_that_refuses_audited_nothing(lock, capfd, status):
    with source(lambda _asked: (status, {})) as url:
        assert audited(lock, url) == 2
    assert capfd.readouterr().err.startswith("NOT AUDITED: pip-audit did not end")


def test_source_out_of_reach_audited_nothing(lock, capfd, closed_port):
    assert audited(lock, f"http://127.0.0.1:{closed_port}") == 2
    assert "NOT AUDITED" in capfd.readouterr().err


def test_package_index_out_of_reach_audited_nothing(lock, capfd, monkeypatch, closed_port):
    """The source of `make audit` itself, as from a network that does not reach it."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port}")
    assert audit.main([str(lock)]) == 2
    assert "NOT AUDITED" in capfd.readouterr().err


def test_package_that_the_index_does_not_know_is_told(lock, monkeypatch):
    """pip-audit passes over it, and succeeds."""
    said = {"dependencies": [{"name": "django", "version": "6.1.3", "vulns": []},
                             {"name": "colorama", "skip_reason": "Dependency not found on PyPI"}]}  # fmt: skip
    monkeypatch.setattr(
        audit, "_run", lambda command: audit.subprocess.CompletedProcess(command, 0, json.dumps(said), "")
    )
    with pytest.raises(audit.NothingLearned, match=r"about 1 of 2 packages: colorama==0\.4\.6"):
        audit.audit_python(read_lock(lock))


def test_both_versions_of_a_package_are_asked_about(tmp_path):
    """A universal lock may have one for each system; pip-audit refuses a name twice."""
    lock = tmp_path / "two.lock"
    lock.write_text(
        f"numpy==1.0 ; python_version < '3.13' \\\n    {HASH}\nnumpy==2.0 ; python_version >= '3.13' \\\n    {HASH}\n"
    )
    asked = []

    def answer(question):
        asked.append((question["package"]["name"], question["version"]))
        return vulnerable("jinja2")(question)

    with source(answer) as url:
        assert audited(lock, url) == 0
    assert sorted(asked) == [("jinja2", "2.10"), ("numpy", "1.0"), ("numpy", "2.0")]


@pytest.mark.parametrize(
    "text",
    ["", "# nothing\n", "django>=6\n", "django==6.1.3\n", "-e .\n", "./here\n", f"django @ https://x.example/d.whl {HASH}\n"],
)  # fmt: skip
def test_lock_that_is_not_one_is_refused(tmp_path, capfd, text):
    lock = tmp_path / "requirements.lock"
    lock.write_text(text)
    assert audit.main([str(lock)]) == 2
    assert "NOT AUDITED" in capfd.readouterr().err


def test_locks_of_the_portal_are_read_whole():
    for path in PYTHON_LOCKS:
        assert len(read_lock(path)) == path.read_text().count("\n    # via") > 0


# --- npm ---------------------------------------------------------------------------------------------


def test_npm_s_packages_are_of_developers_alone():
    places = npm_packages()
    assert len(places) > 100
    assert {place for place, dev in places.items() if not dev} == set()


def faulty(name):
    return {name: [{"id": 1, "url": "https://x.example", "title": "t", "severity": "high", "vulnerable_versions": "<999", "cwe": [], "cvss": {"score": 0, "vectorString": None}}]}  # fmt: skip


def audited_npm(url):
    return audit.audit_npm(len(npm_packages()), f"--registry={url}", "--fetch-retries=0")


def test_npm_asks_about_the_lock_and_the_control():
    asked = {}

    def answer(question):
        asked.update(question)
        return 200, faulty("minimist") | faulty("axe-core")

    with source(answer) as url:
        found = audited_npm(url)
    names = {place.rpartition("node_modules/")[2] for place in npm_packages()}
    assert set(asked) == {*names, "minimist"}
    assert any(line.startswith("npm axe-core: high") for line in found)


def test_npm_that_finds_nothing_in_anything_audited_nothing():
    with source(lambda _asked: (200, {})) as url, pytest.raises(audit.NothingLearned, match="minimist"):
        audited_npm(url)


def test_npm_that_is_refused_or_out_of_reach_audited_nothing(closed_port):
    with source(lambda _asked: (405, {})) as url, pytest.raises(audit.NothingLearned, match="405"):
        audited_npm(url)
    with pytest.raises(audit.NothingLearned):
        audited_npm(f"http://127.0.0.1:{closed_port}")


def test_control_of_npm_is_no_package_of_the_lock():
    assert f"node_modules/{audit.NPM_CONTROL[0]}" not in json.loads(NPM_LOCK.read_text())["packages"]
