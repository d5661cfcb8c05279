from django.urls import path

from enterprises.views import api

app_name = "api"
urlpatterns = [
    path("", api.root, name="root"),
    path("fiches/", api.listings, name="listings"),
    path("fiches/<slug:slug>/", api.listing, name="listing"),
    path("secteurs/", api.sectors, name="sectors"),
    path("approvisionnement/", api.supplies, name="supplies"),
    path("municipalites/", api.municipalities, name="municipalities"),
    path("openapi.json", api.description, name="openapi"),
]
