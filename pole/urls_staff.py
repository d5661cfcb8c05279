from django.urls import path

from pole.views import staff, territory

urlpatterns = [
    path("", staff.home, name="home"),
    path("pole/", staff.edit_hub, name="hub"),
    path("pole/menus/", staff.edit_menus, name="menu"),
    path("pole/territoire/", territory.show, name="territory"),
    path("pole/territoire/apercu/", territory.preview, name="territory_preview"),
    path("pole/territoire/choix/", territory.choose, name="territory_choose"),
]
