from django.urls import path

from accounts.views import incidents, invitations, people, person, sessions

urlpatterns = [
    path("personnes/", people.people, name="people"),
    path("personnes/inviter/", invitations.invite, name="people_invite"),
    path("personnes/invitations/<int:invitation_id>/renvoyer/", invitations.resend, name="invitation_resend"),
    path("personnes/invitations/<int:invitation_id>/retirer/", invitations.revoke, name="invitation_revoke"),
    path("personnes/adresses/<int:address_id>/reprendre/", people.resume_address, name="address_resume"),
    path("personnes/<int:person_id>/role/", person.roles, name="person_role"),
    path("personnes/<int:person_id>/fermeture/", person.closing, name="person_close"),
    path("personnes/<int:person_id>/appareils/", sessions.of_person, name="person_sessions"),
    path("personnes/<int:person_id>/effacement/", person.erasure, name="person_erase"),
    path("incidents/", incidents.incident_list, name="incident_list"),
    path("incidents/nouveau/", incidents.incident_edit, name="incident_new"),
    path("incidents/copie/", incidents.incident_copy, name="incident_copy"),
    path("incidents/registre.csv", incidents.incident_csv, name="incident_csv"),
    path("incidents/<int:key>/", incidents.incident, name="incident"),
    path("incidents/<int:key>/corriger/", incidents.incident_edit, name="incident_edit"),
]
