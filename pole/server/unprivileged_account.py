"""The account that PostgreSQL runs under: another one when the portal's is root, which PostgreSQL refuses.

Works in a container that lacks capabilities too, or says which one is missing.
"""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# It exists on every Unix and owns no file.
ACCOUNT_UNDER_ROOT = "daemon"
# What root needs to give it the data directory and to run programs under it: numbers of <linux/capability.h>.
# A container may be started without them.
CAPABILITIES_UNDER_ROOT = {"chown": 0, "dac_override": 1, "kill": 5, "setgid": 6, "setuid": 7}
CAP_SETPCAP = 8


class AccountError(Exception):
    """PostgreSQL can't run under this account; the message, in French, says what to do."""


class ServerAccount:
    """The account of this process; under root, `ACCOUNT_UNDER_ROOT`."""

    def __init__(self) -> None:
        self._replacement = pwd.getpwnam(ACCOUNT_UNDER_ROOT) if os.geteuid() == 0 else None
        self.uid = self._replacement.pw_uid if self._replacement else os.geteuid()

    def check(self) -> None:
        """Raise `AccountError` if root may not change account, or if the account has no name."""
        if self._replacement and (missing := _missing_capabilities(CAPABILITIES_UNDER_ROOT)):
            raise _cannot_change_account(", ".join(missing))
        try:
            pwd.getpwuid(self.uid)
        except KeyError:
            # As in a container started with any number: initdb and peer authentication ask for its name.
            raise AccountError(
                f"Le compte n° {self.uid} n’a pas de nom sur cette machine, et PostgreSQL en demande un."
                " Ajoutez-le à /etc/passwd, lancez la commande sous un autre compte, ou indiquez par"
                " DATABASE_URL un serveur PostgreSQL qui tourne déjà."
            ) from None

    def check_access(self, paths: Sequence[Path]) -> None:
        """Under root, raise `AccountError` if the account may not enter or execute one of the paths."""
        if not self._replacement:
            return
        # By access(2), as initdb does: it may refuse what open(2) allows.
        script = "import os, sys; print(*(path for path in sys.argv[1:] if not os.access(path, os.X_OK)), sep='\\n')"
        result = subprocess.run(  # noqa: S603 - our own arguments
            self.command([sys.executable, "-ISc", script, *map(str, paths)]),
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
        if result.returncode:
            raise _cannot_change_account(result.stderr.strip())
        if closed := result.stdout.strip():
            raise AccountError(
                f"PostgreSQL refuse de tourner sous root, et le compte {ACCOUNT_UNDER_ROOT}, qui prend sa place,"
                f" ne peut pas ouvrir ceci :\n{closed}\nLancez la commande sous un compte ordinaire, ou placez le"
                " projet là où tous peuvent entrer : sous /srv, par exemple, avec « umask 022 »."
            )

    def command(self, command: list[str]) -> list[str]:
        """The command as this account runs it: by `setpriv` under root, else unchanged.

        The account keeps CAP_DAC_OVERRIDE, to go through directories closed to it, such as /root, so that
        no permission of the parents has to change.
        """
        if not self._replacement:
            return command
        setpriv = shutil.which("setpriv")
        if not setpriv:
            raise AccountError(
                "PostgreSQL refuse de tourner sous root, et le programme setpriv (paquet"
                " util-linux) manque pour changer de compte. Utilisez un compte ordinaire."
            )
        options = [f"--reuid={self.uid}", f"--regid={self._replacement.pw_gid}", "--clear-groups"]
        options += [f"--{kind}-caps=-all,+dac_override" for kind in ("inh", "ambient")]
        if not _missing_capabilities({"setpcap": CAP_SETPCAP}):
            # access(2), which initdb calls, judges an account that isn't root without its capabilities,
            # unless this bit is set.
            options.append("--securebits=+no_setuid_fixup")
        return [setpriv, *options, "--", *command]


def account_name(uid: int) -> str:
    """The account's name, or its number when it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _missing_capabilities(needed: dict[str, int]) -> list[str]:
    """The names of those that this process lacks; none where the system doesn't tell (not Linux)."""
    with suppress(FileNotFoundError):
        status = Path("/proc/self/status").read_text()
        effective = int(status.partition("CapEff:")[2].split()[0], 16)
        return [name for name, bit in needed.items() if not effective >> bit & 1]
    return []


def _cannot_change_account(reason: str) -> AccountError:
    return AccountError(
        f"PostgreSQL refuse de tourner sous root, et root n’a pas ici le droit de changer de compte ({reason})."
        " Lancez la commande sous un compte ordinaire, ou indiquez par DATABASE_URL un serveur PostgreSQL qui"
        " tourne déjà."
    )
