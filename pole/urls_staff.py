from django.urls import path

from pole.views import first_steps, former_names, partners, retention, staff, state, synonyms, team, territory

urlpatterns = [
    path("", staff.home, name="home"),
    path("pole/", staff.edit_hub, name="hub"),
    path("pole/menus/", staff.edit_menus, name="menu"),
    path("pole/equipe/", team.member_list, name="member_list"),
    path("pole/equipe/nouveau/", team.member_new, name="member_new"),
    path("pole/equipe/<int:key>/", team.member_edit, name="member_edit"),
    path("pole/partenaires/", partners.partner_list, name="partner_list"),
    path("pole/partenaires/nouveau/", partners.partner_edit, name="partner_new"),
    path("pole/partenaires/<int:key>/", partners.partner_edit, name="partner_edit"),
    path("pole/partenaires/<int:key>/changer/", partners.partner_change, name="partner_change"),
    path("pole/territoire/", territory.show, name="territory"),
    path("pole/territoire/apercu/", territory.preview, name="territory_preview"),
    path("pole/territoire/choix/", territory.choose, name="territory_choose"),
    # A part of the search, in the room of whoever keeps the directory.
    path("repertoire/synonymes/", synonyms.synonym_list, name="synonym_list"),
    path("repertoire/synonymes/nouveau/", synonyms.synonym_new, name="synonym_new"),
    path("repertoire/synonymes/<int:key>/", synonyms.synonym_edit, name="synonym_edit"),
    path("repertoire/synonymes/proposes/<slug:name>/", synonyms.synonym_proposed, name="synonym_proposed"),
    # What people still call its towns, likewise.
    path("repertoire/anciens-noms/", former_names.former_name_list, name="former_name_list"),
    path("repertoire/anciens-noms/nouveau/", former_names.former_name_new, name="former_name_new"),
    path("repertoire/anciens-noms/<int:key>/", former_names.former_name_edit, name="former_name_edit"),
    path("etat/", state.show, name="state"),
    path("etat/conservation/", retention.show, name="retention"),
    path("premiers-pas/", first_steps.steps, name="first_steps"),
    path("premiers-pas/equipe/", first_steps.team, name="first_step_team"),
    path("premiers-pas/courriel/", first_steps.mail, name="first_step_mail"),
    path("premiers-pas/courriel/essai/", first_steps.send_test_mail, name="first_step_mail_send"),
]
