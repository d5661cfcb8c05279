from django.urls import path

from enterprises.views import editing, files, finding, ownership, public, reporting

app_name = "enterprises"
urlpatterns = [
    path("", public.listing_list, name="list"),
    path("carte/", finding.directory_map, name="map"),
    path("portrait/", finding.portrait, name="portrait"),
    path("acheter/", finding.buyer, name="buyer"),
    path("acheter/selection.<str:kind>", finding.selection, name="selection"),
    path("export/repertoire.<str:kind>", finding.export, name="export"),
    path("verifier/<str:token>/", reporting.verify, name="verify"),
    path("verifier/<str:token>/corriger/", reporting.correct, name="correct"),
    path("invitation/<str:token>/", ownership.invitation, name="invitation"),
    path("<slug:slug>/", public.listing, name="listing"),
    path("<slug:slug>/modifier/", editing.edit, name="edit"),
    path("<slug:slug>/modifier/apercu/", editing.preview, name="preview"),
    path("<slug:slug>/modifier/photos/", files.files, name="files"),
    path("<slug:slug>/modifier/identite/", ownership.identity, name="identity"),
    path("<slug:slug>/gestionnaires/", ownership.listing_managers, name="managers"),
    path("<slug:slug>/c-est-mon-entreprise/", ownership.claim, name="claim"),
    path("<slug:slug>/signaler/", reporting.report, name="report"),
    path("<slug:slug>/attestation/", files.attestation, name="attestation"),
]
