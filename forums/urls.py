from django.urls import URLPattern, URLResolver, include, path

from forums.views.public import (
    agenda,
    dossier,
    feeds,
    followup,
    forum,
    proposed_activities,
    proposing,
    recommendations,
    registration,
    results,
    seasons,
)
from forums.views.vote import access, ballot, calendar, receipt, screen, verify

app_name = "forums"

round_patterns = [
    path("vote/", ballot.round_vote, name="round_vote"),
    path("vote/depot/", ballot.round_cast, name="round_cast"),
    path("vote/retrait/", ballot.round_withdraw, name="round_withdraw"),
    path("vote.ics", calendar.round_calendar, name="round_calendar"),
    path("vote/recu/", receipt.round_receipt, name="round_receipt"),
    path("vote/recu/sans-reseau.js", receipt.round_receipt_worker, name="round_receipt_worker"),
    path("vote/recu.txt", receipt.round_receipt_file, name="round_receipt_file"),
    path("ecran/", screen.round_screen, name="round_screen"),
    path("ecran/etat.json", screen.round_screen_state, name="round_screen_state"),
    path("resultats/", results.round_results, name="round_results"),
    path("resultats.pdf", results.results_pdf, name="round_results_pdf"),
    path("resultats.csv", results.results_csv, name="round_results_csv"),
    path("resultats.json", results.results_json, name="round_results_json"),
    path("resultats/urne.json", results.results_box, name="round_results_box"),
    path("resultats/recompter.py", results.results_recount, name="round_results_recount"),
]

forum_patterns: list[URLPattern | URLResolver] = [
    path("", forum.forum, name="forum"),
    path("tours/<int:number>/", include(round_patterns)),
    path("programme.ics", forum.calendar, name="calendar"),
    path("inscription/", registration.register, name="register"),
    path("inscription/courriel/", registration.register_sent, name="register_sent"),
    path("inscription/confirmation/<str:token>/", registration.register_confirm, name="register_confirm"),
    path("inscription/<str:token>/", registration.own_page, name="registration"),
    path("inscription/<str:token>/annulation/", registration.own_cancel, name="registration_cancel"),
    path("inscription/<str:token>/seances.ics", registration.own_calendar, name="registration_calendar"),
    path(
        "inscription/<str:token>/attestation.pdf",
        registration.own_attestation,
        name="registration_attestation",
    ),
    path("inscription/<str:token>/code.png", registration.own_code, name="registration_code"),
    path("recommandations/", recommendations.recommendation_list, name="recommendations"),
    path("recommandations/proposer/", proposing.propose, name="recommendation_propose"),
    path("recommandations/<int:recommendation_id>/", recommendations.recommendation, name="recommendation"),
    path(
        "recommandations/<int:recommendation_id>/modification/",
        proposing.revise,
        name="recommendation_revise",
    ),
    # The short addresses: of the open round, else of the last sealed one.
    path("vote/", access.forum_vote, name="forum_vote"),
    path("ecran/", access.forum_screen, name="forum_screen"),
    path("resultats/", results.results, name="results"),
    path("resultats.pdf", results.results_pdf, name="results_pdf"),
    path("resultats.csv", results.results_csv, name="results_csv"),
    path("resultats.json", results.results_json, name="results_json"),
    path("resultats/urne.json", results.results_box, name="results_box"),
    path("resultats/recompter.py", results.results_recount, name="results_recount"),
    path("suivi/", followup.followup, name="followup"),
]

# In the name of a listing, by those who keep it.
listing_patterns = [
    path("", proposed_activities.proposal_list, name="activities_of_listing"),
    path("proposer/", proposed_activities.propose, name="activity_propose"),
    path("<int:proposal_id>/", proposed_activities.proposal, name="activity_proposal"),
    path("<int:proposal_id>/retrait/", proposed_activities.proposal_withdraw, name="activity_withdraw"),
    path("<int:proposal_id>/demande/", proposed_activities.proposal_ask, name="activity_ask"),
]

urlpatterns = [
    path("agenda/", agenda.agenda, name="agenda"),
    path("agenda/entreprises/<slug:slug>/", include(listing_patterns)),
    path("forums/", forum.forum_list, name="list"),
    path("forums/<slug:slug>/", include(forum_patterns)),
    path("agenda.ics", feeds.agenda_feed, name="feed"),
    path("agenda/<slug:word>.ics", feeds.agenda_feed, name="feed_of_kind"),
    path("agenda/mrc/<slug:mrc>.ics", feeds.agenda_feed, name="feed_of_mrc"),
    path("agenda/mrc/<slug:mrc>/<slug:word>.ics", feeds.agenda_feed, name="feed_of_mrc"),
    path("agenda/abonnement/", feeds.subscribe, name="subscribe"),
    path("agenda/<slug:slug>/", seasons.season, name="season"),
    path("priorites/", followup.priorities, name="priorities"),
    path("dossier/<str:token>/", dossier.dossier, name="dossier"),
    path("dossier/<str:token>/accuse/", dossier.dossier_acknowledge, name="dossier_acknowledge"),
    path("dossier/<str:token>/reponses/<int:priority_id>/", dossier.dossier_answer, name="dossier_answer"),
    path("dossier/<str:token>/fichiers/<str:name>", dossier.dossier_file, name="dossier_file"),
    path("vote/", access.code_page, name="vote"),
    path("vote/terminer/", access.end_session, name="vote_leave"),
    path("vote/lien/<str:token>/", access.enter_with_link, name="vote_link"),
    path("vote/<str:code>/", access.enter_with_code, name="vote_code"),
    path("verifier/", verify.verify, name="verify"),
]
