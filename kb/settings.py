"""All of Strongroom's configuration. Everything an administrator may set is read here, from the environment.

Without any variable this is the embedded profile: one machine, all state under `var/`. `DATABASE_URL`,
`REDIS_URL` and `QDRANT_URL` each move one part to a server. docs/configuration.md lists the variables.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF

from kb import embedder, workers
from kb.environment import make_folders, quieten_vendors, run_folder, secret, usual_workers
from kb.model_table import model_table
from kb.schedule import beat_schedule
from kb.signin.company import SAML, allauth_providers, companies

quieten_vendors()
env = environ.FileAwareEnv()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.str("STRONGROOM_VAR", default=str(BASE_DIR / "var"))).expanduser().resolve()
RUN = run_folder(VAR)
FILES = VAR / "files"
INCOMING = VAR / "incoming"
PARTS = VAR / "parts"
INBOX = VAR / "inbox"
"""The watched folder: what lies in `inbox/COLLECTION/` is brought into that collection."""
make_folders(VAR, RUN, FILES, INCOMING, PARTS, INBOX)

# --- The site ---------------------------------------------------------------------------------------

SECRET_KEY = secret("secret_key", VAR / "secrets")
DEBUG = env.bool("STRONGROOM_DEBUG", default=False)
ALLOWED_HOSTS = env.list("STRONGROOM_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("STRONGROOM_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("STRONGROOM_HTTPS", default=False)

COMPANIES = companies(env)
"""Providers at which people sign in, by kind: `kb.signin.company` says what each decides."""

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "axes",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    # It loads the libraries for signed XML.
    *(["allauth.socialaccount.providers.saml"] if SAML in COMPANIES else []),
    "allauth.usersessions",
    "kb.apps.KnowledgeBase",
]

MIDDLEWARE = [
    "kb.watching.watched",
    "kb.rates.told",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kb.signin.seen.SeenMiddleware",
    "kb.signin.second_factor.SecondFactorMiddleware",
]

ROOT_URLCONF = "kb.urls"
ASGI_APPLICATION = "kb.asgi.application"
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
            ],
        },
    },
]

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
TIME_ZONE = env.str("STRONGROOM_TIME_ZONE", default="UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
# Served from the source tree: no collecting step can be forgotten.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ADD_HEADERS_FUNCTION = workers.confine

# --- People -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "kb.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "kb.signin.backend.Backend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "ask"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
SESSION_COOKIE_AGE = env.int("STRONGROOM_SESSION_HOURS", default=24 * 14) * 3_600  # seconds

REQUIRE_MFA = env.str("STRONGROOM_REQUIRE_MFA", default="nobody")
"""Who needs a second factor: “nobody”, “administrators” or “everybody”."""
ACCOUNT_ADAPTER = "kb.signin.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]  # What the library wants said; nobody signs up.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False  # kb.signin.arrival looks for accounts with the same address itself.
MFA_ADAPTER = "kb.signin.second_factor.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Strongroom"
MFA_TOTP_TOLERANCE = 1  # Steps of 30 seconds that a clock may be off.
SOCIALACCOUNT_ADAPTER = "kb.signin.arrival.Arrivals"
SOCIALACCOUNT_PROVIDERS = allauth_providers(env, COMPANIES)
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = (
    True  # Of those that kb.signin.arrival lets in by their address.
)

# --- What a browser may do ----------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
# HSTS for every subdomain and in browsers' preload lists (W005, W021) is for the owner of the domain to say,
# and redirecting to https (W008) is for the proxy that ends TLS.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# --- Where state lives --------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", default="")
if DATABASE_URL:
    DATABASES = {"default": env.db_url_config(DATABASE_URL)}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / "strongroom.sqlite3",
            "CONN_MAX_AGE": 60,  # seconds
            "OPTIONS": {
                # Writers queue up at BEGIN instead of failing half-way with “database is locked”.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,  # seconds
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "kb.shared_cache.SharedCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},  # seconds
        }
    }
BROKER_SOCKET = RUN / "broker.sock"
QDRANT_URL = env.str("QDRANT_URL", default="")
QDRANT_API_KEY = env.str("QDRANT_API_KEY", default="")

MAY_OWN_INDEX = env.bool("STRONGROOM_MAY_OWN_INDEX", default=True)
"""Whether this process may open the index itself when no owner runs; those that `up` starts wait for the owner."""

# --- Celery -------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{BROKER_SOCKET}"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("STRONGROOM_WORKERS", default=usual_workers())
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message goes back to the queue this long after its worker died. The restore interval matters as much:
# with Celery's own, redelivery took five times the timeout.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,  # seconds
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "retry_on_timeout": True,
    # Whoever sends waits half a second for a broker that is away, not six: the reconciler sends it later.
    "max_retries": 2,
    "interval_start": 0,  # seconds
    "interval_step": 0.2,
    "interval_max": 0.5,
}
RECONCILE_EVERY = env.int("STRONGROOM_RECONCILE_EVERY", default=60)  # seconds
INBOX_EVERY = env.int("STRONGROOM_INBOX_EVERY", default=60)
"""Seconds between two looks into the watched folder. A file is taken at the second one that finds it unchanged."""
CELERY_BEAT_SCHEDULE = beat_schedule(reconcile_every=RECONCILE_EVERY, inbox_every=INBOX_EVERY)
CELERY_BEAT_SCHEDULE_FILENAME = str(RUN / "beat")

# --- Ingestion ----------------------------------------------------------------------------------------

UPLOAD_LIMIT = env.int("STRONGROOM_UPLOAD_LIMIT_MB", default=100) * 1024 * 1024  # bytes
DATA_UPLOAD_MAX_NUMBER_FILES = 200
FILE_UPLOAD_TEMP_DIR = INCOMING
LEASE = env.int("STRONGROOM_LEASE", default=60)
"""Seconds that a worker may be silent about a version before another one takes it."""
ATTEMPTS = 3
PARSE_SECONDS = env.int("STRONGROOM_PARSE_SECONDS", default=300)
PARSE_MEMORY = env.int("STRONGROOM_PARSE_MEMORY_MB", default=2048) * 1024 * 1024  # bytes
PARSE_BOUNDS: dict[str, int] = {
    "entries": env.int("STRONGROOM_MOST_ENTRIES", default=10_000),
    "unpacked": env.int("STRONGROOM_MOST_UNPACKED_MB", default=1024) * 1024 * 1024,
    "markup": env.int("STRONGROOM_MOST_MARKUP_MB", default=256) * 1024 * 1024,
    "ratio": env.int("STRONGROOM_MOST_RATIO", default=200),
    "depth": env.int("STRONGROOM_MOST_DEPTH", default=256),
    "pages": env.int("STRONGROOM_MOST_PAGES", default=10_000),
    "pixels": env.int("STRONGROOM_MOST_MEGAPIXELS", default=100) * 1_000_000,
    "cells": env.int("STRONGROOM_MOST_CELLS", default=5_000_000),
    "line": env.int("STRONGROOM_LONGEST_LINE_MB", default=10) * 1024 * 1024,
    "header": env.int("STRONGROOM_LONGEST_HEADER_MB", default=1) * 1024 * 1024,
}
"""What one file may hold at most; `ingestion.parse.bounds.Bounds` says of what."""
CLAMD_SOCKET = env.str("CLAMD_SOCKET", default="")
"""The Unix socket of a ClamAV daemon that looks at each file before it is read; without it none does."""

ARCHIVE_ENTRIES = env.int("STRONGROOM_ARCHIVE_ENTRIES", default=10_000)
"""Files that one archive may hold, with those of archives inside it."""
ARCHIVE_SIZE = env.int("STRONGROOM_ARCHIVE_MB", default=2048) * 1024 * 1024
"""Bytes that one archive may unpack to, with archives inside it."""
ARCHIVE_RATIO = env.int("STRONGROOM_ARCHIVE_RATIO", default=100)
"""How many times its packed size a file of more than 10 MB may unpack to."""
ARCHIVE_DEPTH = env.int("STRONGROOM_ARCHIVE_DEPTH", default=2)
"""How deep archives in archives, and mails in mails, are opened; 1 opens none that is inside another."""

INBOX_OWNER = env.str("STRONGROOM_INBOX_OWNER", default="")
"""Who brings it in, by user name; without it, of those who may add to the collection, the most cleared one."""

OCR_LANGUAGES = env.str("STRONGROOM_OCR_LANGUAGES", default="eng")
"""What scans and pictures are read in, by Tesseract's names for the languages joined by “+”: “eng+deu”."""
OCR_PAGES = env.int("STRONGROOM_OCR_PAGES", default=100)
"""Scanned pages of one file that are read; the rest is told of in a warning."""

