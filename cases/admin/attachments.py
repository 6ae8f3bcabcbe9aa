"""Files that an editor adds to a case: known by their content, cleaned, named by lot."""

import io
import re
import secrets
import warnings
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from cases.models import Attachment

from .inlines import Rows
from .rows import RowForm, RowFormSet

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2000
# What a browser shows, and what each is stored as.
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
# What every reader of PDF looks for first: the version, and where the table of objects begins.
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d[\s%]")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF")


def accepted(file: UploadedFile) -> "tuple[ContentFile[bytes], Attachment.Kind]":
    """Return the file as it is stored, and what it is; raises ValidationError in Chinese."""
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(_("文件超过 10 MB。"), code="too_large")
    data = file.read()
    if data.startswith(b"%PDF-"):
        if not (_PDF_HEAD.match(data) and _PDF_END.search(data, max(0, len(data) - 2048))):
            raise ValidationError(_("不是完整的 PDF 文件，请重新导出。"), code="unknown")
        return ContentFile(data, name=_name("pdf")), Attachment.Kind.PDF
    try:
        with warnings.catch_warnings():
            # The size is judged below, before anything is unpacked.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(data), formats=list(SUFFIXES))
        if picture.width * picture.height > MOST_PIXELS:
            raise ValidationError(_("图片超过 4000 万像素。"), code="too_many_pixels")
        content, kind = _clean(picture), str(picture.format)
    except ValidationError:
        raise
    except Image.DecompressionBombError as error:
        raise ValidationError(_("图片超过 4000 万像素。"), code="too_many_pixels") from error
    except Exception as error:  # whatever a damaged picture makes Pillow say
        raise ValidationError(
            _("不是能用的文件：只收 JPEG、PNG、WebP 图片和 PDF。"), code="unknown"
        ) from error
    return ContentFile(content, name=_name(SUFFIXES[kind])), Attachment.Kind.IMAGE


def _name(suffix: str) -> str:
    return f"{secrets.token_hex(16)}.{suffix}"


def _clean(picture: Image.Image) -> bytes:
    """Return the picture drawn anew: upright, not larger than shown, and nothing but its dots."""
    upright: Image.Image = ImageOps.exif_transpose(picture)
    see_through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    keeps = see_through and picture.format != "JPEG"
    dots = upright.convert("RGBA" if keeps else "RGB")
    dots.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new(dots.mode, dots.size)
    fresh.paste(dots)
    file = io.BytesIO()
    fresh.save(file, format=picture.format, quality=85)
    return file.getvalue()


class AttachmentForm(RowForm):
    class Meta:
        widgets = {"file": AdminFileWidget(attrs={"accept": ".jpg,.jpeg,.png,.webp,.pdf"})}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not isinstance(file, UploadedFile):
            return file
        content, self.instance.kind = accepted(file)
        return content

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        is_image = self.instance.kind == Attachment.Kind.IMAGE
        if is_image and data.get("file") and not data.get("alt"):
            self.add_error("alt", _("图片须写替代文字。"))
        return data


class AttachmentFormSet(RowFormSet):
    numbered = "order"

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        prefix = kwargs.get("prefix") or self.get_default_prefix()
        if data is not None and f"{prefix}-TOTAL_FORMS" not in data:
            # A form that says nothing of files, as a program may post it, changes none.
            data = data.copy()
            data[f"{prefix}-TOTAL_FORMS"] = data[f"{prefix}-INITIAL_FORMS"] = "0"
        super().__init__(data, *args, **kwargs)

    def save(self, commit: bool = True) -> Any:
        """Tell the rows apart; one with another file is a new row, and its old one goes."""
        found = super().save(commit=commit)
        for row, fields in self.changed_objects:
            if "file" in fields:
                self.deleted_objects.append(Attachment.objects.get(pk=row.pk))
                row.pk = None
        return found


class AttachmentInline(Rows):
    model = Attachment
    form = AttachmentForm
    formset = AttachmentFormSet
    fields = ["file", "alt", "caption", "order"]
    extra = 0

    # Whoever may change the case may change its files: they need no rights of their own.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("cases.view_initiative")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("cases.change_initiative")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("cases.change_initiative")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("cases.change_initiative")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(removed=False)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "file":
            kwargs["widget"] = AdminFileWidget(attrs={"accept": ".jpg,.jpeg,.png,.webp,.pdf"})
            return db_field.formfield(**kwargs, form_class=forms.FileField)
        return super().formfield_for_dbfield(db_field, request, **kwargs)
