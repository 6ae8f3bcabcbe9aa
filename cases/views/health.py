"""For what watches the process."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cases.models import IndexState


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Say that the process answers; asks nothing else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether the database answers and the index exists; 503 where not."""
    try:
        connection.ensure_connection()
        generation = IndexState.objects.values_list("generation", flat=True).first()
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": False}, status=503)
    ready = generation is not None
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "database": True, "index": ready},
        status=200 if ready else 503,
    )