SUMMARY_REWORD = env.bool("STRONGROOM_SUMMARY_REWORD", default=False)
"""Whether the SLM words extracted summaries anew. The small one that ships helps too seldom for its time
(docs/classification.md); a larger one may not."""

# --- Asking -------------------------------------------------------------------------------------------

QUESTION_LIMIT = 4_000
"""Characters."""

PROMPT_TOKENS = env.int("STRONGROOM_PROMPT_TOKENS", default=24_000)
"""Of one prompt, at most, however large the model's window is: providers charge for each."""

SURVEY_CALLS = env.int("STRONGROOM_SURVEY_CALLS", default=20)
"""Calls of a language model for one question that asks many documents, from which on a person has to agree."""
SURVEY_USD = env.float("STRONGROOM_SURVEY_USD", default=0.25)
"""The same in US dollars, where a price is known."""

UNFOLLOWED = env.float("STRONGROOM_UNFOLLOWED_SECONDS", default=60.0)
"""Seconds after which an answer that nobody follows any more is stopped."""

# --- Models -------------------------------------------------------------------------------------------
# Each is named by a dotted path and has a location, declared here because only the administrator knows
# where a model runs: the boundary is the place, not the library that calls it.

MODELS_FROM_HUB = env.bool("STRONGROOM_MODELS_FROM_HUB", default=False)
"""Whether a model that is named like “organisation/model” may be fetched. Nothing else reaches a hub."""

