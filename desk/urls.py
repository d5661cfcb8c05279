from django.urls import path

from desk.views import public

urlpatterns = [path("apercu/<str:token>/", public.shared_preview, name="shared_preview")]
