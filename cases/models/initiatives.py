"""A practice at a place and time, and everything recorded of it."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .dates import PRECISIONS, PartialDateField, is_partial_date, not_after
from .places import District, Subdistrict
from .sources import validate_name_list
from .vocabulary import Mechanism, Theme, Topic

# Servers look for what is due every half minute.
SOON = timedelta(minutes=2)
SECTIONS = ("background", "approach", "mechanism", "results", "limits")


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def published(self) -> "InitiativeQuerySet":
        """What the public may see. The only place where this rule is written."""
        return self.filter(status=Initiative.Status.PUBLISHED)

    def withdrawn(self) -> "InitiativeQuerySet":
        """Cases that were public once; only title, date and reason may be shown."""
        return self.filter(status=Initiative.Status.WITHDRAWN)


class Initiative(models.Model):
    """A practice at a place and time; its published record is a case."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("草稿")
        REVIEW = "review", _("待审")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Scope(models.TextChoices):
        CITY = "全市", _("全市")
        DISTRICT = "区", _("区")
        SUBDISTRICT = "街镇", _("街镇")
        COMMUNITY = "社区", _("社区")

    class Outcome(models.TextChoices):
        PLANNED = "planned", _("规划中")
        PILOT = "pilot", _("试点")
        RUNNING = "running", _("运行中")
        EXTENDED = "extended", _("已推广")
        COMPLETED = "completed", _("一次性完成")
        EXPLAINED = "explained", _("未解决但已说明")
        STOPPED = "stopped", _("已停止")
        UNKNOWN = "unknown", _("不明")

    title = models.CharField(_("标题"), max_length=80)
    aliases = models.JSONField(
        _("别名"),
        default=list,
        blank=True,
        validators=[validate_name_list],
        help_text=_("品牌名、简称，每行一个"),
    )
    summary = models.TextField(
        _("摘要"), blank=True, help_text=_("一两句话：谁在哪里做了什么，结果怎样")
    )
    scope = models.CharField(_("范围"), max_length=12, choices=Scope, blank=True)
    districts = models.ManyToManyField(
        District, verbose_name=_("区"), blank=True, related_name="initiatives"
    )
    subdistricts = models.ManyToManyField(
        Subdistrict, verbose_name=_("街镇"), blank=True, related_name="initiatives"
    )
    start = PartialDateField(_("开始"))
    end = PartialDateField(_("结束"))
    outcome = models.CharField(
        _("成效状态"), max_length=10, choices=Outcome, default=Outcome.UNKNOWN
    )
    outcome_as_of = PartialDateField(_("状态截至"))
    themes = models.ManyToManyField(
        Theme, verbose_name=_("改革主题"), through="ThemeLink", related_name="initiatives"
    )
    theme_note = models.CharField(
        _("无主题的理由"),
        max_length=200,
        blank=True,
        help_text=_("不属于七个主题时写明理由，例如“早于 1+6 改革”"),
    )
    topics = models.ManyToManyField(
        Topic, verbose_name=_("议题"), through="TopicLink", related_name="initiatives"
    )
    mechanisms = models.ManyToManyField(
        Mechanism, verbose_name=_("机制"), blank=True, related_name="initiatives"
    )
    background = models.TextField(_("背景"), blank=True)
    approach = models.TextField(_("做法"), blank=True)
    mechanism = models.TextField(_("机制说明"), blank=True)
    results = models.TextField(_("成效"), blank=True)
    limits = models.TextField(_("不足与启示"), blank=True)

    status = models.CharField(
        _("发布状态"), max_length=10, choices=Status, default=Status.DRAFT, editable=False
    )
    published_at = models.DateTimeField(_("发布时间"), null=True, editable=False)
    current_revision = models.OneToOneField(
        "Revision",
        verbose_name=_("当前版本"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    synthetic = models.BooleanField(
        _("合成"),
        default=False,
        editable=False,
        help_text=_("由 generate_corpus 生成，供测试速度用，不是真实案例"),
    )
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, editable=False)
    withdrawal_reason = models.CharField(_("撤回理由"), max_length=200, blank=True, editable=False)
    returned_reason = models.CharField(_("退回理由"), max_length=400, blank=True, editable=False)
    revises = models.OneToOneField(
        "self",
        verbose_name=_("修订的案例"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="working_copy",
    )
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("并入的案例"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged_cases",
    )
    publish_at = models.DateTimeField(_("定时发布"), null=True, editable=False)
    created_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    updated_at = models.DateTimeField(_("修改时间"), auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("建立者"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = InitiativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("案例")
        verbose_name_plural = _("案例")
        ordering = ["-updated_at", "-id"]
        permissions = [("publish_initiative", _("可以发布、退回和撤回案例"))]
        indexes = [
            # Every public query starts from status.
            models.Index(fields=["status", "id"], name="initiative_status_id"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "review", "published", "withdrawn"]),
                name="initiative_status_known",
                violation_error_message=_("没有这种发布状态。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(status="published")
                | models.Q(published_at__isnull=False, current_revision__isnull=False),
                name="initiative_published_has_date_and_revision",
                violation_error_message=_("已发布的案例须有发布时间和版本。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(status="withdrawn")
                | (models.Q(withdrawn_at__isnull=False) & ~models.Q(withdrawal_reason="")),
                name="initiative_withdrawn_has_date_and_reason",
                violation_error_message=_("已撤回的案例须有撤回时间和理由。"),
            ),
            models.CheckConstraint(
                condition=models.Q(revises__isnull=True)
                | models.Q(status__in=["draft", "review"], current_revision__isnull=True),
                name="initiative_working_copy_is_never_public",
                violation_error_message=_("修订稿本身不能公开。"),
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into__isnull=True) | models.Q(status="withdrawn"),
                name="initiative_merged_is_withdrawn",
                violation_error_message=_("并入另一个案例的，须是已撤回的案例。"),
            ),
            models.CheckConstraint(
                condition=models.Q(publish_at__isnull=True) | models.Q(status="review"),
                name="initiative_scheduled_is_in_review",
                violation_error_message=_("只有待审的案例可以定时发布。"),
            ),
            models.CheckConstraint(
                condition=not_after("start", "end"),
                name="initiative_start_before_end",
                violation_error_message=_("结束不能早于开始。"),
            ),
            models.CheckConstraint(
                condition=is_partial_date("start")
                & is_partial_date("end")
                & is_partial_date("outcome_as_of"),
                name="initiative_dates_are_dates",
                violation_error_message=_("日期写成 2014、2014-07 或 2014-07-15。"),
            ),
            models.CheckConstraint(
                condition=models.Q(scope__in=["", "全市", "区", "街镇", "社区"]),
                name="initiative_scope_known",
                violation_error_message=_("范围只能是全市、区、街镇或社区。"),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    outcome__in=[
                        "planned",
                        "pilot",
                        "running",
                        "extended",
                        "completed",
                        "explained",
                        "stopped",
                        "unknown",
                    ]
                ),
                name="initiative_outcome_known",
                violation_error_message=_("没有这种成效状态。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("cases:case", args=[self.pk])

    @property
    def is_published(self) -> bool:
        """The rule of `published()`, for one row in hand."""
        return self.status == self.Status.PUBLISHED

    @property
    def is_overdue(self) -> bool:
        """Its time to be published has passed by more than publishing takes, and it still waits."""
        return self.publish_at is not None and timezone.now() - self.publish_at > SOON

    @property
    def last_title(self) -> str:
        """The title that was public last: the row of a withdrawn case may be worked on again.

        One restored without its versions has no other than the row's own.
        """
        last = self.current_revision
        return last.record["title"] if last else self.title

    @property
    def precision(self) -> str:
        """年, 月 or 日: the coarser one of start and end; 不详 where neither is recorded."""
        known = [len(date) for date in (self.start, self.end) if date]
        return PRECISIONS[min(known)] if known else "不详"
