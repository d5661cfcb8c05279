from django.urls import path
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from enterprises.views import editing, public

app_name = "enterprises"
# The words of the rich editor's buttons, for those who edit their own listing.
editor_words = require_safe(JavaScriptCatalog.as_view(packages=["django_prose_editor"]))

urlpatterns = [
    path("", public.listing_list, name="list"),
    path("editeur/mots.js", editor_words, name="editor_words"),
    path("<slug:slug>/", public.listing, name="listing"),
    path("<slug:slug>/modifier/", editing.edit, name="edit"),
    path("<slug:slug>/modifier/apercu/", editing.preview, name="preview"),
]
