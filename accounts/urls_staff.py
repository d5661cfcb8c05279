from django.urls import path

from accounts.views import invitations, people, person, sessions

urlpatterns = [
    path("", people.people, name="people"),
    path("inviter/", invitations.invite, name="people_invite"),
    path("invitations/<int:invitation_id>/renvoyer/", invitations.resend, name="invitation_resend"),
    path("invitations/<int:invitation_id>/retirer/", invitations.revoke, name="invitation_revoke"),
    path("adresses/<int:address_id>/reprendre/", people.resume_address, name="address_resume"),
    path("<int:person_id>/role/", person.roles, name="person_role"),
    path("<int:person_id>/fermeture/", person.closing, name="person_close"),
    path("<int:person_id>/appareils/", sessions.of_person, name="person_sessions"),
    path("<int:person_id>/effacement/", person.erasure, name="person_erase"),
]
