from django.urls import path

from desk.views import public, readings

urlpatterns = [
    path("apercu/<str:token>/", public.shared_preview, name="shared_preview"),
    path("relecture/<str:token>/", readings.reading, name="reading"),
]
