from django.urls import path

from pole.views import first_steps, staff, synonyms, territory

urlpatterns = [
    path("", staff.home, name="home"),
    path("pole/", staff.edit_hub, name="hub"),
    path("pole/menus/", staff.edit_menus, name="menu"),
    path("pole/territoire/", territory.show, name="territory"),
    path("pole/territoire/apercu/", territory.preview, name="territory_preview"),
    path("pole/territoire/choix/", territory.choose, name="territory_choose"),
    # A part of the search, in the room of whoever keeps the directory.
    path("repertoire/synonymes/", synonyms.synonym_list, name="synonym_list"),
    path("repertoire/synonymes/nouveau/", synonyms.synonym_new, name="synonym_new"),
    path("repertoire/synonymes/<int:key>/", synonyms.synonym_edit, name="synonym_edit"),
    path("repertoire/synonymes/proposes/<slug:name>/", synonyms.synonym_proposed, name="synonym_proposed"),
    path("premiers-pas/", first_steps.steps, name="first_steps"),
    path("premiers-pas/equipe/", first_steps.team, name="first_step_team"),
    path("premiers-pas/courriel/", first_steps.mail, name="first_step_mail"),
    path("premiers-pas/courriel/essai/", first_steps.send_test_mail, name="first_step_mail_send"),
]
