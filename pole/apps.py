from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from pole.server.database.repeatable_sql import after_migrate
from pole.server.db_threads import close_with_thread


class PoleConfig(AppConfig):
    name = "pole"
    verbose_name = _("Pole")

    def ready(self) -> None:
        connection_created.connect(close_with_thread)
        # Of this package alone: once, when the migrations of all are applied.
        post_migrate.connect(after_migrate, sender=self)
