from django.urls import path

from forums.views import dossier, outcomes, progress, proposing, public, recommendations, registration
from forums.views.vote import ballot, doors, receipt, screen, verify

app_name = "forums"
urlpatterns = [
    path("forums/", public.forum_list, name="list"),
    path("forums/<slug:slug>/", public.forum, name="forum"),
    path("forums/<slug:slug>/programme.ics", public.calendar, name="calendar"),
    path("forums/<slug:slug>/inscription/", registration.register, name="register"),
    path("forums/<slug:slug>/inscription/courriel/", registration.register_sent, name="register_sent"),
    path(
        "forums/<slug:slug>/inscription/confirmation/<str:token>/",
        registration.register_confirm,
        name="register_confirm",
    ),
    path("forums/<slug:slug>/inscription/<str:token>/", registration.own_page, name="registration"),
    path(
        "forums/<slug:slug>/inscription/<str:token>/annulation/",
        registration.own_cancel,
        name="registration_cancel",
    ),
    path(
        "forums/<slug:slug>/inscription/<str:token>/code.png",
        registration.own_code,
        name="registration_code",
    ),
    path("forums/<slug:slug>/recommandations/", recommendations.recommendation_list, name="recommendations"),
    path("forums/<slug:slug>/recommandations/proposer/", proposing.propose, name="recommendation_propose"),
    path(
        "forums/<slug:slug>/recommandations/<int:recommendation_id>/",
        recommendations.recommendation,
        name="recommendation",
    ),
    path(
        "forums/<slug:slug>/recommandations/<int:recommendation_id>/modification/",
        proposing.revise,
        name="recommendation_revise",
    ),
    path("forums/<slug:slug>/resultats/", outcomes.results, name="results"),
    path("forums/<slug:slug>/tours/<int:number>/resultats/", outcomes.round_results, name="round_results"),
    *(
        path(f"forums/<slug:slug>/{of_round}{words}", view, name=f"{prefix}{name}")
        for prefix, of_round in (("", ""), ("round_", "tours/<int:number>/"))
        for words, view, name in (
            ("resultats.pdf", outcomes.results_pdf, "results_pdf"),
            ("resultats.csv", outcomes.results_csv, "results_csv"),
            ("resultats.json", outcomes.results_json, "results_json"),
            ("resultats/urne.json", outcomes.results_box, "results_box"),
            ("resultats/recompter.py", outcomes.results_recount, "results_recount"),
        )
    ),
    path("forums/<slug:slug>/suivi/", progress.followup, name="followup"),
    path("priorites/", progress.priorities, name="priorities"),
    path("dossier/<str:token>/", dossier.dossier, name="dossier"),
    path("dossier/<str:token>/accuse/", dossier.dossier_acknowledge, name="dossier_acknowledge"),
    path("dossier/<str:token>/reponses/<int:priority_id>/", dossier.dossier_answer, name="dossier_answer"),
    path("dossier/<str:token>/fichiers/<str:name>", dossier.dossier_file, name="dossier_file"),
    path("vote/", doors.vote, name="vote"),
    path("vote/terminer/", doors.leave, name="vote_leave"),
    path("vote/lien/<str:token>/", doors.by_link, name="vote_link"),
    path("vote/<str:code>/", doors.by_code, name="vote_code"),
    path("verifier/", verify.verify, name="verify"),
    path("forums/<slug:slug>/vote/", doors.forum_vote, name="forum_vote"),
    path("forums/<slug:slug>/ecran/", doors.forum_screen, name="forum_screen"),
    *(
        path(f"forums/<slug:slug>/tours/<int:number>/{words}", view, name=name)
        for words, view, name in (
            ("vote/", ballot.round_vote, "round_vote"),
            ("vote/depot/", ballot.round_cast, "round_cast"),
            ("vote/retrait/", ballot.round_withdraw, "round_withdraw"),
            ("vote/recu/", receipt.round_receipt, "round_receipt"),
            ("vote/recu.txt", receipt.round_receipt_file, "round_receipt_file"),
            ("ecran/", screen.round_screen, "round_screen"),
            ("ecran/etat.json", screen.round_screen_state, "round_screen_state"),
        )
    ),
]
