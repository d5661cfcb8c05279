from django.urls import path

from desk.views import history, library, readings_staff, staff

urlpatterns = [
    path("images/", library.picture_list, name="picture_list"),
    path("images/ajouter/", library.picture_add, name="picture_add"),
    path("images/<int:picture_id>/", library.picture_edit, name="picture_edit"),
    path("images/<int:picture_id>/retirer/", library.picture_remove, name="picture_remove"),
    path("documents/", library.document_list, name="document_list"),
    path("documents/ajouter/", library.document_add, name="document_add"),
    path("documents/<int:document_id>/", library.document_edit, name="document_edit"),
    path("documents/<int:document_id>/retirer/", library.document_remove, name="document_remove"),
    path("textes/jeton/", staff.writing_token, name="writing_token"),
    path("textes/<int:draft_id>/historique/", history.history, name="draft_history"),
    path("textes/<int:draft_id>/comparaison/", history.compared, name="draft_compared"),
    path("textes/<int:draft_id>/versions/<int:number>/nom/", history.name_version, name="version_name"),
    path("textes/<int:draft_id>/versions/<int:number>/reprendre/", history.restore, name="draft_restore"),
    path("textes/<int:draft_id>/presence/", staff.record_presence, name="draft_presence"),
    path("textes/<int:draft_id>/partage/", staff.share, name="draft_share"),
    path("textes/<int:draft_id>/relectures/", readings_staff.readings, name="readings"),
    path(
        "textes/<int:draft_id>/relectures/<int:reading_id>/fin/",
        readings_staff.reading_end,
        name="reading_end",
    ),
    path("textes/<int:draft_id>/remarques/<int:remark_id>/", readings_staff.remark, name="remark"),
]
