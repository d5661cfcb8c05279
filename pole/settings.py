"""Every setting, read from the environment once, at start.

Without variables the portal runs as a demonstration on this machine. With `POLE_PRODUCTION=1` it
refuses to start until the variables of `REQUIRED_IN_PRODUCTION` are given.
"""

import fcntl
import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from js_asset import static_lazy

from pole.files.upload_limit import MAX_REQUEST_BYTES
from pole.server import release

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("POLE_VAR", default=str(BASE_DIR / "var")))

PRODUCTION = env.bool("POLE_PRODUCTION", default=False)
REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "ALLOWED_HOSTS", "BASE_URL", "DATABASE_URL", "EMAIL_URL")
if PRODUCTION and (missing := [name for name in REQUIRED_IN_PRODUCTION if not os.environ.get(name)]):
    raise ImproperlyConfigured("POLE_PRODUCTION=1 needs these variables: " + ", ".join(missing))
# Proxies whose X-Forwarded-For is believed.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
if PRODUCTION and TRUSTED_PROXY_COUNT < 1:
    raise ImproperlyConfigured(
        "POLE_PRODUCTION=1 demande un serveur mandataire devant le portail (deploy/nginx.conf), et TRUSTED_PROXY_COUNT=1 pour le dire :"
        " sans lui, quelques envois lents arrêteraient le site, et chacun choisirait l’adresse d’où il dit venir."
    )


SECRET_LENGTH = 50


