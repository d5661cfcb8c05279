"""How staff run a vote: under /gestion/forums/<slug>/scrutins/."""

from django.urls import path

from forums.views import cartons, paper_typing, papers, reconciliation, roll, round_life, rounds

urlpatterns = [
    path("", rounds.round_list, name="round_list"),
    path("nouveau/", rounds.round_new, name="round_new"),
    path("saisie/", paper_typing.paper_typing_now, name="paper_typing_now"),
    path("cartons/", cartons.carton_list, name="carton_list"),
    path("cartons/impression/", cartons.carton_print, name="carton_print"),
    path("cartons/lot/", cartons.carton_batch_void, name="carton_batch_void"),
    path("cartons/remise/", cartons.carton_give, name="carton_give"),
    path("cartons/<int:carton_number>/annulation/", cartons.carton_void, name="carton_void"),
    *(
        path(f"<int:number>/{word}", view, name=name)
        for word, view, name in (
            ("", rounds.round_page, "round"),
            ("modification/", rounds.round_edit, "round_edit"),
            ("suppression/", rounds.round_delete, "round_delete"),
            ("copie/", rounds.round_copy, "round_copy"),
            ("bulletin/", round_life.round_draw, "round_draw"),
            ("bulletin/retrait/", round_life.round_undraw, "round_undraw"),
            ("ouverture/", round_life.round_open, "round_open"),
            ("prolongation/", round_life.round_prolong, "round_prolong"),
            ("fermeture/", round_life.round_close, "round_close"),
            ("annulation/", round_life.round_annul, "round_annul"),
            ("sceau/", round_life.round_seal, "round_seal"),
            ("publication/", round_life.round_publish, "round_publish"),
            ("liste/", roll.roll, "roll"),
            ("liste/ajout/", roll.roll_add, "roll_add"),
            ("liste/<int:entry_id>/retrait/", roll.roll_void, "roll_void"),
            ("papier/", papers.paper_page, "paper_page"),
            ("papier/impression/", papers.paper_print, "paper_print"),
            ("papier/remise/", papers.paper_issue, "paper_issue"),
            ("saisie/", paper_typing.paper_typing, "paper_typing"),
            ("ecarts/", paper_typing.paper_disputes, "paper_disputes"),
            ("ecarts/<int:paper_id>/", paper_typing.paper_resolve, "paper_resolve"),
            ("ecarts/<int:paper_id>/effacement/", paper_typing.paper_forget, "paper_forget"),
            ("conciliation/", reconciliation.reconciliation, "reconciliation"),
            ("conciliation/perdus/", reconciliation.papers_lost, "papers_lost"),
            ("urne.json", reconciliation.round_box, "round_box"),
            ("proces-verbal.pdf", reconciliation.round_record, "round_record"),
        )
    ),
]
