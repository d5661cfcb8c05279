from django.urls import path

from blog.views import public

urlpatterns = [path("<slug:slug>/", public.page, name="page")]
