"""Which answers are kept, to whom they are given, and in which form."""

from __future__ import annotations

import gzip
from datetime import timedelta

import brotli
import pytest
from django.conf import settings
from django.utils import timezone

from pole.caching import kept_answers
from tests.pole import kept_site
from tests.pole.kept_site import TEXT, forget_version, made, raise_version

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.pole.kept_site")]


@pytest.fixture
def site():
    with kept_site.opened() as site:
        yield site


@pytest.fixture
def warm(site):
    """The page is kept."""
    site.ask()
    assert site.is_kept()
    return site


def test_page_is_made_once_until_what_it_reads_changes(warm):
    for _time in range(3):
        raise_version()
        shown = [warm.ask()[2] for _ in range(3)]
        assert len(set(shown)) == 1
    assert len(made.paths) == 4
    # What other pages read changes nothing to this one.
    raise_version("autre")
    assert warm.is_kept()
    forget_version("autre")


def test_kept_answer_has_the_headers_of_django(warm):
    status, headers, body = warm.ask()
    expected_status, expected, expected_body = warm.ask(of=warm.django)
    ids = headers.pop("x-request-id"), expected.pop("x-request-id")
    assert (status, headers, body) == (expected_status, expected, expected_body)
    assert ids[0] != warm.ask()[1]["x-request-id"]
    assert [len(each) for each in ids] == [12, 12]


def test_head_has_the_headers_and_no_body(warm):
    _status, headers, body = warm.ask()
    status, same, nothing = warm.ask(method="HEAD")
    del headers["x-request-id"], same["x-request-id"]
    assert (status, same, nothing) == (200, headers, b"")
    assert int(headers["content-length"]) == len(body)
    assert len(made.paths) == 1


def test_what_head_made_is_not_kept(site):
    site.ask(method="HEAD")
    assert not site.is_kept()


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "DELETE"])
def test_other_methods_are_for_django(warm, method):
    assert warm.kept.find(kept_site.environ_of("/page/", method)) is None


@pytest.mark.parametrize(
    ("wanted", "status"),
    [("{etag}", 304), ("*", 304), ('"a", {etag}, "b"', 304), ("{strong}", 304), ('W/"autre"', 200), ("etag", 200), ("", 200)],
)  # fmt: skip
def test_if_none_match_as_django_reads_it(warm, wanted, status):
    etag = warm.ask()[1]["etag"]
    wanted = wanted.format(etag=etag, strong=etag.removeprefix("W/"))
    answered, headers, body = warm.ask(if_none_match=wanted)
    assert answered == status
    if status == 304:
        assert body == b""
        assert headers["etag"] == etag
        assert not {"content-type", "content-length", "content-encoding"} & headers.keys()
    assert len(made.paths) == 1


@pytest.mark.parametrize("header", ["if_match", "if_unmodified_since"])
def test_other_conditions_are_for_django(warm, header):
    assert not warm.is_kept(**{header: "*"})


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, ""), ("", ""), ("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br, zstd", "br"), ("deflate", ""),
        ("gzip;q=1.0, br;q=0.5", "gzip"), ("br;q=0, gzip", "gzip"), ("br;q=0, gzip;q=0", ""), ("*", "br"), ("*;q=0", ""),
        ("GZIP", "gzip"), ("x-gzip", "gzip"), ("gzip;q=0.2, *;q=0.8", "br"), ("gzip;q=0.5, identity", ""), ("identity;q=0, gzip", "gzip"),
        ("br;q=deux, gzip", "gzip"), ("br;q=7, gzip", "gzip"), ("br ; q=0.3 , gzip ; q=0.2", "br"), (";;,,=", ""), ("br" * 500, ""),
    ],
)  # fmt: skip
def test_form_of_the_body_is_the_one_that_is_liked_best(warm, accepted, coding):
    given = {} if accepted is None else {"accept_encoding": accepted}
    for _time in range(2):
        _status, headers, body = warm.ask(**given)
        assert headers.get("content-encoding", "") == coding
        assert int(headers["content-length"]) == len(body)
        read = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}[coding](body)
        assert read.decode().startswith(TEXT)
        assert headers["vary"] == "Cookie, Accept-Encoding"
    assert len(made.paths) == 1


def test_short_or_binary_bodies_stay_plain(site):
    for change in (
        lambda response: setattr(response, "content", b"court"),
        lambda response: response.headers.__setitem__("Content-Type", "application/pdf"),
    ):
        made.change = change
        raise_version()
        site.ask()
        assert "content-encoding" not in site.ask(accept_encoding="br")[1]
    assert len(made.paths) == 2


HARMLESS = [
    "_ga=GA1.2.3",
    "_ga_AB12=x; _gid=y",
    "_gat_UA-1-2=1",
    " _fbp=1;_fbc=2",
    "__utma=1; _pk_id.1.ab=2",
    "__cf_bm=a=b",
    "_ga=1;",
]
OWN = ["csrftoken=abc", "device=xyz", "_ga=1; csrftoken=a; device=b"]
OTHER = [
    "sessionid=a", "_ga=1; sessionid=a", "sessionid", "_ga", "=a", ";", "_ga=1;;_gid=2", "gx=1", "_gax=1", "x_ga=1", "_ga=1,sessionid=a; b=c",
    "_GA=1", "messages=a", "__Host-session=a", "vote=1", "_ga =1", "_ga=1;\xa0_gid=2", "\x0b_ga=1",
]  # fmt: skip


@pytest.mark.parametrize("cookie", HARMLESS)
def test_harmless_cookies_change_nothing(site, cookie):
    site.ask(cookie=cookie)
    assert site.is_kept(cookie=cookie)
    assert site.is_kept()


