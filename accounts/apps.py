from django.apps import AppConfig
from django.contrib.admin import apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")


class PortalAdminConfig(apps.AdminConfig):
    default = False
    default_site = "accounts.adminsite.PortalAdminSite"
