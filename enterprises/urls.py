from django.urls import path

from enterprises.views import editing, files, public

app_name = "enterprises"
urlpatterns = [
    path("", public.listing_list, name="list"),
    path("<slug:slug>/", public.listing, name="listing"),
    path("<slug:slug>/modifier/", editing.edit, name="edit"),
    path("<slug:slug>/modifier/apercu/", editing.preview, name="preview"),
    path("<slug:slug>/modifier/photos/", files.files, name="files"),
    path("<slug:slug>/attestation/", files.attestation, name="attestation"),
]
