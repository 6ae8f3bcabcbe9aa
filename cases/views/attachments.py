"""The files of cases: those of public cases to everybody, others to those who edit."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from cases.models import Attachment
from cases.models.attachments import FILE_NAME

from .cases import has_public_versions

TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
}


@require_safe
def attachment(request: HttpRequest, name: str) -> FileResponse:
    if not FILE_NAME.match(name):
        raise Http404
    rows = list(Attachment.objects.filter(file=name).select_related("initiative"))
    is_public = any(has_public_versions(row.initiative) for row in rows)
    if not is_public and not (request.user.has_perm("cases.change_initiative") and rows):
        raise Http404
    try:
        file = default_storage.open(name)
    except FileNotFoundError as error:
        raise Http404 from error
    suffix = name.rpartition(".")[2]
    # A document is saved, never run in the site's name.
    response = FileResponse(
        file, as_attachment=suffix == "pdf", filename=name, content_type=TYPES[suffix]
    )
    response["X-Content-Type-Options"] = "nosniff"
    if is_public:
        # The file never changes, but its case may be withdrawn.
        patch_cache_control(response, public=True, max_age=300)
    else:
        patch_cache_control(response, private=True, no_store=True)
    return response
