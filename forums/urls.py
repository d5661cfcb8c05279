from django.urls import path

from forums.views import public

app_name = "forums"
urlpatterns = [
    path("forums/", public.forum_list, name="list"),
    path("forums/<slug:slug>/", public.forum, name="forum"),
    path("forums/<slug:slug>/programme.ics", public.calendar, name="calendar"),
    path("forums/<slug:slug>/resultats/", public.results, name="results"),
    path("priorites/", public.priorities, name="priorities"),
]
