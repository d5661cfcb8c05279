from django.urls import path

from enterprises.views import editing, public

app_name = "enterprises"
urlpatterns = [
    path("", public.listing_list, name="list"),
    path("<slug:slug>/", public.listing, name="listing"),
    path("<slug:slug>/modifier/", editing.edit, name="edit"),
    path("<slug:slug>/modifier/apercu/", editing.preview, name="preview"),
]