def _development_secret(path: Path) -> str:
    """The secret of this clone, made at first use and readable by its owner only.

    Under a lock: a process that starts at the same time must not read a file that is still empty. One that a full
    disk cut short is written again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        secret = file.read().strip()
        if len(secret) < SECRET_LENGTH:
            secret = secrets.token_urlsafe(SECRET_LENGTH)
            file.seek(0)
            file.write(secret)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    return secret


SECRET_KEY = env("SECRET_KEY", default="") or _development_secret(VAR_DIR / "secret-key")
# Former ones: what they signed stays good, and what was erased under them is recognised at a restore.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", default=False)
PORT = env("PORT", default="8000")
BASE_URL = env("BASE_URL", default=f"http://localhost:{PORT}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

INSTALLED_APPS = [
    "forums",
    "enterprises",
    "blog",
    "desk",
    "comments",
    "accounts",
    "pole",
    "accounts.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_filters",
    "django_prose_editor",
    "js_lib_leaflet",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "pole.server.even_answers.wait_for_the_step",
    "pole.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "pole.middleware.ContentSecurityPolicy",
    "pole.middleware.request_id",
    "pole.middleware.path_language",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sign_in.sessions.note_use",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pole.middleware.private_unless_public",
    "pole.middleware.writable_path",
    "pole.caching.speculation.refuse_other_prefetches",
]

ROOT_URLCONF = "pole.urls"
WSGI_APPLICATION = "pole.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "pole.text.template_sources.UnindentedLoader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pole.context.portal",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "pole.templatetags.constants",
                "pole.templatetags.feedback",
                "pole.templatetags.page_head",
                "pole.templatetags.portal",
                "pole.templatetags.typography",
            ],
        },
    }
]
FORM_RENDERER = "pole.forms.PortalFormRenderer"

# --- Database -------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]]
if env("DATABASE_URL", default=""):
    DATABASES = {"default": env.db("DATABASE_URL")}
else:
    from pole.server import embedded_postgres

    DATABASES = {"default": embedded_postgres.django_database(VAR_DIR / "postgres")}
DATABASES["default"]["ENGINE"] = "pole.server.database"
DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
# Those of the web server, which reads the same variable: one of them is kept from waiting for the database.
WEB_THREADS = env.int("GRANIAN_BLOCKING_THREADS", default=5)


# --- Kept answers (pole.caching.kept_answers) -----------------------------------------------
def _whole_number(name: str, default: int, most: int, unit: str) -> int:
    try:
        number = env.int(name, default=default)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise ImproperlyConfigured(
            f"{name}={os.environ[name]}: write a whole number of {unit}, from 0 to {most}."
        )
    return int(number)


# For how long a process takes the content versions to be those that it last read.
POLE_FRESHNESS_MS = _whole_number("POLE_FRESHNESS_MS", 20, most=10_000, unit="milliseconds")
# The most that each process keeps of answers, all included; 0 keeps none.
POLE_KEPT_MIB = _whole_number("POLE_KEPT_MIB", 32, most=4096, unit="mebibytes")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "pole_cache",
        # The limits on sign-in live here: at Django's 300 entries, one busy evening would erase them.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# --- Language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["pole.formats"]
TIME_ZONE = "America/Toronto"
USE_TZ = True
USE_I18N = True
# "vendredi, 19 mai 2023" instead of "vendredi 19 mai 2023".
POLE_DATE_COMMA = env.bool("POLE_DATE_COMMA", default=False)

# What changes every page at once: part of each ETag.
RELEASE = env("POLE_RELEASE", default="") or release.fingerprint(BASE_DIR, BASE_URL, POLE_DATE_COMMA)

# --- Files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Of refused forms (pole.files.kept_uploads): neither served nor in a backup.
KEPT_UPLOADS_DIR = VAR_DIR / "kept-uploads"
# Files of the whole directory that the worker makes (enterprises.exporting.made): neither served nor in a backup.
EXPORTS_DIR = VAR_DIR / "exports"
# The exports and files of sites that are being brought in, until they are.
FORMER_SITES_DIR = VAR_DIR / "former-sites"
# The keys of votes (forums.vote.round_keys): beside the folder of files, never in it, where no backup takes them.
KEYS_DIR = Path(env("POLE_KEYS", default=str(VAR_DIR.with_name(f"{VAR_DIR.name}-keys"))))
# Joined, compressed, with hashed names, once `collectstatic` made them, which `make run` has done at its start. Otherwise the
# sources themselves are served, each change at once.
STATIC_MADE = env.bool("POLE_STATIC_MADE", default=PRODUCTION)
STORAGES = {
    "default": {"BACKEND": "pole.files.stored.PortalStorage"},
    "staticfiles": {
        "BACKEND": "pole.files.static_storage.PortalStaticFilesStorage"
        if STATIC_MADE
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not STATIC_MADE
# A hashed name is kept for a year, `immutable`; the rest, which no page asks for, is asked again.
WHITENOISE_MAX_AGE = 0
# A form may carry a 5 MB picture, and prose up to richtext.MAX_HTML_LENGTH.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Whole requests, in memory: nothing sent waits on a disk that may be full.
FILE_UPLOAD_MAX_MEMORY_SIZE = MAX_REQUEST_BYTES
FILE_UPLOAD_PERMISSIONS = 0o644
FILE_UPLOAD_HANDLERS = [
    "pole.files.upload_limit.RequestSizeLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
]
# The module where our own extensions of the rich editor are.
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [static_lazy("js/prose-pictures.js"), static_lazy("js/prose/extensions.js")],
        # Prose is sanitised by pole.text.richtext, not from this list.
        "extensions": dict.fromkeys(
            (
                *("LibraryPicture", "CaptionedPicture", "PictureCaption", "InlinePicture", "Preformatted"),
                *("Gallery", "More", "Note", "NoteCall", "Notes", "Paste"),
            ),
            "django_prose_editor.config.process_figure",
        ),
    }
]

# --- Security -------------------------------------------------------------------------------
SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
DEVICE_COOKIE_NAME = "device"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_ENGINE = "accounts.sign_in.sessions"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    # The supervisor's probes speak plain HTTP on the loopback.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 63_072_000
    # The portal answers for its own name alone: the rest of the domain, often a municipality's or an
    # older site's, may not speak HTTPS, and preloading takes months to undo.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("POLE_HSTS_SUBDOMAINS", default=False)
    SECURE_HSTS_PRELOAD = env.bool("POLE_HSTS_PRELOAD", default=False)
    if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
        raise ImproperlyConfigured(
            "POLE_HSTS_PRELOAD=1 needs POLE_HSTS_SUBDOMAINS=1: browsers' lists ask for both."
        )
    # `check --deploy` would have both on: they are the hub's choice.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    DEVICE_COOKIE_NAME = "__Host-device"
    CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "pole.views.errors.csrf_failure"

# --- Accounts -------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.sign_in.hashers.PortalArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# At what a POST is answered that says nothing of an address (`pole.server.even_answers`): more than a hash takes here.
EVEN_ANSWER_SECONDS = 0.25
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account_profile"
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupExtraForm"
ACCOUNT_FORMS = {
    "signup": "accounts.allauth_forms.SignupForm",
    "login": "accounts.allauth_forms.LoginForm",
    "request_login_code": "accounts.allauth_forms.RequestLoginCodeForm",
    "confirm_login_code": "accounts.allauth_forms.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "accounts.allauth_forms.ConfirmEmailVerificationCodeForm",
    "confirm_password_reset_code": "accounts.allauth_forms.ConfirmPasswordResetCodeForm",
    "add_email": "accounts.allauth_forms.AddEmailForm",
    "change_password": "accounts.allauth_forms.ChangePasswordForm",
    "set_password": "accounts.allauth_forms.SetPasswordForm",
    "reset_password": "accounts.allauth_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.allauth_forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.allauth_forms.ReauthenticateForm",
}
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
LOGIN_TRIES_BY_ADDRESS = "300/m/ip"
# Loose for one address: a whole forum signs in behind one Wi-Fi. What is strict for one account is in
# accounts/sign_in/limits.py, by device and network.
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    # By account, for the second step alone: whoever comes to it has shown the password or the mailbox.
    "login_failed": "300/m/ip,5/5m/key",
    "request_login_code": "300/m/ip",
    "signup": "300/m/ip",
    "reset_password": "120/m/ip",
    "reset_password_from_key": "120/m/ip",
    "confirm_email": "300/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "comment": "120/10m/ip",
    "flag": "60/10m/ip",
    # Each one is a mail to the hub.
    "contact": "20/10m/ip",
    # Several people may read a text in one office.
    "remark": "120/10m/ip",
    # Each one sends a mail to an address that may be a stranger's.
    "forum_registration": "300/m/ip",
    # By who invites, and by who is invited.
    "listing_invitation": "40/d/user,3/d/key",
}
# Eight digits, written 1234-5678: easy on a telephone's keypad; three tries a code.
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "accounts.allauth_forms.AuthenticateForm",
    "reauthenticate": "accounts.allauth_forms.ReauthenticateWithFactorForm",
    "activate_totp": "accounts.allauth_forms.ActivateTOTPForm",
    "login_webauthn": "accounts.allauth_forms.LoginWebAuthnForm",
    "reauthenticate_webauthn": "accounts.allauth_forms.ReauthenticateWebAuthnForm",
    "add_webauthn": "accounts.allauth_forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.allauth_forms.EditWebAuthnForm",
}
# A passkey can't be guessed: the limit only spares the server.
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_TOLERANCE = 1

# --- Mail and background work ---------------------------------------------------------------
MAILERS: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "pole.mail.queue.QueueBackend"},
    "delivery": {"BACKEND": "pole.mail.queue.ReadableConsoleBackend"},
}
if env("EMAIL_URL", default=""):
    _smtp = env.email("EMAIL_URL")
    MAILERS["delivery"] = {
        "BACKEND": "pole.mail.relay.RelayBackend",
        "OPTIONS": {
            "host": _smtp["EMAIL_HOST"],
            "port": _smtp["EMAIL_PORT"],
            "username": _smtp["EMAIL_HOST_USER"],
            "password": _smtp["EMAIL_HOST_PASSWORD"],
            "use_tls": _smtp.get("EMAIL_USE_TLS", False),
            "use_ssl": _smtp.get("EMAIL_USE_SSL", False),
            "timeout": 20,
        },
    }
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="portail@pole.example")
try:
    validate_email(parseaddr(DEFAULT_FROM_EMAIL)[1])
except ValidationError:
    raise ImproperlyConfigured(
        f'DEFAULT_FROM_EMAIL={DEFAULT_FROM_EMAIL}: write one address, as portail@exemple.ca or "Le pôle" <portail@exemple.ca>.'
    ) from None
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Who is written to when a service fails and the database, which knows the team, does not answer.
ALERTS_TO = env("POLE_ALERTS_TO", default="")
PROCRASTINATE_WORKER_DEFAULTS = {"concurrency": 1, "delete_jobs": "successful"}

# --- Logs -----------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "pole.middleware.RequestIdFilter"},
        "mask": {"()": "pole.middleware.MaskSecretsFilter"},
        "database_away": {"()": "pole.server.database.limits.UnavailableFilter"},
        "repetition": {"()": "pole.server.logs.RepetitionFilter"},
    },
    "formatters": {
        "line": {
            "()": "pole.server.logs.LineFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id", "mask", "repetition"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # A refused page is not an error of ours.
        "django.request": {
            "handlers": ["console"],
            "filters": ["database_away"],
            "level": "ERROR",
            "propagate": False,
        },
        "procrastinate": {"level": "WARNING"},
    },
}

# --- Hooks of the packages: dotted paths, since this package imports no other app -----------------
# Callables (now) -> when, after `now`, something public next changes by itself, or None; with the scopes of content
# versions that it changes, and reads.
NEXT_SCHEDULED_CHANGES = {
    "blog.hooks.scheduled.next_post_at": ("blog",),
    "blog.hooks.scheduled.next_page_at": ("pages",),
    "forums.hooks.scheduled.next_stage_at": ("forums",),
    "forums.hooks.scheduled.next_vote_change_at": ("votes",),
    "forums.hooks.scheduled.next_results_at": ("results",),
}
# By the scope of content versions that tells of their changes: a callable (keys, now) -> iterator of
# pole.search.documents.SearchDocument, the public ones of `keys`, or all for None; and the other scopes that say which are.
SEARCH_SOURCES = {
    "blog": ("blog.hooks.search.post_documents", ()),
    "enterprises": ("enterprises.search.documents.listing_documents", ()),
    "forums": ("forums.hooks.search.forum_documents", ()),
    "recommendations": ("forums.hooks.search.recommendation_documents", ("forums",)),
    "results": ("forums.hooks.search.priority_documents", ("forums",)),
}
# Callables (pole.search.Search) -> pole.search.SearchResults of one kind.
SEARCHES = [
    "blog.hooks.search.search_posts",
    "enterprises.hooks.search.search_listings",
    "forums.hooks.search.search_forums",
    "forums.hooks.search.search_priorities",
    "forums.hooks.search.search_recommendations",
]
# Callables () -> the pole.hooks.sitemap.Sections of a package.
SITEMAPS = [
    "blog.hooks.sitemap.sections",
    "enterprises.hooks.sitemap.sections",
    "forums.hooks.sitemap.sections",
]
# Callables (path, parameters, now) -> the address where what was once at `path` is now, or None.
OLD_ADDRESSES = ["blog.hooks.old_addresses.current_address"]
# Callables () once nothing was found at an address, to write what `OLD_ADDRESSES` counted.
AFTER_NOT_FOUND = ["blog.hooks.old_addresses.write_missed"]
# By which the home page of a former site named what it showed: /?p=12.
OLD_ADDRESS_PARAMETERS = (
    *(
        "attachment_id",
        "author",
        "author_name",
        "cat",
        "category_name",
        "feed",
        "m",
        "p",
        "page_id",
        "paged",
        "s",
        "tag",
    ),
)
# Callable (slug) -> whether a page has this slug: a menu may link to no other.
PAGE_EXISTS = "blog.hooks.menu.page_exists"
# Callable (user) -> list of pole.hooks.speaking.SpokenFor: the listings in whose name a person may propose an activity.
SPOKEN_FOR = "enterprises.hooks.activities.listings_of"
# Callable () -> the slugs of the pages that visitors may read: menus and pages link to no other.
PUBLIC_PAGE_SLUGS = "blog.hooks.menu.public_page_slugs"
# Callable (key of a listing) -> pole.hooks.activities.Owner or None: whose an activity is that an enterprise proposed.
ACTIVITY_OWNER = "enterprises.hooks.activities.owner"
# Callables () -> pole.hooks.first_steps.FirstStep: by its key in pole.hub.first_steps, a step that another package knows.
FIRST_STEPS = {
    "team": "accounts.hooks.first_steps.team",
    "pages": "blog.hooks.first_steps.pages",
    "post": "blog.hooks.first_steps.first_post",
}
# (role, callable () -> pole.hooks.staff_home.StaffCard): what awaits the members who have the role, for the staff home.
STAFF_HOME_CARDS = [
    ("editorial", "comments.hooks.staff_home.card"),
    ("editorial", "blog.hooks.staff_home.card"),
    ("forums", "forums.hooks.staff_home.forums_card"),
    ("forums", "forums.hooks.staff_home.recommendations_card"),
    ("directory", "enterprises.hooks.staff_home.card"),
    ("direction", "pole.hooks.state_card.card"),
]
# Callables (now) -> iterable of pole.hooks.staff_home.TimelineEvent: what is scheduled, with the role of who may open
# it; what has just happened.
STAFF_PLANNED_EVENTS = [("editorial", "blog.hooks.staff_home.planned_events")]
STAFF_RECENT_EVENTS = ["comments.hooks.staff_home.recent_events", "blog.hooks.staff_home.recent_events"]
# (role, callable (limit) -> pole.hooks.moderation.ModerationQueue): what waits for a decision of who has the role.
MODERATION_QUEUES = [
    ("editorial", "comments.hooks.moderation.queue"),
    ("forums", "forums.hooks.moderation.queue"),
    ("forums", "forums.hooks.moderation.activities"),
    ("directory", "enterprises.hooks.moderation.queue"),
]
# accounts.journal.DecisionKind of each kind of thing that the team decides about, for its journal.
JOURNAL = {
    "account": "accounts.hooks.journal.JOURNAL",
    "invitation": "accounts.hooks.journal.INVITATIONS",
    "mail_address": "accounts.hooks.journal.MAIL_ADDRESSES",
    "comment": "comments.hooks.journal.JOURNAL",
    "text": "desk.hooks.journal.TEXTS",
    "picture": "desk.hooks.journal.PICTURES",
    "document": "desk.hooks.journal.DOCUMENTS",
    "author": "blog.hooks.journal.AUTHORS",
    "wordpress": "blog.hooks.journal.WORDPRESS",
    "redirect": "blog.hooks.journal.REDIRECTS",
    "forum": "forums.hooks.journal.FORUMS",
    "recommendation": "forums.hooks.journal.RECOMMENDATIONS",
    "season": "forums.hooks.journal.SEASONS",
    "round": "forums.hooks.journal.ROUNDS",
    "registration": "forums.hooks.journal.REGISTRATIONS",
    "day_team": "forums.hooks.journal.DAY_TEAM",
    "priority": "forums.hooks.journal.PRIORITIES",
    "dossier": "forums.hooks.journal.DOSSIERS",
    "answer": "forums.hooks.journal.ANSWERS",
    "listing": "enterprises.hooks.journal.JOURNAL",
    "import": "enterprises.hooks.journal.IMPORTS",
    "remembered": "enterprises.hooks.journal.IMPORT_ANSWERS",
    "mention": "enterprises.hooks.journal.MENTIONS",
    "bulk_change": "enterprises.hooks.journal.BULK_CHANGES",
    "hub": "accounts.hooks.journal.HUB",
    "menu": "accounts.hooks.journal.MENUS",
    "team_member": "accounts.hooks.journal.TEAM_MEMBERS",
    "partner": "accounts.hooks.journal.PARTNERS",
    "territory": "accounts.hooks.journal.TERRITORY",
    "synonyms": "accounts.hooks.journal.SYNONYMS",
    "former_name": "accounts.hooks.journal.FORMER_NAMES",
    "incident": "accounts.hooks.journal.INCIDENTS",
}
# accounts.mailing.team_alerts.AlertKind of each thing that the team is told at once; and what tells it, for this package.
TEAM_ALERTS = {
    "comment_flagged": "comments.hooks.team_alerts.FLAGGED",
    "vote_not_ended": "forums.hooks.team_alerts.NOT_ENDED",
    "vote_codes": "forums.hooks.team_alerts.CODES",
    "vote_trouble": "forums.hooks.team_alerts.TROUBLE",
    "mail_failed": "accounts.hooks.team_alerts.MAIL_FAILED",
    "mail_reputation": "accounts.hooks.team_alerts.MAIL_REPUTATION",
    "mail_configuration": "accounts.hooks.team_alerts.MAIL_CONFIGURATION",
    "storage_failed": "accounts.hooks.team_alerts.STORAGE_FAILED",
    "backup_failed": "accounts.hooks.team_alerts.BACKUP_FAILED",
    "backup_old": "accounts.hooks.team_alerts.BACKUP_OLD",
    "job_failed": "accounts.hooks.team_alerts.JOB_FAILED",
    "service_failed": "accounts.hooks.team_alerts.SERVICE_FAILED",
}
TEAM_ALERT = "accounts.mailing.team_alerts.team_alert"
# (kind of alert, callable () that raises pole.hooks.diagnostics.DiagnosticError): looked at every ten minutes.
TEAM_WATCHES = [
    ("vote_trouble", "forums.hooks.diagnostics.check_votes"),
    ("storage_failed", "pole.files.disks.check_media"),
    ("backup_old", "pole.files.disks.check_backup"),
    ("job_failed", "accounts.mailing.team_alerts.check_jobs"),
]
# Callable with the keywords of `accounts.journal.note`, for this package.
JOURNAL_NOTE = "accounts.journal.note"
# Callable (kind, keys) -> {key: (who, when)} of the last decision about each, likewise.
JOURNAL_LAST = "accounts.journal.last_decisions"
# pole.hooks.diagnostics.Check of each package: what the state of the portal is made of, beside `pole.hub.state`.
DIAGNOSTICS = [
    "accounts.hooks.diagnostics.check_direction",
    "accounts.hooks.diagnostics.check_incidents",
    "pole.hooks.addresses.check_addresses",
    "forums.hooks.diagnostics.check_votes",
    "forums.hooks.diagnostics.check_vote_keys",
    "forums.hooks.diagnostics.check_statement_logging",
]
# Lists of pole.hooks.retention.Rule: what each package keeps, for how long, and what erases it.
RETENTION = [
    "accounts.hooks.retention.RULES",
    "forums.hooks.retention.RULES",
    "comments.hooks.retention.RULES",
    "desk.hooks.retention.RULES",
    "enterprises.hooks.retention.RULES",
    "blog.hooks.retention.RULES",
    "pole.hub.state.retention.RULES",
]
# Tables whose rows no backup holds: with them, whoever has a backup could tell who voted what, or enter as someone.
BACKUP_EXCLUDED_TABLES = ["forums_roundsecret", "django_session"]
# Callables (scale, rng) run by `manage.py seed_demo`: DEMONSTRATIONS in this order, in one transaction; then
# LARGE_DEMONSTRATIONS outside of any, since they act as many people do, each in a transaction of their own.
LARGE_DEMONSTRATIONS = ["forums.demo.votes.seed"]
DEMONSTRATIONS = [
    "pole.demo.seed",
    "accounts.demo.seed",
    "blog.demo.seed",
    "enterprises.demo.seed",
    "forums.demo.seed",
    "comments.demo.seed",
]
# Callables (user) -> {section: rows} of what a package stores about a person, for the file that they download.
PERSONAL_DATA = [
    "blog.hooks.personal_data.data_of",
    "comments.hooks.personal_data.data_of",
    "desk.hooks.personal_data.data_of",
    "enterprises.hooks.personal_data.data_of",
    "forums.hooks.personal_data.data_of",
]
# Callables (user) that anonymise what outlives the account, before it is erased; in alphabetical order, as locks are.
ERASURES = [
    "blog.hooks.personal_data.erase",
    "comments.hooks.personal_data.erase",
    "desk.hooks.personal_data.erase",
    "forums.hooks.personal_data.erase",
]
# accounts.privacy.replaying.Replay of each kind of what a restore brings back, in order.
ERASURE_REPLAYS = [
    "accounts.hooks.replays.ACCOUNTS",
    "accounts.hooks.replays.ASKED",
    "accounts.hooks.replays.TAKEN_BACK",
    "accounts.hooks.replays.ADDRESSES",
    "accounts.hooks.replays.CONSENTS",
    "accounts.hooks.replays.TEAM_MAILS",
    "comments.hooks.replays.COMMENTS",
    "comments.hooks.replays.FOLLOWS",
    "desk.hooks.replays.READINGS",
    "forums.hooks.replays.OF_ERASED",
    "forums.hooks.replays.CANCELLED",
]
# For this package: callable (now) that brings what was erased beside the backups; callable (since) that raises when
# what was erased since a backup isn't known; callable (since=) -> {kind: how many} that erases it again.
ERASURES_CATCH_UP = "accounts.privacy.kept_file.catch_up"
ERASURES_KNOWN_SINCE = "accounts.privacy.replaying.check_before"
ERASURES_REPLAY = "accounts.privacy.replaying.replay"
# Callables (user) called once a person has shown that an e-mail address is theirs.
EMAIL_CONFIRMED_HANDLERS = ["forums.hooks.email_confirmed.email_confirmed"]
