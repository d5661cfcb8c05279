"""Every route of allauth under a French path; a test checks that none is missing."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path

from accounts.views import factors, invitations, privacy, profile, team_mails
from accounts.views.sign_in import preserve_next
from pole.server.even_answers import even_answer

# Where a page that was asked for may be forgotten.
_sign_in_steps = [
    ("connexion/", even_answer(account.login), "account_login"),
    ("connexion/cle-acces/", webauthn.login_webauthn, "mfa_login_webauthn"),
    ("connexion/validation/", mfa.authenticate, "mfa_authenticate"),
    ("code/", even_answer(account.request_login_code), "account_request_login_code"),
    ("code/confirmer/", account.confirm_login_code, "account_confirm_login_code"),
    ("inscription/", even_answer(account.signup), "account_signup"),
    ("confirmer-courriel/", account.email_verification_sent, "account_email_verification_sent"),
    ("mot-de-passe/oublie/", even_answer(account.password_reset), "account_reset_password"),
    ("mot-de-passe/oublie/code/", account.confirm_password_reset_code, "account_confirm_password_reset_code"),
    ("mot-de-passe/oublie/nouveau/", account.complete_password_reset, "account_complete_password_reset"),
]
entrance = [
    *(path(route, preserve_next(view), name=name) for route, view, name in _sign_in_steps),
    path(
        "mot-de-passe/oublie/change/",
        account.password_reset_from_key_done,
        name="account_password_reset_completed",
    ),
    path("deconnexion/", account.logout, name="account_logout"),
    path("ferme/", account.account_inactive, name="account_inactive"),
]

own_account = [
    path("", profile.profile, name="account_profile"),
    path("donnees/", privacy.my_data, name="account_data"),
    path("invitation/<str:token>/", invitations.accept, name="team_invitation"),
    path("donnees/mes-donnees.json", privacy.my_data_file, {"kind": "json"}, name="account_data_json"),
    path("donnees/mes-donnees.csv", privacy.my_data_file, {"kind": "csv"}, name="account_data_csv"),
    path("courriels-equipe/", team_mails.choices, name="account_team_mails"),
    path("courriels-equipe/<str:token>/", team_mails.stop, name="account_team_mails_stop"),
    path("courriel/", even_answer(account.email), name="account_email"),
    path("mot-de-passe/changer/", account.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("reauthentification/", account.reauthenticate, name="account_reauthenticate"),
    path("reauthentification/validation/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path(
        "reauthentification/cle-acces/",
        preserve_next(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("validation/", mfa.index, name="mfa_index"),
    path("validation/application/activer/", factors.activate_app, name="mfa_activate_totp"),
    path("validation/application/desactiver/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("validation/cles/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("validation/cles/ajouter/", factors.add_passkey, name="mfa_add_webauthn"),
    path("validation/cles/<int:pk>/renommer/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("validation/cles/<int:pk>/retirer/", factors.remove_passkey, name="mfa_remove_webauthn"),
    path("validation/codes-de-secours/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "validation/codes-de-secours/nouveaux/",
        recovery.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "validation/codes-de-secours/telecharger/",
        recovery.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

urlpatterns = entrance + own_account
