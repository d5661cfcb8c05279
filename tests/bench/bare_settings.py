"""The settings of `bare`: the portal's database and models, and nothing else of it.

No middleware, no context processor, no template library; the cached template loader, as in production.
"""

from pathlib import Path

from django.apps import AppConfig

from pole.settings import *  # noqa: F403 - what is not set below is the portal's


class Account(AppConfig):
    """Its models alone, which the portal's modules import: its own configuration wants a middleware."""

    name = "allauth.account"
    label = "account"


# Those that have models which the portal's pages show, and what these refer to.
INSTALLED_APPS = [
    "forums",
    "enterprises",
    "blog",
    "desk",
    "comments",
    "accounts",
    "pole",
    "tests.bench.bare_settings.Account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
]
MIDDLEWARE = []
ROOT_URLCONF = "tests.bench.bare"
ALLOWED_HOSTS = ["localhost"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]
