from django.urls import path

from pole.views import staff

urlpatterns = [
    path("", staff.home, name="home"),
    path("pole/", staff.edit_hub, name="hub"),
    path("pole/menus/", staff.edit_menus, name="menu"),
]
