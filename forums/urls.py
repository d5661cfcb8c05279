from django.urls import path

from forums.views import public, registration

app_name = "forums"
urlpatterns = [
    path("forums/", public.forum_list, name="list"),
    path("forums/<slug:slug>/", public.forum, name="forum"),
    path("forums/<slug:slug>/programme.ics", public.calendar, name="calendar"),
    path("forums/<slug:slug>/inscription/", registration.register, name="register"),
    path("forums/<slug:slug>/inscription/courriel/", registration.register_sent, name="register_sent"),
    path(
        "forums/<slug:slug>/inscription/confirmation/<str:token>/",
        registration.register_confirm,
        name="register_confirm",
    ),
    path("forums/<slug:slug>/inscription/<str:token>/", registration.own_page, name="registration"),
    path(
        "forums/<slug:slug>/inscription/<str:token>/annulation/",
        registration.own_cancel,
        name="registration_cancel",
    ),
    path(
        "forums/<slug:slug>/inscription/<str:token>/code.png",
        registration.own_code,
        name="registration_code",
    ),
    path("forums/<slug:slug>/resultats/", public.results, name="results"),
    path("priorites/", public.priorities, name="priorities"),
]
