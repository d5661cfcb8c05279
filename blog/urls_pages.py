from django.urls import path

from blog.views import contact, public

urlpatterns = [
    path("contact/ecrire/", contact.write, name="contact_write"),
    path("<slug:slug>/", public.page, name="page"),
]
