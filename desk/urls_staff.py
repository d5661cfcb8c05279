from django.urls import path

from desk.views import staff

urlpatterns = [
    path("textes/<int:draft_id>/historique/", staff.history, name="draft_history"),
    path("textes/<int:draft_id>/comparaison/", staff.compared, name="draft_compared"),
    path("textes/<int:draft_id>/versions/<int:number>/reprendre/", staff.restore, name="draft_restore"),
    path("textes/<int:draft_id>/presence/", staff.still_here, name="draft_presence"),
    path("textes/<int:draft_id>/partage/", staff.share, name="draft_share"),
]
