"""No log keeps what lets someone in."""

from __future__ import annotations

import logging
import re

import pytest
from django.conf import settings

from blog.models import Page
from pole.middleware import MaskSecretsFilter
from pole.server import bearer_links
from pole.server.routes import PARAMETER, routes
from pole.text.slugs import reserved_slugs

SECRET = "eyJhIjoxfQ:1uXyZ0:s-Ig_nature.0123456789"
ROUTES = [route for route in routes() if bearer_links.bearer_parameter(route)]
NGINX = (settings.BASE_DIR / "deploy" / "nginx.conf").read_text(encoding="utf-8")


def address(route):
    """An address of the route, whose bearer parameter is SECRET."""
    found = bearer_links.bearer_parameter(route)
    after = PARAMETER.sub("5", route[found.end() :])
    return "/" + PARAMETER.sub("un-nom", route[: found.start()]) + SECRET + after


def logged(message, *arguments):
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, message, arguments, None)
    MaskSecretsFilter().filter(record)
    return record.getMessage()


def test_routes_that_let_someone_in_are_found():
    """Those that a reader of the URLconf would name, and no page whose name is public."""
    prefixes = {bearer_links.bearer_parameter(route) and route.split("<")[0] for route in ROUTES}
    assert {
        *("vote/", "vote/lien/", "dossier/", "apercu/", "relecture/", "commentaires/desabonnement/"),
        *("repertoire/invitation/", "repertoire/verifier/"),
    } <= prefixes
    texts = {
        name
        for route in routes()
        for converter, name in PARAMETER.findall(route)
        if converter != "int" and not route.startswith("admin/")
    }
    # Another name of a parameter: is it a secret? What is drawn on a card is signed, and anyone may see it;
    # the handle of a session serves its owner alone.
    assert texts - bearer_links.BEARER_NAMES == {
        "slug",
        "word",
        "mrc",
        "kind",
        "name",
        "path",
        "extension",
        "signed",
        "handle",
    }


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("language", ["", "/en"])
def test_every_link_is_masked_in_every_log_line(route, language):
    path = language + address(route)
    encoded = path.replace("/", "%2F").replace(":", "%3A")
    for line in (
        logged("Internal Server Error: %s", path),
        logged("GET %s?page=2 500", path),
        logged("Forbidden (Referer checking failed - https://portail.exemple.ca%s does not match).", path),
        logged("http://localhost:8000%s", path),
        logged(f"('{path}', 3)"),
        logged("/compte/connexion/?next=%s", encoded),
        logged("/compte/connexion/?next=%s", path),
    ):
        assert "…" in line
        assert not any(part in line for part in re.split(r"[:.]", SECRET))


def test_addresses_of_everyone_stay_readable():
    for path in ("/forums/vote/tours/1/vote/depot/", "/repertoire/la-ruche/", "/gestion/forums/f/presences/"):
        assert logged("%s", path) == path


@pytest.mark.urls("tests.pole.kept_site")
def test_routes_are_those_of_the_urlconf_that_is_set():
    """What was kept of one URLconf, before or after, says nothing of another."""
    for text in ("Broken: three words", "/vote/0123456789A/"):
        assert logged("%s", text) == text
    assert {"nom", "flot"} <= reserved_slugs(Page)
    assert "forums" not in reserved_slugs(Page)


def test_nginx_masks_the_same_addresses():
    assert f'"{bearer_links.nginx_pattern()}" $part...;' in NGINX
    pattern = re.compile(bearer_links.nginx_pattern().removeprefix("~").replace("?<part>", "?P<part>"))
    for route in ROUTES:
        for language in ("", "/en"):
            kept = pattern.match(language + address(route))["part"]
            assert SECRET not in kept
            assert kept.endswith("/")


def test_nginx_logs_neither_query_nor_referer():
    (log_format,) = re.findall(r"^log_format ([^;]*);$", NGINX, re.MULTILINE)
    written = set(re.findall(r"\$(\w+)", log_format))
    assert written.isdisjoint(
        {"request", "request_uri", "args", "query_string", "http_referer", "remote_addr", "uri"}
    )
    # Each of its servers has both: those of nginx.conf would keep all of it.
    written = re.findall(r"^    ((?:access|error)_log .*);", NGINX, re.MULTILINE)
    assert written == [
        "access_log off", "error_log /dev/null", "access_log /var/log/nginx/pole.log pole", "error_log /dev/null",
    ]  # fmt: skip


def test_the_server_behind_nginx_has_no_access_log():
    service = (settings.BASE_DIR / "deploy" / "pole-web@.service").read_text(encoding="utf-8")
    assert "--access-log" not in service
