"""How staff run a vote: under /gestion/forums/<slug>/scrutins/."""

from django.urls import path

from forums.views.rounds import editing, life_cycle, paper_entry, papers, reconciliation, roll, slips

PREFIX = "<slug:slug>/scrutins/"

urlpatterns = [
    path(f"{PREFIX}{word}", view, name=name)
    for word, view, name in (
        ("", editing.round_list, "round_list"),
        ("nouveau/", editing.round_new, "round_new"),
        ("saisie/", paper_entry.paper_typing_of_closed_round, "paper_typing_now"),
        ("cartons/", slips.slip_list, "carton_list"),
        ("cartons/impression/", slips.slip_print, "carton_print"),
        ("cartons/lot/", slips.slip_batch_void, "carton_batch_void"),
        ("cartons/remise/", slips.slip_give, "carton_give"),
        ("cartons/<int:slip_number>/annulation/", slips.slip_void, "carton_void"),
        ("<int:number>/", editing.round_page, "round"),
        ("<int:number>/modification/", editing.round_edit, "round_edit"),
        ("<int:number>/suppression/", editing.round_delete, "round_delete"),
        ("<int:number>/copie/", editing.round_copy, "round_copy"),
        ("<int:number>/bulletin/", life_cycle.round_draw, "round_draw"),
        ("<int:number>/bulletin/retrait/", life_cycle.round_undraw, "round_undraw"),
        ("<int:number>/ouverture/", life_cycle.round_open, "round_open"),
        ("<int:number>/prolongation/", life_cycle.round_prolong, "round_prolong"),
        ("<int:number>/fermeture/", life_cycle.round_close, "round_close"),
        ("<int:number>/annulation/", life_cycle.round_annul, "round_annul"),
        ("<int:number>/scrutateurs/", life_cycle.round_tellers, "round_tellers"),
        ("<int:number>/scrutateurs/renoncer/", life_cycle.round_tellers_drop, "round_tellers_drop"),
        ("<int:number>/sceau/", life_cycle.round_seal, "round_seal"),
        ("<int:number>/publication/", life_cycle.round_publish, "round_publish"),
        ("<int:number>/liste/", roll.roll, "roll"),
        ("<int:number>/liste/ajout/", roll.roll_add, "roll_add"),
        ("<int:number>/liste/<int:entry_id>/retrait/", roll.roll_void, "roll_void"),
        ("<int:number>/liste/<int:entry_id>/papier/", roll.roll_paper, "roll_paper"),
        ("<int:number>/papier/", papers.paper_page, "paper_page"),
        ("<int:number>/papier/impression/", papers.paper_print, "paper_print"),
        ("<int:number>/papier/remise/", papers.paper_issue_page, "paper_issue"),
        ("<int:number>/saisie/", paper_entry.paper_typing, "paper_typing"),
        ("<int:number>/ecarts/", paper_entry.paper_disputes, "paper_disputes"),
        ("<int:number>/ecarts/<int:paper_id>/", paper_entry.paper_resolve, "paper_resolve"),
        ("<int:number>/ecarts/<int:paper_id>/effacement/", paper_entry.paper_typing_delete, "paper_forget"),
        ("<int:number>/conciliation/", reconciliation.reconciliation, "reconciliation"),
        ("<int:number>/conciliation/perdus/", reconciliation.papers_lost, "papers_lost"),
        ("<int:number>/urne.json", reconciliation.round_box, "round_box"),
        ("<int:number>/proces-verbal.pdf", reconciliation.round_record, "round_record"),
    )
]
