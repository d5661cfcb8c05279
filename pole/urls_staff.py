from django.urls import path

from pole.views import staff

urlpatterns = [
    path("", staff.home, name="home"),
    path("pole/", staff.hub, name="hub"),
    path("pole/menus/", staff.menu, name="menu"),
]
