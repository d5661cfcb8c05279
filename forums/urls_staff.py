from django.urls import path

from forums.views import console, followup, results

urlpatterns = [
    path("", console.forum_list, name="forum_list"),
    path("nouveau/", console.forum_new, name="forum_new"),
    path("<slug:slug>/", console.forum_edit, name="forum_edit"),
    path("<slug:slug>/annonce/", console.forum_announce, name="forum_announce"),
    path("<slug:slug>/retrait/", console.forum_take_back, name="forum_take_back"),
    path("<slug:slug>/annulation/", console.forum_cancel, name="forum_cancel"),
    path("<slug:slug>/retablissement/", console.forum_restore, name="forum_restore"),
    path("<slug:slug>/resultats/", results.results_edit, name="results_edit"),
    path("<slug:slug>/resultats/enregistrement/", results.results_autosave, name="results_autosave"),
    path("<slug:slug>/resultats/apercu/", results.results_preview, name="results_preview"),
    path("<slug:slug>/suivi/", followup.followup, name="followup"),
    path("<slug:slug>/suivi/<int:priority_id>/", followup.followup_save, name="followup_save"),
    path("<slug:slug>/suivi/nouvelles/<int:update_id>/", followup.followup_delete, name="followup_delete"),
]
