"""Every address of the portal. French has no prefix; English lies under /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, re_path

from pole.views import appearance, for_programs, pages, retention, sitemap

handler400 = "pole.views.errors.bad_request"
handler403 = "pole.views.errors.forbidden"
handler404 = "pole.views.errors.not_found"
handler500 = "pole.views.errors.server_error"

staff = [
    path("", include("pole.urls_staff")),
    path("", include("blog.urls_staff")),
    path("", include("desk.urls_staff")),
    path("moderation/", include("comments.urls_staff")),
    path("repertoire/", include("enterprises.urls_staff")),
    path("", include("forums.urls_staff")),
    path("", include("accounts.urls_staff")),
]

urlpatterns = [
    path("healthz", for_programs.healthz, name="healthz"),
    path("readyz", for_programs.readyz, name="readyz"),
    path("robots.txt", for_programs.robots_txt, name="robots"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path(".well-known/security.txt", for_programs.security_txt, name="security"),
    path("anticipation.json", for_programs.speculation_rules, name="speculation_rules"),
    path("charte.css", appearance.hub_stylesheet, name="charter"),
    path("icones/<slug:name>.<slug:extension>", appearance.icon, name="icon"),
    path("image/<str:signed>.png", appearance.card, name="card"),
    path("media/<path:path>", for_programs.media, name="media"),
    path("api/v1/", include("enterprises.urls_api")),
    re_path(r"^api/(?:.*/)?$", for_programs.nothing_to_read, name="nothing_to_read"),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", pages.home, name="home"),
        path("manifest.webmanifest", appearance.manifest, name="manifest"),
        path("editeur.js", for_programs.editor_translations, name="editor_words"),
        path("recherche/", pages.search, name="search"),
        path("ce-que-nous-gardons/", retention.public, name="retention"),
        path("billets/", include("blog.urls")),
        path("repertoire/", include("enterprises.urls")),
        path("", include("forums.urls")),
        path("commentaires/", include("comments.urls")),
        path("compte/commentaires/", include("comments.urls_account")),
        path("compte/", include("accounts.urls")),
        path("gestion/", include((staff, "staff"))),
        path("", include("desk.urls")),
        # Last: any other slug at the root may be a page that staff wrote.
        path("", include("blog.urls_pages")),
        prefix_default_language=False,
    ),
]