EMBEDDER_LANGUAGES = frozenset(env.list("STRONGROOM_EMBEDDER_LANGUAGES", default=["en"]))
"""ISO 639-1 codes of what the embedder was trained on, or “*”. In other languages words count for more."""

EMBEDDER = env.str("STRONGROOM_EMBEDDER", default="")
"""What the environment names; it wins over an embedder that was tuned in this data folder."""

MODEL_THREADS = env.int("STRONGROOM_MODEL_THREADS", default=1)
"""Of one call of a model, and of tuning."""

LLM_MODEL = env.str("STRONGROOM_LLM_MODEL", default="")
DEMO_CLOUD = env.int("STRONGROOM_DEMO_CLOUD", default=0)
"""The port on loopback of the stand-in that `up --demo-cloud` runs; it sets this for the others. 0: there is none."""

MODELS = model_table(
    env, embedder=EMBEDDER or embedder.chosen(VAR), hub=MODELS_FROM_HUB, demo_cloud=DEMO_CLOUD
)

# How text of each label may reach a model outside (“never”, “pseudonymised”, “freely”), until an administrator decides
# otherwise in the console. kb.checks refuses what `kb.models.routes.FARTHEST` does not allow.
ROUTES: dict[str, str] = {
    "PUBLIC": "freely",
    "INTERNAL": "pseudonymised",
    "CONFIDENTIAL": "never",
    "RESTRICTED": "never",
}

MCP_LOCATION = env.str("STRONGROOM_MCP_LOCATION", default="cloud")
"""Where the models run that read through MCP: “on-premises” only if those of all clients do."""
MCP_KEY = env.str("STRONGROOM_KEY", default="")
"""The key with which `manage.py mcp` reads. Without it somebody is named on the command line."""

EGRESS_GUARD = env.bool("STRONGROOM_EGRESS_GUARD", default=False)
"""Whether every process refuses to connect to a host that no setting names."""
EGRESS_HOSTS = env.list("STRONGROOM_EGRESS_HOSTS", default=[])
"""Hosts that are named besides those of the database, the broker, the index and the models."""

WEBHOOK_PRIVATE_HOSTS = frozenset(
    host.casefold() for host in env.list("STRONGROOM_WEBHOOK_PRIVATE_HOSTS", default=[])
)
"""Hosts of the house that webhooks may lead to, by http too. All others need https and a public address."""

# --- The ledger ---------------------------------------------------------------------------------------

LEDGER_KEEP_DAYS = env.int("STRONGROOM_LEDGER_KEEP_DAYS", default=0)
"""After which the personal details of a row are erased, every night; 0 keeps them for ever."""

LEDGER_KEEP_PAYLOADS = env.bool("STRONGROOM_LEDGER_KEEP_PAYLOADS", default=False)
"""Whether the exact text of what goes to the cloud is kept, encrypted, for audits."""

# --- API keys -----------------------------------------------------------------------------------------

KEY_DAYS = 90
"""For which a key is made, unless told."""
KEY_LONGEST_DAYS = env.int("STRONGROOM_KEY_LONGEST_DAYS", default=365)
"""For which a key can be made, at most."""

REQUESTS_A_MINUTE = env.int("STRONGROOM_REQUESTS_A_MINUTE", default=1_200)
QUESTIONS_A_MINUTE = env.int("STRONGROOM_QUESTIONS_A_MINUTE", default=60)
"""Of one person over the API, at most, unless an administrator has set another number for him."""

# --- Watching it run ----------------------------------------------------------------------------------

METRICS_TOKEN = env.str("STRONGROOM_METRICS_TOKEN", default="")
"""What monitoring has to send for /metrics; without one only programs of this machine get them."""

LOG_JSON = env.bool("STRONGROOM_LOG_JSON", default=False)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"about": {"()": "kb.logs.About"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "kb.logs.JsonLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["about"],
            "formatter": "json" if LOG_JSON else "line",
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("STRONGROOM_LOG_LEVEL", default="WARNING")},
    "loggers": {
        "strongroom": {"level": "INFO"},
        "axes": {"level": "ERROR"},
        # Its own handler would write other lines than ours, and its access log what people look for.
        "uvicorn": {"level": "WARNING", "propagate": True},
        # Celery's pool, whose logger does not hand its lines on.
        "multiprocessing": {"handlers": ["stderr"]},
    },
}
