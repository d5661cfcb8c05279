from django.urls import path

from blog.views import desk_lists, first_pages, former_site, redirects, staff

urlpatterns = [
    path("billets/", desk_lists.post_list, name="post_list"),
    path("billets/ensemble/", desk_lists.posts_together, name="posts_together"),
    path("billets/originaux/", desk_lists.post_originals, name="post_originals"),
    path("billets/nouveau/", staff.post_edit, name="post_new"),
    path("billets/nouveau/enregistrement/", staff.post_autosave, name="post_autosave_new"),
    path("billets/apercu/", staff.post_preview, name="post_preview"),
    path("billets/<int:post_id>/", staff.post_edit, name="post_edit"),
    path("billets/<int:post_id>/enregistrement/", staff.post_autosave, name="post_autosave"),
    path("billets/signatures/", staff.author_list, name="author_list"),
    path("billets/signatures/nouvelle/", staff.author_edit, name="author_new"),
    path("billets/signatures/<int:author_id>/", staff.author_edit, name="author_edit"),
    path("premiers-pas/pages/", first_pages.first_pages, name="first_step_pages"),
    path("pages/", desk_lists.page_list, name="page_list"),
    path("pages/nouvelle/", staff.page_edit, name="page_new"),
    path("pages/nouvelle/enregistrement/", staff.page_autosave, name="page_autosave_new"),
    path("pages/apercu/", staff.page_preview, name="page_preview"),
    path("pages/<int:page_id>/enregistrement/", staff.page_autosave, name="page_autosave"),
    path("pages/<int:page_id>/", staff.page_edit, name="page_edit"),
    path("ancien-site/", former_site.site_import_list, name="site_import_list"),
    path("ancien-site/<int:key>/", former_site.site_import_show, name="site_import_show"),
    path("ancien-site/<int:key>/lancer/", former_site.site_import_run, name="site_import_run"),
    path("ancien-site/<int:key>/defaire/", former_site.site_import_undo, name="site_import_undo"),
    path("ancien-site/<int:key>/avancement/", former_site.site_import_progress, name="site_import_progress"),
    path("anciennes-adresses/", redirects.redirect_list, name="redirect_list"),
    path("anciennes-adresses/nouvelle/", redirects.redirect_edit, name="redirect_new"),
    path("anciennes-adresses/<int:key>/", redirects.redirect_edit, name="redirect_edit"),
    path("anciennes-adresses/<int:key>/retirer/", redirects.redirect_remove, name="redirect_remove"),
    path("anciennes-adresses/manquees/<int:key>/oublier/", redirects.missed_forget, name="missed_forget"),
]
