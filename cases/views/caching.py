"""Pages that change only when something public does: made once, then remembered."""

import gzip
import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_vary_headers

from cases import facets
from cases.api.manners import program

from .context import ELDER_COOKIE

# Long enough to serve a busy hour; an old generation's pages are never asked for again.
SECONDS = 3600
# Higher ones take twice as long for a page that is hardly smaller.
LEVEL = 4
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))")

View = Callable[..., HttpResponseBase]


def until_published(view: View) -> View:
    """Answer a public page from memory for as long as the generation number stands.

    Costs one query; a browser that has the page already is told so. Only whole pages with
    status 200 are kept. The view may depend on nothing but its address, the type size and
    what moves the generation number (see apps.py): so it has no secrets, and is compressed.
    """

    @wraps(view)
    def remembered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with facets.held() as snapshot:
            facts = (
                str(snapshot.generation),
                request.COOKIES.get(ELDER_COOKIE, ""),
                settings.SITE_URL,
                program(),
                str(timezone.localdate()),  # The day of access stands in citations.
                request.get_full_path(),
            )
            name = hashlib.sha256("\n".join(facts).encode()).hexdigest()
            known = caches["pages"].get(name)
            if known is None:
                response = view(request, *args, **kwargs)
                if not isinstance(response, HttpResponse) or response.status_code != 200:
                    return response
                # Compressed once, not with every request; and more of them fit into memory.
                known = (gzip.compress(response.content, LEVEL), response["Content-Type"])
                caches["pages"].set(name, known, SECONDS)
        compressed, content_type = known
        if _GZIP.search(request.headers.get("Accept-Encoding", "")):
            response = HttpResponse(compressed, content_type=content_type)
            response["Content-Encoding"] = "gzip"
        else:
            response = HttpResponse(gzip.decompress(compressed), content_type=content_type)
        response["ETag"] = f'W/"{name[:32]}"'
        response["Cache-Control"] = "no-cache"
        # Of a 304 as well.
        patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
        conditional = get_conditional_response(request, etag=response["ETag"], response=response)
        return response if conditional is None else conditional

    return remembered
