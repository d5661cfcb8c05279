"""The portal's settings, with a folder and a server that `make run` never touches.

pytest reads the settings before any conftest, so what they are made from is prepared here.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def compile_translations() -> None:
    """Of those that changed: without `make`, pages would otherwise speak as they did before."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for catalogue in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        compiled = catalogue.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
            continue
        new = compiled.with_name(f"{compiled.name}.{os.getpid()}")
        with catalogue.open("rb") as read, new.open("wb") as written:
            write_mo(written, read_po(read))
        new.replace(compiled)


compile_translations()
os.environ.setdefault("POLE_VAR", str(ROOT / "var" / "test"))
# What Python compiled is kept, as by `make run`, whatever the environment says: each program that a test starts would compile all of it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# For the programs that tests start, which are the portal's own.
os.environ["DJANGO_SETTINGS_MODULE"] = "pole.settings"

from pole.settings import *  # noqa: E402, F403 - once the folder is known