@pytest.mark.parametrize("cookie", OWN)
def test_own_cookies_without_a_meaning_for_reading_are_answered_but_what_they_had_made_is_not_kept(
    site, cookie
):
    site.ask(cookie=cookie)
    assert not site.is_kept()
    assert site.is_kept(cookie=cookie)


@pytest.mark.parametrize("cookie", OTHER)
def test_any_other_cookie_is_for_django(warm, cookie):
    assert not warm.is_kept(cookie=cookie)


def test_no_cookie_of_the_portal_is_taken_for_a_harmless_one():
    is_harmless = kept_answers.cookies_pattern().fullmatch
    names = [
        settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.DEVICE_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME,
        "__Host-session", "__Host-csrf", "__Host-device", "messages",
    ]  # fmt: skip
    assert not [name for name in names if is_harmless(f"{name}=a")]


def header(name, value):
    return lambda response: response.headers.__setitem__(name, value)


NEVER = {
    "no freshness": lambda response: delattr(response, "freshness"),
    "another status": lambda response: setattr(response, "status_code", 203),
    "an error": lambda response: setattr(response, "status_code", 500),
    "private": header("Cache-Control", "private"),
    "public but private": header("Cache-Control", "public, private"),
    "no-store": header("Cache-Control", "public, no-store"),
    "a cookie": lambda response: response.set_cookie("a", "b"),
    "a header of a cookie": header("Set-Cookie", "a=b"),
    "a nonce": header("Content-Security-Policy", "script-src 'nonce-abc'"),
    "a nonce that is reported": header("Content-Security-Policy-Report-Only", "script-src 'nonce-abc'"),
    "another Vary": header("Vary", "Cookie, Accept-Language"),
    "every Vary": header("Vary", "*"),
    "a coding of its own": header("Content-Encoding", "gzip"),
    "no ETag": lambda response: response.headers.pop("ETag"),
    "too large": lambda response: setattr(response, "content", b"x" * (1 << 17)),
}


@pytest.mark.parametrize("change", NEVER.values(), ids=NEVER)
def test_never_kept(site, change):
    made.change = change
    site.ask()
    assert not site.is_kept()
    made.change = lambda response: None
    site.ask()
    assert site.is_kept()


def test_streamed_answer_is_never_kept(site):
    site.ask("/flot/")
    assert not site.is_kept("/flot/")


def test_answer_is_right_before_its_instant_never_from_it_on(site, time_machine_at):
    start = timezone.now()
    with time_machine_at(start) as traveller:
        made.freshness = {"until": start + timedelta(seconds=30)}
        site.ask()
        traveller.move_to(start + timedelta(seconds=29.999))
        assert site.is_kept()
        traveller.move_to(start + timedelta(seconds=30))
        assert not site.is_kept()
        # What a clock that was ahead made is not shown once it is right.
        made.freshness = {"until": start + timedelta(days=300)}
        raise_version()
        site.ask()
        assert site.is_kept()
        traveller.move_to(start - timedelta(seconds=1))
        assert not site.is_kept()


@pytest.fixture
def time_machine_at():
    import time_machine

    return lambda moment: time_machine.travel(moment, tick=False)


def test_host_and_scheme_are_part_of_the_address(warm, settings):
    assert not warm.is_kept(host="127.0.0.1")
    assert warm.is_kept(host="127.0.0.1")
    status, _headers, body = warm.ask(host="evil.example")
    assert status == 400
    assert TEXT not in body.decode()
    assert warm.ask(host="evil.example")[0] == 400
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert not warm.is_kept(x_forwarded_proto="https")
    assert warm.is_kept(x_forwarded_proto="https")
    assert warm.is_kept(x_forwarded_proto="https, http")
    assert warm.is_kept(x_forwarded_proto="http")


def test_request_without_a_host_is_for_django(warm):
    environ = kept_site.environ_of("/page/")
    del environ["HTTP_HOST"]
    assert warm.kept.find(environ) is None


def test_accented_path_is_kept(site):
    site.ask("/pagé/")
    assert site.is_kept("/pagé/")


def test_only_the_parameters_that_a_page_reads_are_part_of_its_address(warm):
    assert warm.is_kept("/page/?utm_source=lettre&fbclid=x")
    assert not warm.is_kept("/page/?page=2")
    assert not warm.is_kept("/page/?page=2"), "kept on first sight"
    for path in ("?page=2", "?utm_source=x&page=2", "?page=2&utm_source=%F0%9F", "?page=2&"):
        assert warm.is_kept(f"/page/{path}"), path
        assert warm.ask(f"/page/{path}")[2].decode().endswith("-2")
    for path in (
        "?page=3",
        "?%70age=3",
        "?p%61ge=3&x=1",
        "?page=2&page=3",
        "?page",
        "?page=2" + "&x=1" * 300,
    ):
        assert not warm.is_kept(f"/page/{path}"), path


def test_query_of_an_unknown_path_is_for_django_then_known(site):
    assert not site.is_kept("/page/?utm_source=x")
    assert site.is_kept("/page/?utm_source=y")
    assert site.is_kept()


def test_addresses_seen_once_are_forgotten_in_turn(warm, monkeypatch):
    for number in range(kept_answers.MAX_SEEN + 1):
        warm.kept._is_second_sight(kept_answers.Address("http", "localhost", "/page/", f"page={number}"))
    assert len(warm.kept._seen) == kept_answers.MAX_SEEN


def test_healthz_asks_nothing_of_the_database(warm, monkeypatch):
    reads = []
    monkeypatch.setattr(warm.kept.reader, "read", reads.append)
    assert warm.ask("/healthz")[0] == 200
    assert not warm.is_kept("/page/?page=9")
    assert not reads
