"""What `manage.py diagnostic` says of disks, of stored files and of backups, by trying rather than by looking."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection, models
from django.db.utils import DatabaseError

from pole.hooks.diagnostics import DiagnosticError, DiagnosticWarning
from pole.server import backups
from pole.server.whole_files import PARTIAL, in_french, write_whole

MAX_BACKUP_AGE = timedelta(hours=26)
MIN_FREE_BYTES = 2 * 1024**3
MIN_FREE_FILES = 10_000
# The newest rows of each model: a bounded look, of a few seconds at most.
MAX_FILES_LOOKED_AT = 5_000
GIB = 1024**3


def check_disk() -> str:
    """Room on each disk that the portal writes to, and writing in its own folder."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    _try_writing(settings.VAR_DIR)
    least = None
    for folder in _disks():
        found = os.statvfs(folder)
        free = found.f_bavail * found.f_frsize
        if free < MIN_FREE_BYTES:
            raise DiagnosticError(f"il reste {_gib(free)} Go ({folder}): libérez de la place.")
        # Some file systems have no such limit, and say 0 of 0.
        if found.f_files and found.f_favail < MIN_FREE_FILES:
            raise DiagnosticError(f"il reste {found.f_favail} inodes ({folder}): supprimez des fichiers.")
        least = free if least is None else min(least, free)
    return f"{(least or 0) / GIB:.0f} Go libres"


def _gib(size: float) -> str:
    return f"{size / GIB:.1f}".replace(".", ",")


def _disks() -> Iterator[Path]:
    """A folder of each disk that is used; that of the database too, when it is on this machine."""
    seen = set()
    for folder in (settings.VAR_DIR, settings.MEDIA_ROOT, backups.backup_folder(), _database_folder()):
        if folder and Path(folder).exists() and (device := Path(folder).stat().st_dev) not in seen:
            seen.add(device)
            yield Path(folder)


def _database_folder() -> Path | None:
    host = str(connection.settings_dict.get("HOST") or "")
    if host and not host.startswith("/") and host not in {"localhost", "127.0.0.1", "::1"}:
        return None
    try:
        with connection.cursor() as cursor:
            # Hidden from the roles that have no such right.
            cursor.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
            row = cursor.fetchone()
    except DatabaseError:
        row = None
    return Path(row[0]) if row else Path("/var/lib/postgresql")


def check_media() -> str:
    """Writes a file where uploads go, reads it back, deletes it."""
    folder = Path(settings.MEDIA_ROOT)
    _try_writing(folder / PARTIAL)
    if os.geteuid() == 0 and (owner := folder.stat().st_uid):
        raise DiagnosticWarning(
            f"root y écrit; lancez ce diagnostic par le compte des services (le dossier est au compte {owner})."
        )
    return "un fichier d’essai est écrit, relu et supprimé"


def _try_writing(folder: Path) -> None:
    path, content = folder / f"essai-{secrets.token_hex(8)}", secrets.token_bytes(4096)
    try:
        write_whole(path, content)
        read = path.read_bytes()
        path.unlink()
    except OSError as error:
        raise DiagnosticError(
            f"{folder}: {in_french(error)}. Les envois de fichiers sont refusés; vérifiez l’espace, le montage"
            " (lecture seule?) et le propriétaire."
        ) from error
    if read != content:
        raise DiagnosticError(f"{folder}: ce qui est relu n’est pas ce qui est écrit; vérifiez le disque.")


def check_stored_files() -> str:
    """Rows whose file is missing or empty."""
    looked_at, lost = 0, []
    for model, field in _file_fields():
        rows = model._default_manager.exclude(**{field: ""}).order_by("-pk")
        for key, name in rows.values_list("pk", field)[:MAX_FILES_LOOKED_AT]:
            looked_at += 1
            path = Path(default_storage.path(name))
            if not path.is_file() or not path.stat().st_size:
                lost.append(f"{model._meta.label_lower} {key} ({name})")
    if lost:
        more = f" et {len(lost) - 3} autres" if len(lost) > 3 else ""
        raise DiagnosticError(
            f"{len(lost)} fichier(s) absents ou vides: {', '.join(lost[:3])}{more}; reprenez-les de l’archive"
            " « .media.tar » d’une sauvegarde, ou envoyez-les de nouveau."
        )
    return f"aucun sur {looked_at}"


def _file_fields() -> Iterator[tuple[type[models.Model], str]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField):
                yield model, field.name


def check_backup() -> str:
    """That a recent one looks whole, and that the next one has room."""
    folder = backups.backup_folder()
    ages = {path: time.time() - path.stat().st_mtime for path in folder.glob("*.dump")}
    if not ages:
        raise (DiagnosticError if settings.PRODUCTION else DiagnosticWarning)(
            "aucune sauvegarde: voyez docs/operating.md."
        )
    past = {path: age for path, age in ages.items() if age > -backups.CLOCK_MARGIN.total_seconds()}
    if not past:
        raise DiagnosticError("toutes sont datées du futur: l’horloge a reculé; réglez-la, puis sauvegardez.")
    newest = min(past, key=past.__getitem__)
    age = timedelta(seconds=max(past[newest], 0))
    if age > MAX_BACKUP_AGE:
        raise DiagnosticError(f"la dernière date de {age.days} jour(s) et {age.seconds // 3600} h.")
    if problem := backups.what_is_wrong(newest):
        raise DiagnosticError(
            f"la dernière n’est pas entière: {problem.removesuffix('.')}; sauvegardez de nouveau."
        )
    _try_writing(folder)
    media = newest.with_suffix(backups.MEDIA)
    needed = 1.1 * (newest.stat().st_size + media.stat().st_size)
    disk = os.statvfs(folder)
    if disk.f_bavail * disk.f_frsize < needed:
        raise DiagnosticError(f"il manque de la place pour la prochaine: {_gib(needed)} Go dans {folder}.")
    text = f"la dernière date de {age.seconds // 3600} h {age.seconds % 3600 // 60:02d} min"
    if Path(settings.MEDIA_ROOT).exists() and folder.stat().st_dev == Path(settings.MEDIA_ROOT).stat().st_dev:
        text += "; elle est sur le même disque que les fichiers: copiez-la ailleurs"
    return text
