from django.urls import path

from enterprises.views import bulk, classify, decisions, imports, mentions, staff

urlpatterns = [
    path("", staff.listing_list, name="listing_list"),
    path("nouvelle/", staff.listing_new, name="listing_new"),
    path("importer/", imports.import_list, name="import_list"),
    path("importer/<int:key>/", imports.import_show, name="import_show"),
    path("importer/<int:key>/lancer/", imports.import_run, name="import_run"),
    path("importer/<int:key>/annuler/", imports.import_cancel, name="import_cancel"),
    path("importer/<int:key>/progres/", imports.import_progress, name="import_progress"),
    path("importer/<int:key>/a-corriger.csv", imports.import_refused, name="import_refused"),
    path("classer/", classify.classify, name="classify"),
    path("en-lot/", bulk.bulk_prepare, name="bulk_prepare"),
    path("en-lot/<int:key>/", bulk.bulk_change, name="bulk_change"),
    path("en-lot/<int:key>/appliquer/", bulk.bulk_apply, name="bulk_apply"),
    path("en-lot/<int:key>/defaire/", bulk.bulk_undo, name="bulk_undo"),
    path("a-traiter/", decisions.queue, name="directory_queue"),
    path("propositions/<int:key>/", decisions.proposal_review, name="proposal_review"),
    path("mentions/<int:key>/", mentions.mention_review, name="mention_review"),
    path("attestations/<int:key>/", decisions.attestation_decide, name="attestation_decide"),
    path("demandes/<int:key>/", decisions.claim_decide, name="claim_decide"),
    path("appels/<int:key>/", decisions.call_done, name="call_done"),
    path("doublons/<int:key>/", decisions.pair_review, name="pair_review"),
    path("<int:key>/historique/", decisions.listing_history, name="listing_history"),
    path("<int:key>/", staff.listing_edit, name="listing_edit"),
    path("<int:key>/apercu/", staff.listing_preview, name="listing_preview"),
    path("<int:key>/etat/", staff.listing_state, name="listing_state"),
    path("<int:key>/gestionnaires/", staff.manager_add, name="listing_give"),
    path("<int:key>/gestionnaires/retirer/", staff.manager_remove, name="listing_take_back"),
]
