"""What a PDF says to a screen reader: its language, its title, and the tags of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject


def _parts(node: Any) -> Iterator[Any]:
    """Every element of structure under `node`, itself first."""
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for part in node:
            yield from _parts(part)
    elif isinstance(node, DictionaryObject):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _parts(node["/K"])


def tags_of(content: bytes) -> Counter[str]:
    """How many there are of each tag."""
    root: Any = PdfReader(BytesIO(content)).trailer["/Root"]
    return Counter(part["/S"] for part in _parts(root["/StructTreeRoot"]))


def faults_of(content: bytes) -> list[str]:
    """What would leave its reader without a language, a title, or the heads of a table."""
    reader = PdfReader(BytesIO(content))
    root: Any = reader.trailer["/Root"]
    faults = []
    if not root.get("/MarkInfo", {}).get("/Marked"):
        return ["no tag"]
    if root.get("/Lang") not in {"fr-CA", "en-CA"}:
        faults.append(f"language {root.get('/Lang')}")
    if not (reader.metadata and reader.metadata.title):
        faults.append("no title")
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        faults.append("its title is not shown")
    tables = [part for part in _parts(root["/StructTreeRoot"]) if part["/S"] == "/Table"]
    headless = [table for table in tables if all(part["/S"] != "/TH" for part in _parts(table))]
    return faults + ["a table without a head"] * len(headless)
