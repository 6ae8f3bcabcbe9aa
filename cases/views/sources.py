"""The page of a source: what it is, how to cite it, and what rests on it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Initiative, PolicyDocument, Source
from cases.outputs import citations, metadata
from cases.records import load, source_record

from .caching import until_published
from .citing import citing

# Cases named on the page; a handbook may be the source of hundreds.
SHOWN = 50


@require_safe
@until_published
def source(request: HttpRequest, key: str) -> HttpResponse:
    row = get_object_or_404(Source.objects.public(), key=key)
    record = source_record(row)
    resting = Initiative.objects.published().filter(evidence__source=row).distinct()
    ids = list(resting.order_by("-start", "-pk").values_list("pk", flat=True)[:SHOWN])
    documents = PolicyDocument.objects.filter(statements__source=row)
    documents |= PolicyDocument.objects.filter(relations__source=row)
    context = {
        "source": record,
        "total": resting.count() if len(ids) == SHOWN else len(ids),
        "rows": load(ids),
        "documents": documents.distinct(),
        **citing(citations.of_source(record), "source", key=key),
        "linked_data": [
            metadata.of_source(record, settings.SITE_URL),
            metadata.trail([(_("来源"), row.get_absolute_url())], settings.SITE_URL),
        ],
    }
    return render(request, "sources/source.html", context)
