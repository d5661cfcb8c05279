"""Every route of allauth under a French path; a test checks that none is missing."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import path

from accounts.views import invitations, privacy, profile, sessions, team_mails
from accounts.views.sign_in import preserve_next
from pole.server.even_answers import even_answer
from pole.server.lazy_views import LazyView

# A passkey takes the whole of `fido2` and `cryptography`.
_WEBAUTHN = "allauth.mfa.webauthn.views"
_MFA = "allauth.mfa.base.views"
_TOTP = "allauth.mfa.totp.views"
_RECOVERY = "allauth.mfa.recovery_codes.views"
_FACTORS = "accounts.views.factors"

# Where a page that was asked for may be forgotten.
_sign_in_steps = [
    ("connexion/", even_answer(account.login), "account_login"),
    ("connexion/cle-acces/", LazyView(f"{_WEBAUTHN}.login_webauthn"), "mfa_login_webauthn"),
    ("connexion/validation/", LazyView(f"{_MFA}.authenticate"), "mfa_authenticate"),
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
    path("appareils/", sessions.sessions, name="account_sessions"),
    path("appareils/fermer-les-autres/", sessions.close_others, name="account_sessions_close_others"),
    path("appareils/<slug:handle>/fermer/", sessions.close, name="account_session_close"),
    path("courriels-equipe/", team_mails.choices, name="account_team_mails"),
    path("courriels-equipe/<str:token>/", team_mails.stop, name="account_team_mails_stop"),
    path("courriel/", even_answer(account.email), name="account_email"),
    path("mot-de-passe/changer/", account.password_change, name="account_change_password"),
    path("mot-de-passe/choisir/", account.password_set, name="account_set_password"),
    path("reauthentification/", account.reauthenticate, name="account_reauthenticate"),
    path("reauthentification/validation/", LazyView(f"{_MFA}.reauthenticate"), name="mfa_reauthenticate"),
    path(
        "reauthentification/cle-acces/",
        preserve_next(LazyView(f"{_WEBAUTHN}.reauthenticate_webauthn")),
        name="mfa_reauthenticate_webauthn",
    ),
    path("validation/", LazyView(f"{_MFA}.index"), name="mfa_index"),
    path("validation/application/activer/", LazyView(f"{_FACTORS}.activate_app"), name="mfa_activate_totp"),
    path(
        "validation/application/desactiver/", LazyView(f"{_TOTP}.deactivate_totp"), name="mfa_deactivate_totp"
    ),
    path("validation/cles/", LazyView(f"{_WEBAUTHN}.list_webauthn"), name="mfa_list_webauthn"),
    path("validation/cles/ajouter/", LazyView(f"{_FACTORS}.add_passkey"), name="mfa_add_webauthn"),
    path(
        "validation/cles/<int:pk>/renommer/", LazyView(f"{_WEBAUTHN}.edit_webauthn"), name="mfa_edit_webauthn"
    ),
    path(
        "validation/cles/<int:pk>/retirer/",
        LazyView(f"{_FACTORS}.remove_passkey"),
        name="mfa_remove_webauthn",
    ),
    path(
        "validation/codes-de-secours/",
        LazyView(f"{_RECOVERY}.view_recovery_codes"),
        name="mfa_view_recovery_codes",
    ),
    path(
        "validation/codes-de-secours/nouveaux/",
        LazyView(f"{_RECOVERY}.generate_recovery_codes"),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "validation/codes-de-secours/telecharger/",
        LazyView(f"{_RECOVERY}.download_recovery_codes"),
        name="mfa_download_recovery_codes",
    ),
]

urlpatterns = entrance + own_account
