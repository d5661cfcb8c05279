from django.urls import path

from enterprises.views import corrections, editing, explore, files, mentions, ownership, places, public

app_name = "enterprises"
urlpatterns = [
    path("", public.listing_list, name="list"),
    path("carte/", places.directory_map, name="map"),
    path("portrait/", explore.portrait, name="portrait"),
    path("acheter/", explore.buyer, name="buyer"),
    path("acheter/selection.<str:kind>", explore.selection, name="selection"),
    path("mentionner/", mentions.mention, name="mention"),
    path("export/repertoire.<str:kind>", explore.export, name="export"),
    path("verifier/<str:token>/", corrections.answer_checkup, name="verify"),
    path("verifier/<str:token>/corriger/", corrections.correct, name="correct"),
    path("invitation/<str:token>/", ownership.invitation, name="invitation"),
    path("<slug:slug>/", public.listing, name="listing"),
    path("<slug:slug>/modifier/", editing.edit, name="edit"),
    path("<slug:slug>/modifier/apercu/", editing.preview, name="preview"),
    path("<slug:slug>/modifier/photos/", files.files, name="files"),
    path("<slug:slug>/modifier/identite/", ownership.identity, name="identity"),
    path("<slug:slug>/gestionnaires/", ownership.listing_managers, name="managers"),
    path("<slug:slug>/c-est-mon-entreprise/", ownership.claim, name="claim"),
    path("<slug:slug>/signaler/", corrections.report, name="report"),
    path("<slug:slug>/attestation/", files.attestation, name="attestation"),
]
