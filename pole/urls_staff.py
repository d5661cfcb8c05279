from django.urls import path
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from pole.access import staff_only
from pole.views import staff

# The words of the rich editor's buttons.
editor_words = staff_only(require_safe(JavaScriptCatalog.as_view(packages=["django_prose_editor"])))

urlpatterns = [
    path("", staff.home, name="home"),
    path("mots.js", editor_words, name="editor_words"),
    path("pole/", staff.hub, name="hub"),
    path("pole/menus/", staff.menu, name="menu"),
]
