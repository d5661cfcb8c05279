from django.urls import path

from accounts.views import people

urlpatterns = [
    path("", people.people, name="people"),
    path("<int:person_id>/role/", people.person_role, name="person_role"),
]
