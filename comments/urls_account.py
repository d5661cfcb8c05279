from django.urls import path

from comments.views import own

urlpatterns = [path("", own.own_list, name="account_comments")]
