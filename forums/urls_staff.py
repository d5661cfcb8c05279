from django.urls import URLPattern, include, path

from forums import urls_rounds
from forums.views.day import door, table_board
from forums.views.team import (
    attendance,
    attendees,
    console,
    day_team,
    dossiers,
    followup,
    preparation,
    prints,
    proposed_activities,
    results,
    review,
    seasons,
    sessions,
)

season_patterns = [
    path("", seasons.season_list, name="season_list"),
    path("nouveau/", seasons.season_new, name="season_new"),
    path("<int:key>/", seasons.season_edit, name="season_edit"),
    path("<int:key>/copie/", seasons.season_copy, name="season_copy"),
    path("<int:key>/suppression/", seasons.season_delete, name="season_delete"),
]

forum_patterns: list[URLPattern] = [
    path("", console.forum_list, name="forum_list"),
    path("nouveau/", console.forum_new, name="forum_new"),
    path("<slug:slug>/", console.forum_edit, name="forum_edit"),
    path("<slug:slug>/proposition/", proposed_activities.activity_review, name="activity_review"),
    path("<slug:slug>/proposition/acceptation/", proposed_activities.activity_accept, name="activity_accept"),
    path("<slug:slug>/proposition/refus/", proposed_activities.activity_refuse, name="activity_refuse"),
    path("<slug:slug>/proposition/reponse/", proposed_activities.activity_answer, name="activity_answer"),
    path("<slug:slug>/annonce/", console.forum_announce, name="forum_announce"),
    path("<slug:slug>/retrait/", console.forum_withdraw, name="forum_take_back"),
    path("<slug:slug>/seances/<int:session_id>/annulation/", sessions.session_cancel, name="session_cancel"),
    path(
        "<slug:slug>/seances/<int:session_id>/retablissement/",
        sessions.session_restore,
        name="session_restore",
    ),
    path("<slug:slug>/annulation/", console.forum_cancel, name="forum_cancel"),
    path("<slug:slug>/retablissement/", console.forum_restore, name="forum_restore"),
    path("<slug:slug>/apercu/", preparation.preview, name="forum_preview"),
    path("<slug:slug>/copie/", preparation.duplicate, name="forum_duplicate"),
    path("<slug:slug>/report/", preparation.postpone, name="forum_postpone"),
    path("<slug:slug>/inscriptions/", attendees.people, name="people_of_forum"),
    path("<slug:slug>/inscriptions/nouvelle/", attendees.person_new, name="person_new"),
    path(
        "<slug:slug>/inscriptions/questions/", preparation.registration_questions, name="questions_of_forum"
    ),
    path("<slug:slug>/inscriptions/presences/", preparation.take_attendance, name="take_attendance"),
    path("<slug:slug>/inscriptions.csv", attendees.export_registrations, {"form": "csv"}, name="people_csv"),
    path(
        "<slug:slug>/inscriptions.xlsx", attendees.export_registrations, {"form": "xlsx"}, name="people_xlsx"
    ),
    path("<slug:slug>/inscriptions/<int:person_id>/", attendees.person, name="person_of_forum"),
    path("<slug:slug>/inscriptions/<int:person_id>/place/", attendees.person_place, name="person_place"),
    path(
        "<slug:slug>/inscriptions/<int:person_id>/annulation/", attendees.person_cancel, name="person_cancel"
    ),
    path(
        "<slug:slug>/inscriptions/<int:person_id>/attestation.pdf",
        attendance.attestation,
        name="attestation_of_person",
    ),
    path("<slug:slug>/attestations.pdf", attendance.all_attestations, name="attestations_of_forum"),
    path("<slug:slug>/courriels/", preparation.mails, name="mails_of_forum"),
    path("<slug:slug>/courriels/<slug:kind>/", preparation.mail, name="mail_of_forum"),
    path("<slug:slug>/equipe/", day_team.members, name="day_team"),
    path("<slug:slug>/equipe/<int:member_id>/code/", day_team.renew_code, name="day_team_code"),
    path("<slug:slug>/equipe/<int:member_id>/retrait/", day_team.day_team_revoke, name="day_team_revoke"),
    path("<slug:slug>/equipe/entree/<str:token>/", day_team.day_team_enter, name="day_team_enter"),
    path("<slug:slug>/equipe/sortie/", day_team.day_team_leave, name="day_team_leave"),
    path("<slug:slug>/presences/", door.door, name="door"),
    path("<slug:slug>/presences/tableau/", attendance.attendance, name="attendance"),
    path("<slug:slug>/presences/compte/", door.door_counts, name="door_counts"),
    path("<slug:slug>/presences/sur-place/", door.door_walk_in, name="door_walk_in"),
    path("<slug:slug>/presences/<uuid:key>/", door.door_person, name="door_person"),
    path("<slug:slug>/presences/<uuid:key>/annulation/", door.door_undo, name="door_undo"),
    path("<slug:slug>/presences/feuille.pdf", prints.sign_in_sheet, name="sign_in_sheet"),
    path("<slug:slug>/affiche.pdf", prints.poster, name="poster"),
    *urls_rounds.urlpatterns,
    path("<slug:slug>/resultats/", results.results_edit, name="results_edit"),
    path("<slug:slug>/resultats/enregistrement/", results.results_autosave, name="results_autosave"),
    path("<slug:slug>/resultats/apercu/", results.results_preview, name="results_preview"),
    path("<slug:slug>/recommandations/", review.recommendation_list, name="recommendation_list"),
    path(
        "<slug:slug>/recommandations/regroupement/",
        table_board.recommendation_merge,
        name="recommendation_merge",
    ),
    *(
        path(f"<slug:slug>/recommandations/<int:recommendation_id>/{word}", view, name=name)
        for word, view, name in (
            ("", review.recommendation, "recommendation"),
            ("historique/", review.history, "recommendation_history"),
            ("acceptation/", review.accept, "recommendation_accept"),
            ("refus/", review.refuse, "recommendation_refuse"),
            ("masquage/", review.hide, "recommendation_hide"),
            ("bulletin/", review.choose, "recommendation_choose"),
            ("separation/", table_board.recommendation_separate, "recommendation_separate"),
        )
    ),
    path("<slug:slug>/salle/", table_board.table_board, name="room"),
    path("<slug:slug>/salle/liste/", table_board.table_board_list, name="room_list"),
    path(
        "<slug:slug>/salle/<int:recommendation_id>/bulletin/",
        table_board.table_board_choose,
        name="room_choose",
    ),
    path("<slug:slug>/dossier/", dossiers.dossier, name="dossier"),
    *(
        path(f"<slug:slug>/dossier/<int:dossier_id>/{word}/", view, name=name)
        for word, view, name in (
            ("renvoi", dossiers.dossier_again, "dossier_again"),
            ("nouveau-lien", dossiers.dossier_renew, "dossier_renew"),
            ("revocation", dossiers.dossier_revoke, "dossier_revoke"),
        )
    ),
    path("<slug:slug>/suivi/", followup.followup, name="followup"),
    path("<slug:slug>/suivi/reponses/<int:answer_id>/", dossiers.answer_confirm, name="answer_confirm"),
    path(
        "<slug:slug>/suivi/reponses/<int:answer_id>/reouverture/",
        dossiers.answer_reopen,
        name="answer_reopen",
    ),
    path("<slug:slug>/suivi/<int:priority_id>/", followup.followup_save, name="followup_save"),
    path("<slug:slug>/suivi/nouvelles/<int:update_id>/", followup.followup_delete, name="followup_delete"),
    path(
        "<slug:slug>/suivi/nouvelles/<int:update_id>/modification/",
        followup.followup_update,
        name="followup_update",
    ),
]

urlpatterns = [
    path("forums/", include(forum_patterns)),
    path("agenda/temps-forts/", include(season_patterns)),
]
