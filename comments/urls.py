from django.urls import path

from comments.views import public

app_name = "comments"
urlpatterns = [
    path("<int:thread_id>/", public.post, name="post"),
    path("<int:comment_id>/repondre/", public.reply, name="reply"),
    path("<int:comment_id>/modifier/", public.edit, name="edit"),
    path("<int:comment_id>/supprimer/", public.delete, name="delete"),
]
