from django.urls import path

from blog.views import desk

urlpatterns = [
    path("billets/", desk.post_list, name="post_list"),
    path("billets/nouveau/", desk.post_new, name="post_new"),
    path("billets/nouveau/enregistrement/", desk.post_autosave, name="post_autosave_new"),
    path("billets/apercu/", desk.post_preview, name="post_preview"),
    path("billets/<int:post_id>/", desk.post_edit, name="post_edit"),
    path("billets/<int:post_id>/enregistrement/", desk.post_autosave, name="post_autosave"),
    path("billets/signatures/", desk.author_list, name="author_list"),
    path("billets/signatures/nouvelle/", desk.author_edit, name="author_new"),
    path("billets/signatures/<int:author_id>/", desk.author_edit, name="author_edit"),
    path("pages/", desk.page_list, name="page_list"),
    path("pages/nouvelle/", desk.page_new, name="page_new"),
    path("pages/nouvelle/enregistrement/", desk.page_autosave, name="page_autosave_new"),
    path("pages/apercu/", desk.page_preview, name="page_preview"),
    path("pages/<int:page_id>/enregistrement/", desk.page_autosave, name="page_autosave"),
    path("pages/<int:page_id>/", desk.page_edit, name="page_edit"),
]
