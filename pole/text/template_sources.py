"""Templates without the indents of their lines, which are for whoever writes them: each page was heavier by as much."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders.filesystem import Loader

# Lines stay, so that an error says the right one, and so does a space before the first: what is included within a tag begins with one.
_INDENT = re.compile(r"(?<=\n)[ \t]+")


class UnindentedLoader(Loader):
    """Of our own pages: neither `<pre>` nor `<textarea>` goes over several lines in them, nor a text to translate as it stands."""

    def get_contents(self, origin: Origin) -> str:
        source = super().get_contents(origin)
        return _INDENT.sub("", source) if origin.name.endswith(".html") else source
