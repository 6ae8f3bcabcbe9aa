"""Citations of a case and of a whole result list, as files for reference managers."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases import facets
from cases.api.manners import base_of, refused
from cases.filters import CaseQuery
from cases.outputs import citations

from .cases import gone, public_case

RIS = "application/x-research-info-systems; charset=utf-8"
BIBTEX = "application/x-bibtex; charset=utf-8"
CSL = "application/vnd.citationstyles.csl+json; charset=utf-8"

Writer = Callable[[Iterable[citations.Item], date], str]


def _csl(items: Iterable[citations.Item], accessed: date) -> str:
    return json.dumps([citations.csl(item, accessed) for item in items], ensure_ascii=False)


WRITERS: dict[str, tuple[Writer, str]] = {
    "ris": (citations.ris, RIS),
    "bib": (citations.bibtex, BIBTEX),
    "csl.json": (_csl, CSL),
}


@require_safe
def of_case(request: HttpRequest, pk: int, suffix: str) -> HttpResponse:
    initiative = public_case(pk)
    if not initiative.is_published or initiative.current_revision is None:
        return gone(request, initiative)
    write, content_type = WRITERS[suffix]
    item = citations.of_case(initiative.current_revision.record, base_of(request))
    return HttpResponse(
        write([item], timezone.localdate()),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{item.key}.{suffix}"'},
    )


@require_safe
def of_list(request: HttpRequest, suffix: str) -> HttpResponseBase:
    """Cite every case that the query finds, a few hundred in memory at a time."""
    query = CaseQuery(request.GET, facets.current())
    write, content_type = WRITERS[suffix]
    base, today = base_of(request), timezone.localdate()

    def pieces() -> Iterator[str]:
        for number, record in enumerate(query.every_row()):
            separator = "\r\n" if suffix == "ris" and number else ""
            yield separator + write([citations.of_case(record, base)], today)

    return refused(query) or StreamingHttpResponse(
        pieces() if request.method == "GET" else (),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="cases.{suffix}"'},
    )
