"""The addresses that search engines are given, in however many parts: where a hub has had many rows, there are several."""

from __future__ import annotations

import re

from django.test import Client

URL = "/sitemap.xml"


def parts(client: Client) -> list[str]:
    """The addresses of the parts; none where one file holds everything."""
    return re.findall("<sitemap><loc>[^<]+(/sitemap.xml[^<]+)<", client.get(URL).content.decode())


def whole_sitemap(client: Client) -> str:
    return "".join(client.get(part).content.decode() for part in [URL, *parts(client)])
