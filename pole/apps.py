from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PoleConfig(AppConfig):
    name = "pole"
    verbose_name = _("Pole")
