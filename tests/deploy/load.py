"""Visitors of a portal behind nginx, who ask without end and count what fails; some of them write comments."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPSConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

# Beyond what `TimedForm` asks for.
PAUSE = 4


class ByName(HTTPSConnection):
    """To an address of the loopback, by the name that the certificate bears."""

    name = ""

    def connect(self) -> None:
        HTTPConnection.connect(self)
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.name)


class Browser:
    """A connection for each request: none is asked again, so that nothing that fails is hidden."""

    def __init__(self, host: str, port: int, certificate: Path) -> None:
        self.host, self.port, self.cookies = host, port, SimpleCookie()
        self.context = ssl.create_default_context(cafile=str(certificate))

    def ask(self, path: str, form: Mapping[str, str] | None = None) -> tuple[int, Mapping[str, str], str]:
        to = ByName("127.0.0.1", self.port, timeout=60, context=self.context)
        to.name = self.host
        address = f"{self.host}:{self.port}"
        headers = {"Host": address, "Cookie": "; ".join(f"{k}={v.value}" for k, v in self.cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"https://{address}"}
            headers["Referer"] = f"https://{address}{path}"
        try:
            to.request(
                "GET" if form is None else "POST",
                path,
                urlencode(form) if form is not None else None,
                headers,
            )
            answer = to.getresponse()
            body = answer.read().decode(errors="replace")
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                self.cookies.load(cookie)
            return answer.status, dict(answer.headers), body
        finally:
            to.close()

    def fill(self, path: str, field: str, **values: str) -> tuple[int, Mapping[str, str], str]:
        """Sends the form of a page that has this field, with the hidden fields that it has."""
        _status, _headers, page = self.ask(path)
        forms = re.findall(r"<form.*?</form>", page, re.DOTALL)
        form = next(form for form in forms if f'name="{field}"' in form)
        hidden = {
            name[1]: value[1]
            for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
            if (name := re.search(r'name="([^"]*)"', tag)) and (value := re.search(r'value="([^"]*)"', tag))
        }
        target = re.search(r'action="([^"]*)"', form)
        # Whoever writes at once is taken for a robot.
        time.sleep(PAUSE)
        return self.ask(target[1] if target else path, hidden | values)

    def sign_in(self, email: str, password: str) -> None:
        status, headers, body = self.fill("/compte/connexion/", "password", login=email, password=password)
        assert (status, headers["location"] != "/compte/connexion/") == (302, True), body[:3000]


class Load:
    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.failed: list[str] = []
        self.comments: list[str] = []
        self.releases: list[str] = []
        self._lock, self._over = threading.Lock(), threading.Event()

    def reads(self, browser: Browser, paths: list[str]) -> None:
        while not self._over.is_set():
            for path in paths:
                self._note("GET", path, 200, lambda path=path: browser.ask(path))
            status, headers, _body = browser.ask("/healthz")
            release = headers.get("x-release", str(status))
            if release not in self.releases[-1:]:
                self.releases.append(release)

    def writes(self, browser: Browser, post: str) -> None:
        for number in range(20):
            if self._over.wait(1):
                return
            text = f"Un mot {id(browser)}-{number}"
            if self._note(
                "POST",
                post,
                302,
                lambda text=text: browser.fill(post, "text", text=text, name_is_shown="on"),
            ):
                self.comments.append(text)

    def _note(self, method, path, expected, ask) -> bool:
        try:
            status, _headers, body = ask()
        except Exception as error:  # whatever it is, a visitor was not answered
            status, body = f"{type(error).__name__}: {error}", ""
        with self._lock:
            self.answers[f"{method} {path} {status}"] += 1
            if status != expected:
                self.failed.append(f"{time.strftime('%T')} {method} {path}: {status} {body[:200]}")
        return bool(status == expected)

    @contextmanager
    def running(
        self, readers: list[tuple[Browser, list[str]]], writers: list[tuple[Browser, str]]
    ) -> Iterator[None]:
        threads = [threading.Thread(target=self.reads, args=reader, daemon=True) for reader in readers]
        threads += [threading.Thread(target=self.writes, args=writer, daemon=True) for writer in writers]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join(90)
