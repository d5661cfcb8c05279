"""`tests.pole.kept_site`, served as the portal is."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pole.settings")

from django.conf import settings

settings.ROOT_URLCONF = "tests.pole.kept_site"

from pole import wsgi  # noqa: E402 - with these addresses

application = wsgi.application
