"""The settings of `bare`: the portal's database and models, and nothing else of it.

No middleware, no context processor, no template library; the cached template loader, as in production.
"""

from pathlib import Path

from pole.settings import *  # noqa: F403 - what is not set below is the portal's

# Those that have models which the portal's pages show, and what these refer to.
INSTALLED_APPS = [
    "forums",
    "enterprises",
    "blog",
    "desk",
    "comments",
    "accounts",
    "pole",
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
