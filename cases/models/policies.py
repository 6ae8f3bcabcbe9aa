"""Policy documents and what is known of them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .dates import PartialDateField, is_partial_date, not_after
from .sources import Source, validate_name_list
from .vocabulary import Grade, Theme


class PolicyDocumentManager(models.Manager["PolicyDocument"]):
    def get_by_natural_key(self, key: str) -> "PolicyDocument":
        return self.get(key=key)


class PolicyDocument(models.Model):
    """A document, law, plan or decision that cases rest on."""

    class Validity(models.TextChoices):
        IN_FORCE = "in-force", _("现行有效")
        AMENDED = "amended", _("已修改")
        REPLACED = "replaced", _("已被替代")
        REPEALED = "repealed", _("已废止")
        UNKNOWN = "unknown", _("未记录")

    key = models.SlugField(_("代码"), max_length=60, unique=True)
    title = models.CharField(_("标题"), max_length=200)
    number = models.CharField(
        _("发文字号"),
        max_length=60,
        blank=True,
        help_text=_("没有来源就不填，例如 沪委发〔2021〕22号"),
    )
    issuer = models.CharField(_("发文机关"), max_length=100, blank=True)
    issued = PartialDateField(_("成文日期"))
    effective = PartialDateField(_("施行日期"))
    ended = PartialDateField(_("失效日期"))
    validity = models.CharField(
        _("效力状态"), max_length=10, choices=Validity, default=Validity.UNKNOWN
    )
    aliases = models.JSONField(_("别称"), default=list, blank=True, validators=[validate_name_list])
    theme = models.ForeignKey(
        Theme,
        verbose_name=_("改革主题"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="documents",
    )
    unverified = models.CharField(
        _("待核"), max_length=200, blank=True, help_text=_("哪些项目尚未核实；全部核实后清空")
    )
    summary = models.TextField(_("概述"), blank=True)
    original_url = models.URLField(
        _("原文网址"),
        max_length=500,
        blank=True,
        help_text=_("发文机关或其官方网站上的全文；转载的不算，写进来源"),
    )
    order = models.PositiveSmallIntegerField(_("次序"), default=0)

    objects = PolicyDocumentManager()

    class Meta:
        verbose_name = _("政策文件")
        verbose_name_plural = _("政策文件")
        ordering = ["order", "key"]
        constraints = [
            models.CheckConstraint(
                condition=is_partial_date("issued") & is_partial_date("effective"),
                name="policydocument_dates_are_dates",
                violation_error_message=_("日期写成 2014、2014-07 或 2014-07-15。"),
            ),
            models.CheckConstraint(
                condition=is_partial_date("ended"),
                name="policydocument_ended_is_date",
                violation_error_message=_("日期写成 2014、2014-07 或 2014-07-15。"),
            ),
            models.CheckConstraint(
                condition=models.Q(ended="") | models.Q(validity__in=["replaced", "repealed"]),
                name="policydocument_ended_is_not_in_force",
                violation_error_message=_("只有已废止或已被替代的文件才有失效日期。"),
            ),
            models.CheckConstraint(
                condition=not_after("effective", "ended"),
                name="policydocument_effective_before_end",
                violation_error_message=_("失效日期不能早于施行日期。"),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    validity__in=["in-force", "amended", "replaced", "repealed", "unknown"]
                ),
                name="policydocument_validity_known",
                violation_error_message=_("没有这种效力状态。"),
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=~models.Q(number=""),
                name="policydocument_number_unique",
                violation_error_message=_("已有这个发文字号的政策文件。"),
                violation_error_code="unique",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("cases:policy", args=[self.pk])

    def natural_key(self) -> tuple[str]:
        return (self.key,)


class PolicyStatementManager(models.Manager["PolicyStatement"]):
    def get_by_natural_key(self, document: str, order: int) -> "PolicyStatement":
        return self.get(document__key=document, order=order)


class PolicyStatement(models.Model):
    """One thing known of a policy document, with its source and grade."""

    class Kind(models.TextChoices):
        MEASURE = "measure", _("要求")
        IDENTITY = "identity", _("题名、文号与日期")
        CONFLICT = "conflict", _("说法不一")

    document = models.ForeignKey(
        PolicyDocument,
        verbose_name=_("政策文件"),
        on_delete=models.CASCADE,
        related_name="statements",
    )
    order = models.PositiveSmallIntegerField(_("次序"), default=0)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind)
    text = models.CharField(_("内容"), max_length=400)
    source = models.ForeignKey(
        Source,
        verbose_name=_("来源"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policy_statements",
    )
    locator = models.CharField(_("位置"), max_length=100, blank=True)
    grade = models.CharField(_("证据等级"), max_length=1, choices=Grade)

    objects = PolicyStatementManager()

    class Meta:
        verbose_name = _("文件内容")
        verbose_name_plural = _("文件内容")
        ordering = ["document", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "order"],
                name="policystatement_order_unique",
                violation_error_message=_("两条内容的次序相同。"),
            ),
            models.CheckConstraint(
                condition=models.Q(source__isnull=False) | models.Q(grade="E"),
                name="policystatement_unsourced_is_grade_e",
                violation_error_message=_("没有来源的内容只能是 E 级。"),
            ),
            models.CheckConstraint(
                condition=models.Q(grade__in=["A", "B", "C", "D", "E"]),
                name="policystatement_grade_known",
                violation_error_message=_("等级只能是 A、B、C、D 或 E。"),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    def natural_key(self) -> tuple[str, int]:
        return (self.document.key, self.order)

    natural_key.dependencies = ["cases.policydocument", "cases.source"]  # type: ignore[attr-defined]
