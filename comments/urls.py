from django.urls import path

from comments.views import public

app_name = "comments"
urlpatterns = [
    path("<int:thread_id>/", public.post, name="post"),
    path("<int:comment_id>/repondre/", public.reply, name="reply"),
    path("<int:comment_id>/modifier/", public.edit, name="edit"),
    path("<int:comment_id>/supprimer/", public.delete, name="delete"),
    path("<int:comment_id>/signaler/", public.flag, name="flag"),
    path("<int:thread_id>/suivre/", public.follow, name="follow"),
    path("desabonnement/<str:token>/", public.unsubscribe, name="unsubscribe"),
]
