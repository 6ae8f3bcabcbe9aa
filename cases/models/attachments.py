"""Images and documents that stand beside a case's text."""

import re
from typing import Any

from django.db import models, transaction
from django.db.models.functions import Cast
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .initiatives import Initiative

# Names are drawn by lot: they cannot be guessed, and nothing of the sender's is in them.
FILE_NAME = re.compile(r"[0-9a-f]{32}\.(jpg|png|webp|pdf)\Z")


class Attachment(models.Model):
    """One file of a case.

    A file is named by the rows of a case and of its working copy, and by frozen versions. While
    a version of a case names it, the case keeps a row of it; without any row it goes.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("图片")
        PDF = "pdf", _("PDF 文件")

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="attachments"
    )
    order = models.PositiveSmallIntegerField(_("次序"), default=0)
    file = models.FileField(
        _("文件"),
        max_length=60,
        help_text=_("图片（JPEG、PNG、WebP）或 PDF，至多 10 MB；图片里的拍摄信息会去掉"),
    )
    kind = models.CharField(_("类别"), max_length=5, choices=Kind, editable=False)
    alt = models.CharField(
        _("替代文字"),
        max_length=200,
        blank=True,
        help_text=_("看不见图的人听到的话，图片必填；例如“夜间停在单位院内的居民车辆”"),
    )
    caption = models.CharField(
        _("图注"), max_length=200, blank=True, help_text=_("例如“2015 年 3 月，街道供图”")
    )
    removed = models.BooleanField(
        _("已移去"), default=False, editable=False, help_text=_("只有旧版本还用到它")
    )

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        ordering = ["initiative", "order", "id"]
        indexes = [
            # Asked for by name with every picture that is shown.
            models.Index(fields=["file"], name="attachment_file"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["image", "pdf"]),
                name="attachment_kind_known",
                violation_error_message=_("附件只能是图片或 PDF 文件。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="image") | ~models.Q(alt=""),
                name="attachment_image_has_alt",
                violation_error_message=_("图片须写替代文字。"),
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.alt or str(self.file)

    def get_absolute_url(self) -> str:
        return reverse("cases:attachment", args=[self.file.name])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Go; but where a version of the case shows the file, stay for its page."""
        if not self._is_in_a_version():
            return super().delete(*args, **kwargs)
        self.removed = True
        self.save(update_fields=["removed"])
        return 0, {}

    def _is_in_a_version(self) -> bool:
        # Its name stands nowhere else in a record, and SQLite cannot look into lists.
        records = self.initiative.revisions.annotate(text=Cast("record", models.TextField()))
        return records.filter(text__contains=str(self.file)).exists()


@receiver(models.signals.post_delete, sender=Attachment)
def _delete_file(instance: Attachment, **kwargs: Any) -> None:
    """Delete the file of a row once it is certain that the row is gone and no other names it."""
    storage, name = instance.file.storage, str(instance.file)

    def delete() -> None:
        if not Attachment.objects.filter(file=name).exists():
            storage.delete(name)

    transaction.on_commit(delete)
