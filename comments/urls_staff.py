from django.urls import path

from accounts.views import suspensions
from comments.views import staff

urlpatterns = [
    path("", staff.queue, name="moderation"),
    path("<int:comment_id>/publier/", staff.approve, name="comment_approve"),
    path("<int:comment_id>/masquer/", staff.hide, name="comment_hide"),
    path("<int:comment_id>/retablir/", staff.restore, name="comment_restore"),
    path("journal/", staff.journal, name="journal"),
    path("personnes/<int:person_id>/suspendre/", suspensions.suspend, name="suspend"),
    path("personnes/<int:person_id>/lever/", suspensions.lift, name="suspension_lift"),
]
