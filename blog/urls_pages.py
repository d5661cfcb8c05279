from django.urls import path

from blog.views import contact, public

urlpatterns = [
    # Not below /contact/, where a page of the hub stands: its address would be refused to it.
    path("ecrire/", contact.write, name="contact_write"),
    path("<slug:slug>/", public.page, name="page"),
]
