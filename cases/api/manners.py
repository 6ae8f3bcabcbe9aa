"""What every answer to a program has in common, from the API or from beside a page."""

import hashlib
import ipaddress
import time
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache as counters
from django.core.exceptions import TooManyFieldsSent
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    JsonResponse,
)
from django.utils import timezone
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cases.filters import CaseQuery

View = Callable[..., HttpResponseBase]
Response = TypeVar("Response", bound=HttpResponseBase)

READING = ("GET", "HEAD", "OPTIONS")
MOST_IN_WORDS = 12


def reading(view: View) -> View:
    """Let programs of any origin read: GET, HEAD and OPTIONS, with errors as JSON.

    Nothing here writes or looks at a cookie, so other sites' scripts may read it, and a
    request by another method is told so instead of being asked for a token.
    """

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if request.method == "OPTIONS":
            response = HttpResponse(status=204)
            response["Access-Control-Allow-Methods"] = ", ".join(READING)
            response["Access-Control-Allow-Headers"] = "If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
            response["Allow"] = ", ".join(READING)
        elif request.method not in READING:
            response = problem(405, _("这里只能读取。"))
            response["Allow"] = ", ".join(READING)
        else:
            try:
                response = view(request, *args, **kwargs)
            except Http404:
                response = problem(404, _("没有这个地址。"))
            except TooManyFieldsSent:
                response = problem(400, _("参数太多。"))
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After"
        return response

    return wrapped


def limited(view: View) -> View:
    """Refuse a client that has had its answers for this minute.

    Counted in the cache: several workers count together only where they share one.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        most = settings.API_REQUESTS_PER_MINUTE
        if most:
            minute, second = divmod(int(time.time()), 60)
            key = f"api:{minute}:{_client(request)}"
            counters.add(key, 0, timeout=120)
            try:
                count = counters.incr(key)
            except ValueError:  # A full cache has dropped it already.
                count = 1
            if count > most:
                wait = 60 - second
                response = problem(429, _("请求太多，请过 %(wait)d 秒再来。") % {"wait": wait})
                response["Retry-After"] = str(wait)
                return response
        return view(request, *args, **kwargs)

    return wrapped


def _client(request: HttpRequest) -> str:
    """Return whom to count: an address, or the network that one IPv6 subscriber has."""
    address: str = settings.AXES_CLIENT_IP_CALLABLE(request)
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return hashlib.sha256(address.encode()).hexdigest()  # Safe as a key, whatever it says.
    # IPv4 addresses may be written as IPv6, where all of them lie in one network.
    known = getattr(known, "ipv4_mapped", None) or known
    if known.version == 6:
        return str(ipaddress.ip_network((known, 64), strict=False).network_address)
    return str(known)


def answer(data: Any, status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})


def problem(status: int, error: str, **more: Any) -> JsonResponse:
    """Return an error: `error` in Chinese, and `errors` where parameters are to blame."""
    return answer({"error": error, **more}, status)


def refused(query: CaseQuery, errors: dict[str, list[str]] | None = None) -> JsonResponse | None:
    """Return the answer to a query with bad values; None if there are none."""
    errors = query.errors | (errors or {})
    return problem(400, _("参数有误"), errors=errors) if errors else None


def no_such_page() -> JsonResponse:
    return problem(404, _("没有这一页"), errors={"page": [_("没有这么多页。")]})


@cache
def program() -> str:
    """Return a digest of the program: an update may show or word the same case differently."""
    digest = hashlib.sha256()
    for folder in ("cases", "governance", "templates", "static"):
        for file in sorted((settings.BASE_DIR / folder).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.read_bytes())
    return digest.hexdigest()


def unless_known(
    request: HttpRequest, about: tuple[object, ...], make: Callable[[], HttpResponseBase]
) -> HttpResponseBase:
    """Answer 304 to a client that has this answer already; else make it and mark it.

    `about` is all that the answer depends on besides its address. The client has to ask each
    time, which costs a query or two and no rendering.
    """
    parts = (request.build_absolute_uri(request.path), program(), *about)
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]
    known = parse_etags(request.headers.get("If-None-Match", ""))
    response: HttpResponseBase
    if "*" in known or f'"{digest}"' in (tag.removeprefix("W/") for tag in known):
        response = HttpResponseNotModified()
    else:
        response = make()
    response["ETag"] = f'W/"{digest}"'
    response["Cache-Control"] = "no-cache"
    return response


def as_file(response: Response, name: str) -> Response:
    """Let the browser store the answer under this name, with the day in it."""
    stem, _dot, suffix = name.rpartition(".")
    file = f"{stem}-{timezone.localdate():%Y%m%d}.{suffix}"
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    response.setdefault("Cache-Control", "no-cache")
    return response


def in_words(query: CaseQuery) -> str:
    """Return the query as a phrase short enough for a title; each chip costs a query of its own."""
    chosen = sum(map(len, query.values.values()))
    if chosen > MOST_IN_WORDS:
        return _("%(chosen)d 个条件") % {"chosen": chosen}
    return query.words


def base_of(request: HttpRequest) -> str:
    """Return what stands before every address in an answer."""
    return request.build_absolute_uri("/").removesuffix("/")
