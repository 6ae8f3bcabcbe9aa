"""The data table of any query, as a file."""

from contextlib import ExitStack
from io import SEEK_END, BytesIO
from tempfile import TemporaryFile
from typing import IO

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases import facets
from cases.api.manners import as_file, base_of, in_words, reading, refused, unless_known
from cases.filters import CaseQuery
from cases.openapi import XLSX
from cases.outputs import exports

from .context import site

# A workbook of up to so many bytes keeps no file open while it is sent.
IN_MEMORY = 2 * 1024 * 1024


def _about(query: CaseQuery) -> tuple[object, ...]:
    """Return what a table depends on: it has all rows, whatever the page."""
    return (query.snapshot.generation, query.url())


@reading
def case_csv(request: HttpRequest) -> HttpResponseBase:
    query = CaseQuery(request.GET, facets.current())

    def make() -> HttpResponseBase:
        pieces = exports.csv_pieces(query.every_row(), base_of(request))
        response = StreamingHttpResponse(
            # Nobody reads the body of a HEAD, so none is made.
            pieces if request.method == "GET" else (),
            content_type="text/csv; charset=utf-8",
        )
        return as_file(response, "cases.csv")

    return refused(query) or unless_known(request, _about(query), make)


@reading
def case_xlsx(request: HttpRequest) -> HttpResponseBase:
    query = CaseQuery(request.GET, facets.current())

    def make() -> HttpResponseBase:
        if request.method == "HEAD":
            return as_file(HttpResponse(content_type=XLSX), "cases.xlsx")
        return as_file(FileResponse(_workbook(request, query), content_type=XLSX), "cases.xlsx")

    return refused(query) or unless_known(request, _about(query), make)


def _workbook(request: HttpRequest, query: CaseQuery) -> IO[bytes]:
    """Return the table as an open file, which the answer closes."""
    base = base_of(request)
    today = timezone.localdate().isoformat()
    notes = (
        site(request)["site_name"],
        _("条件：%(words)s") % {"words": in_words(query)},
        _("共 %(total)d 条，%(today)s 导出") % {"total": query.total, "today": today},
        f"{base}{reverse('cases:list')}{query.url()}".removesuffix("?"),
    )
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile())
        exports.write_xlsx(query.every_row(), base, file, notes=notes)
        size = file.seek(0, SEEK_END)
        file.seek(0)
        if size <= IN_MEMORY:
            return BytesIO(file.read())
        stack.pop_all()
        return file
