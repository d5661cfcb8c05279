from django.urls import path

from blog.views import public

app_name = "blog"
urlpatterns = [
    path("", public.post_list, name="list"),
    path("flux.xml", public.feed, name="feed"),
    path("<slug:slug>/", public.post, name="post"),
]
