from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.translation import gettext_lazy as _

from pole.server.db_threads import close_with_thread


class PoleConfig(AppConfig):
    name = "pole"
    verbose_name = _("Pole")

    def ready(self) -> None:
        connection_created.connect(close_with_thread)
