"""Settings of the project, every one that differs between machines read from the environment.

Without DJANGO_SECRET_KEY this is a laptop: debugging on, SQLite, plain HTTP, no variable needed.
With a key it is a server: debugging off and all protections on, in every process.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from governance import env

BASE_DIR = Path(__file__).resolve().parent.parent

# --- Laptop or server ---

SECRET_KEY = env.text("DJANGO_SECRET_KEY")
DEBUG = env.flag("DJANGO_DEBUG", default=not SECRET_KEY)
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "没有设置 DJANGO_SECRET_KEY，正式运行必须设置一个足够长的随机密钥。 "
            "DJANGO_SECRET_KEY is not set; a server does not start without one."
        )
    SECRET_KEY = "development-only-key-that-protects-nothing"  # noqa: S105 - refused above on servers

ALLOWED_HOSTS = env.words("DJANGO_ALLOWED_HOSTS")  # empty while debugging: Django allows localhost
CSRF_TRUSTED_ORIGINS = env.words("DJANGO_CSRF_TRUSTED_ORIGINS")

# For addresses written where there is no request: feeds, exports, commands.
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# --- What the site is made of ---

INSTALLED_APPS = [
    "cases.apps.CasesConfig",  # first: its templates stand before those of the admin
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_filters",
    "import_export",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last, as axes asks
]

ROOT_URLCONF = "governance.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cases.views.context.site",
            ],
        },
    },
]

# --- Storage ---


def _database(url: str) -> dict[str, Any]:
    if url:
        # Connections live a minute: long enough to save the 20 ms of opening one, short enough
        # to follow a database that moves.
        database = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    else:
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "db.sqlite3"}
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {
            # Taking the write lock at the start makes a second writer wait; taken later, it fails.
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        }
    return database


def _replica(url: str) -> dict[str, Any]:
    database = _database(url)
    if database["ENGINE"] == "django.db.backends.postgresql":
        # A machine that is gone must not hold a reader up for minutes.
        database["OPTIONS"] = {"connect_timeout": 2, **database.get("OPTIONS", {})}
    elif database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {"timeout": 5}  # Nothing may be written, not even its journal mode.
    # A test run makes no databases of its own for copies.
    return database | {"TEST": {"MIRROR": "default"}}


DATABASES = {"default": _database(env.text("DATABASE_URL"))}
_replicas = {
    f"replica{number}": _replica(url)
    for number, url in enumerate(env.words("DATABASE_REPLICA_URLS"), start=1)
}
DATABASES |= _replicas
REPLICAS = list(_replicas)
if REPLICAS:
    DATABASE_ROUTERS = ["governance.replicas.Router"]
    # Before whatever asks the database, behind what serves files without it.
    MIDDLEWARE.insert(2, "governance.replicas.ReplicaMiddleware")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# The redis client is not in the lock: whoever sets REDIS_URL installs it.
REDIS_URL = env.text("REDIS_URL")
_local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
if REDIS_URL:
    _cache: dict[str, Any] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
    CACHES = {"default": _cache, "pages": _cache}
else:
    CACHES = {
        # Room for the counters of as many clients of the API in one minute.
        "default": {**_local, "LOCATION": "default", "OPTIONS": {"MAX_ENTRIES": 10_000}},
        # Whole pages of some thirty kilobytes each.
        "pages": {**_local, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 400}},
    }
# Rows of lists, some three kilobytes each; sooner made than fetched from elsewhere.
CACHES["rows"] = {**_local, "LOCATION": "rows", "OPTIONS": {"MAX_ENTRIES": 3_000}}

# --- The API ---

API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", default=120)  # 0: no limit

STATIC_URL = "static/"
STATIC_ROOT = Path(env.text("DJANGO_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files of cases; served by a view that knows which of them are public.
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env.text("DJANGO_MEDIA_ROOT", str(BASE_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        # The manifest needs a collectstatic first, which laptops and tests do without.
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        ),
    },
}
# Said here because tests switch settings.DEBUG off after the storage has been chosen.
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_USE_FINDERS = DEBUG

# An article is pasted into one field; a case form holds many small ones.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# --- Language and time ---

LANGUAGE_CODE = "zh-hans"
# The few sentences of Django that its own Chinese catalogue lacks.
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Signing in ---

LOGIN_URL = "cases:login"  # The desk has its own.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{validator}"}
    for validator in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

BEHIND_PROXY = env.flag("DJANGO_BEHIND_PROXY", default=False)


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address; behind a proxy, the one that our own proxy wrote.

    Earlier entries of the header are whatever the visitor chose to send.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if BEHIND_PROXY else ""
    address: str = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return address


# A name locked alone would let anyone shut an editor out, an address alone a whole office.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(hours=1)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_CLIENT_IP_CALLABLE = client_address
AXES_VERBOSE = False
# Its pages are in English and for nobody with a role; `manage.py axes_list_attempts` tells more.
AXES_ENABLE_ADMIN = False

# --- Protection of the visitor ---

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

if not DEBUG:
    SECURE_SSL_REDIRECT = env.flag("DJANGO_SSL_REDIRECT", default=True)
    # Machines that only ask whether the process lives speak plain HTTP.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    # Thirty days: a lapsed certificate shuts a returning visitor out for no longer than that.
    SECURE_HSTS_SECONDS = env.number("DJANGO_HSTS_SECONDS", default=30 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    # A browser keeps a secure cookie from a site that it reaches by plain HTTP to itself.
    SESSION_COOKIE_SECURE = SECURE_SSL_REDIRECT
    CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT

# --- Mail: for forgotten passwords only ---

EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "noreply@localhost")
if not EMAIL_HOST:
    # Without a mail server the letter is printed among the log lines.
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- Log lines a person can read, all to standard error ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django's own handlers would print everything twice.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
    },
}
