"""Reading from copies of the database: which request asks which server.

Everybody without an account reads from a replica. Whoever is signed in, and anybody for some
seconds after a request that may have written, reads from the primary, which also answers where
no replica does. All writes go to the primary.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connections,
)
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase

logger = logging.getLogger(__name__)

SECONDS_LEFT_OUT = 30
# Longer than a replica on the same network is behind.
SECONDS_AFTER_WRITING = 10
COOKIE = "wrote"
READING = ("GET", "HEAD", "OPTIONS")
# A person's own pages, and what watches the process or the primary itself.
ON_PRIMARY = ("/admin/", "/my/", "/login/", "/logout/", "/healthz", "/readyz")
UNREACHABLE = (OperationalError, InterfaceError)

_reading_from: ContextVar[str | None] = ContextVar("reading_from", default=None)
# Replica that did not answer -> when it is tried again, by this worker's clock.
_left_out: dict[str, float] = {}


class Router:
    """One request reads from one database: its bitmaps and its rows are of the same moment."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return _reading_from.get()

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True  # All are copies of one database.

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


class ReplicaMiddleware:
    """Choose where a request reads; costs a living replica one `SELECT 1`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._turn = 0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Reset when the request has finished: a table is read while it is being sent.
        _reading_from.set(self._choose() if _may_be_behind(request) else None)
        response = self.get_response(request)
        if request.method not in READING:
            response.set_cookie(
                COOKIE,
                "1",
                max_age=SECONDS_AFTER_WRITING,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        """Ask the primary where the replica has gone meanwhile, or does not have a table yet."""
        alias, match = _reading_from.get(), request.resolver_match
        if not (alias and match and isinstance(exception, (DatabaseError, InterfaceError))):
            return None
        if isinstance(exception, UNREACHABLE):
            _leave_out(alias, exception)
        _reading_from.set(None)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response

    def _choose(self) -> str | None:
        """Return the next replica in turn that answers; None: the primary."""
        self._turn += 1
        for step in range(len(settings.REPLICAS)):
            alias: str = settings.REPLICAS[(self._turn + step) % len(settings.REPLICAS)]
            if _left_out.get(alias, 0) > monotonic():
                continue
            try:
                connection = connections[alias]
                connection.close_if_health_check_failed()
                connection.ensure_connection()
            except UNREACHABLE as error:
                _leave_out(alias, error)
            else:
                return alias
        return None


def _may_be_behind(request: HttpRequest) -> bool:
    """Tell whether an answer may be some seconds old."""
    return (
        request.method in READING
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and COOKIE not in request.COOKIES
        and not request.path_info.startswith(ON_PRIMARY)
    )


def _leave_out(alias: str, error: Exception) -> None:
    _left_out[alias] = monotonic() + SECONDS_LEFT_OUT
    connections[alias].close()
    logger.warning("%s is left out for %d s: %s", alias, SECONDS_LEFT_OUT, str(error).strip())


@receiver(request_finished)
def _finish(**kwargs: Any) -> None:
    _reading_from.set(None)
