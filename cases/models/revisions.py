"""Published states, and what is stored for answering queries about them."""

import hashlib
import json
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .initiatives import Initiative


def canonical(value: Any) -> str:
    """Return JSON that is the same for equal values: sorted keys, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def checksum(record: dict[str, Any]) -> str:
    """SHA-256 of the record in canonical JSON, as hex."""
    return hashlib.sha256(canonical(record).encode()).hexdigest()


class RecordEncoder(DjangoJSONEncoder):
    """JSON in UTF-8: half the size of escaped Chinese, and read three times as fast."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "ensure_ascii": False})


class Revision(models.Model):
    """One published state of a case: numbered, frozen, never deleted."""

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.PROTECT, related_name="revisions"
    )
    number = models.PositiveIntegerField(_("版本号"))
    record = models.JSONField(_("记录"), encoder=RecordEncoder)
    checksum = models.CharField(_("校验值"), max_length=64)
    published_at = models.DateTimeField(_("发布时间"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("发布者"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Kept when the account goes.
    published_by_name = models.CharField(_("发布者姓名"), max_length=150, blank=True)
    note = models.CharField(_("修改说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("版本")
        verbose_name_plural = _("版本")
        ordering = ["initiative", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "number"],
                name="revision_number_unique_in_case",
                violation_error_message=_("这个案例已有这个版本号。"),
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1),
                name="revision_number_from_one",
                violation_error_message=_("版本号从 1 开始。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record.get('title', '')} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("cases:version", args=[self.initiative_id, self.number])


class Event(models.Model):
    """Who did what to a case, and when. Kept for good: also when a draft or an account goes."""

    class Verb(models.TextChoices):
        CREATED = "created", _("新建")
        SUBMITTED = "submitted", _("提交审核")
        RETURNED = "returned", _("退回")
        SCHEDULED = "scheduled", _("定时发布")
        PUBLISHED = "published", _("发布")
        WITHDRAWN = "withdrawn", _("撤回")
        REVISED = "revised", _("开始修订")
        RESTORED = "restored", _("恢复旧版本")
        MERGED = "merged", _("合并")
        DELETED = "deleted", _("删除草稿")

    initiative = models.ForeignKey(
        Initiative,
        verbose_name=_("案例"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="events",
    )
    title = models.CharField(_("案例标题"), max_length=80)
    verb = models.CharField(_("事项"), max_length=10, choices=Verb)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("办理人"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    # Kept when the account goes.
    by_name = models.CharField(_("办理人姓名"), max_length=150, blank=True)
    note = models.CharField(_("说明"), max_length=400, blank=True)

    class Meta:
        verbose_name = _("办理记录")
        verbose_name_plural = _("办理记录")
        ordering = ["-id"]
        indexes = [
            # A case's history on its desk page.
            models.Index(fields=["initiative", "-id"], name="event_of_case"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} {self.title}"


class IndexState(models.Model):
    """The one row that says how often anything public has changed.

    Taking it for update makes publications follow one another, so the order of
    generations is the order of commits.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    generation = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(id=1),
                name="indexstate_one_row",
                violation_error_message=_("索引的状态只有一行。"),
            ),
        ]

    def __str__(self) -> str:
        return f"generation {self.generation}"


class Bitmap(models.Model):
    """The published cases that have one value of one facet, for 65,536 ids.

    `bits` is a serialised Roaring bitmap of initiative ids; `chunk` is id >> 16.
    A worker that knows generation g needs only the rows with a later one.
    """

    facet = models.CharField(max_length=20)
    value = models.CharField(max_length=60)
    chunk = models.PositiveIntegerField()
    bits = models.BinaryField()
    generation = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["facet", "value", "chunk"],
                name="bitmap_unique",
                violation_error_message=_("筛选值的这一段已经存在。"),
            ),
        ]
        indexes = [
            # Read by each worker after a publication: what is newer than what it has.
            models.Index(fields=["generation"], name="bitmap_generation"),
        ]

    def __str__(self) -> str:
        return f"{self.facet}={self.value}/{self.chunk}"
