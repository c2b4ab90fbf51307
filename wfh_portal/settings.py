"""The one settings file. Everything that differs between places is read from the environment."""

from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"

env = environ.Env()

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)  # fictional firms, accounts listed on the sign-in page
DEMO_PASSWORD = "demo-wfh-2026" if DEMO else ""
SECURE = env.bool("SECURE", not (DEBUG or DEMO))  # behind TLS
SECRET_KEY = env.str("SECRET_KEY", "demo-only-" + "x" * 50 if DEBUG or DEMO else environ.Env.NOTSET)
# keys from before: what they signed or encrypted (second factors) is still read
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "formtools",
    "accounts",
    "applications",
    "reviews",
]

MIDDLEWARE = [
    "accounts.middleware.tell_origin",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.RequireSignInMiddleware",
]

ROOT_URLCONF = "wfh_portal.urls"
WSGI_APPLICATION = "wfh_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["wfh_portal.loaders.Filesystem", "wfh_portal.loaders.AppDirectories"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.portal",
                "applications.context.law",
            ],
            "builtins": ["accounts.templatetags.forms"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# --- database ---------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-20000;"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- people -----------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backend.PortalBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "applications.adapter.RecordingAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are opened by an administrator
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# counts of attempts: one for all processes, and a restart forgets none
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_counter",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "verify": "20/m/ip"}
MFA_ADAPTER = "accounts.second_factor.Adapter"
MFA_FORMS = {
    "activate_totp": "accounts.second_factor.ActivateForm",
    "authenticate": "accounts.second_factor.SignInForm",
    "reauthenticate": "accounts.second_factor.ConfirmForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are entered by an administrator
MFA_TOTP_TOLERANCE = 1  # a code counts thirty seconds longer and sooner: telephones are not set by the second
# whose roles ("staff": who enters /admin/) cannot be used without a second factor; anybody else may have one
SECOND_FACTOR_ROLES = frozenset(role.strip() for role in env.list("SECOND_FACTOR_ROLES", default=[]))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = env.int("SESSION_SECONDS", 60 * 60)
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE

# --- language and time ------------------------------------------------------

LANGUAGE_CODE = "zh-hant"
LANGUAGES = [("zh-hant", _("中文")), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Taipei"
USE_TZ = True

# --- the law: one TOML file a version, see docs/guideline-format.md ----------

GUIDELINE_FOLDER = env.path("GUIDELINE_FOLDER", default=str(BASE_DIR / "guideline" / "versions"))

# --- files ------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("STATIC_ROOT", default=str(VAR / "static"))
S3_BUCKET = env.str("S3_BUCKET", "")  # S3-compatible storage (requirements-s3.txt); empty: files lie in MEDIA_ROOT
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(VAR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    if not S3_BUCKET
    else {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT_URL", "") or None,
            "region_name": env.str("S3_REGION", "") or None,
            "access_key": env.str("S3_ACCESS_KEY_ID", "") or None,
            "secret_key": env.str("S3_SECRET_ACCESS_KEY", "") or None,
            "addressing_style": env.str("S3_ADDRESSING_STYLE", "path"),
            "default_acl": None,  # the bucket's own: private
            "file_overwrite": False,
            "max_memory_size": 2 * 1024 * 1024,  # of a file that is read; the rest is in a temporary one
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
TRAIL_FOLDER = env.path("TRAIL_FOLDER", default=str(VAR / "trail"))  # the signing key and the signed heads
FILE_UPLOAD_PERMISSIONS = 0o600
CLAMD_URL = env.str("CLAMD_URL", "")  # unix:///run/clamav/clamd.ctl or tcp://host:3310; empty: files pass unscanned
CLAMD_TIMEOUT = env.float("CLAMD_TIMEOUT", 30.0)  # seconds
# Who sends a checked file: "" this program, "x-accel-redirect" nginx, "x-sendfile" Apache or lighttpd
SENDFILE = env.str("SENDFILE", "")
SENDFILE_PREFIX = env.str("SENDFILE_PREFIX", "/protected/")  # nginx's internal location over MEDIA_ROOT
UPLOAD_LIMIT = env.int("UPLOAD_LIMIT", 20 * 1024 * 1024)  # bytes, each file
JOB_FILES_KEPT = timedelta(days=env.int("JOB_FILE_DAYS", 7))  # what a long job made to be fetched
JOB_PATIENCE = timedelta(seconds=env.int("JOB_PATIENCE_SECONDS", 300))  # without a sign of life; then another run
JOB_FOLDER = env.path("JOB_FOLDER", default=str(Path(str(MEDIA_ROOT)) / "work"))  # where they are put together
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# --- security ---------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "accounts.failures.csrf_failure"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# so many of the last addresses in X-Forwarded-For were written by proxies of ours; 0: the header is not believed
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", int(BEHIND_PROXY))

# --- mail, Celery -----------------------------------------------------------

vars().update(env.email("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "wfh-portal@twse.example")
PORTAL_URL = env.str("PORTAL_URL", "http://127.0.0.1:8000")  # for links in mail, and the QR on documents

NOTICE_IMAP_URL = env.str("NOTICE_IMAP_URL", "")  # the mailbox for emergency notices; empty: none is read

REDIS_URL = env.str("REDIS_URL", f"redis+socket://{VAR / 'redis.sock'}")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "max_retries": 0,  # while Redis is away a page says so at once: beat orders again what was not on order
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "send-outbox": {"task": "applications.tasks.send_outbox", "schedule": 20.0},
    "sweep": {"task": "applications.tasks.sweep_deadlines", "schedule": crontab(minute=5)},
    "sweep-before-work": {"task": "applications.tasks.sweep_deadlines", "schedule": crontab(hour=7, minute=30)},
    # of everything up to 08:00: later runs are for mails that the server did not take then
    "digests": {"task": "applications.tasks.send_digests", "schedule": crontab(minute="*/10")},
    "destroy-released": {"task": "reviews.tasks.destroy_released", "schedule": crontab(minute=40)},
    "jobs": {"task": "applications.tasks.tend_jobs", "schedule": 30.0, "options": {"expires": 30}},
    "sign-heads": {"task": "applications.tasks.sign_heads", "schedule": crontab(minute=20)},
    "verify-trail": {"task": "applications.tasks.verify_trail", "schedule": crontab(hour=3, minute=40)},
    "forget-sessions": {"task": "applications.tasks.forget_sessions", "schedule": crontab(hour=4, minute=10)},
    "heartbeat": {"task": "applications.tasks.heartbeat", "schedule": 60.0, "options": {"expires": 120}},
}
if CLAMD_URL:
    CELERY_BEAT_SCHEDULE["scan-files"] = {
        "task": "applications.tasks.scan_files",
        "schedule": 10.0,
        "options": {"expires": 10},
    }
if NOTICE_IMAP_URL:
    CELERY_BEAT_SCHEDULE["notice-mailbox"] = {
        "task": "reviews.tasks.poll_mailbox",
        "schedule": 60.0,
        "options": {"expires": 55},
    }

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
    },
}
