"""What a case is made of: evidence, figures, participation, and links to words and policies."""

from decimal import Decimal

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from .initiatives import Initiative
from .policies import PolicyDocument
from .sources import Source
from .vocabulary import Actor, Grade, Theme, Topic

QUOTATION_LENGTH = 60


class Evidence(models.Model):
    """One passage of one source used by one case."""

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="evidence"
    )
    number = models.PositiveSmallIntegerField(
        _("编号"), help_text=_("正文里写 [^1] 就是引用编号 1 的出处")
    )
    source = models.ForeignKey(
        Source, verbose_name=_("来源"), on_delete=models.PROTECT, related_name="evidence"
    )
    locator = models.CharField(
        _("位置"), max_length=100, blank=True, help_text=_("例如“第二部分第 3 段”“第 12 页”")
    )
    quotation = models.CharField(
        _("引文"),
        max_length=QUOTATION_LENGTH,
        blank=True,
        help_text=_("原文中的一小段，不超过 60 字"),
        validators=[MaxLengthValidator(QUOTATION_LENGTH)],
    )
    grade = models.CharField(_("证据等级"), max_length=1, choices=Grade)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("出处")
        verbose_name_plural = _("出处")
        ordering = ["initiative", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "number"],
                name="evidence_number_unique_in_case",
                violation_error_message=_("同一案例里出处编号不能重复。"),
            ),
            models.CheckConstraint(
                condition=models.Q(number__gte=1),
                name="evidence_number_from_one",
                violation_error_message=_("出处编号从 1 开始。"),
            ),
            models.CheckConstraint(
                condition=models.Q(grade__in=["A", "B", "C", "D", "E"]),
                name="evidence_grade_known",
                violation_error_message=_("等级只能是 A、B、C、D 或 E。"),
            ),
        ]

    def __str__(self) -> str:
        return f"[{self.number}] {self.source}"


class Figure(models.Model):
    """A number that a case reports, with unit and period."""

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="figures"
    )
    order = models.PositiveSmallIntegerField(_("次序"), default=0)
    label = models.CharField(_("指标"), max_length=80, help_text=_("数的是什么，例如“认岗党员”"))
    value = models.DecimalField(_("数值"), max_digits=18, decimal_places=4)
    qualifier = models.CharField(
        _("限定"), max_length=10, blank=True, help_text=_("余、约、超过、以上…")
    )
    unit = models.CharField(_("单位"), max_length=20)
    period = models.CharField(
        _("时期"), max_length=40, blank=True, help_text=_("例如“2015 年”“截至 2016-05-20”")
    )
    evidence = models.ForeignKey(
        Evidence,
        verbose_name=_("出处"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="figures",
    )

    class Meta:
        verbose_name = _("数据")
        verbose_name_plural = _("数据")
        ordering = ["initiative", "order", "id"]
        # “Evidence of the same case” spans two tables: see triggers.py.

    def __str__(self) -> str:
        return f"{self.label} {self.plain_value}{self.qualifier}{self.unit}"

    @property
    def plain_value(self) -> int | float:
        """The value as JSON has it: an integer where it is one."""
        value: Decimal = self.value
        return int(value) if value == value.to_integral_value() else float(value)


class ThemeLink(models.Model):
    """That a case belongs to a strand of the reform, and whether the source says so."""

    class Basis(models.TextChoices):
        STATED = "原文", _("原文")
        INFERRED = "推断", _("推断")

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="theme_links"
    )
    theme = models.ForeignKey(
        Theme, verbose_name=_("改革主题"), on_delete=models.PROTECT, related_name="links"
    )
    basis = models.CharField(_("依据"), max_length=10, choices=Basis)
    reason = models.CharField(_("理由"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("改革主题")
        verbose_name_plural = _("改革主题")
        ordering = ["theme__order", "theme__slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "theme"],
                name="themelink_unique",
                violation_error_message=_("同一个改革主题选了两次。"),
            ),
            models.CheckConstraint(
                condition=models.Q(basis__in=["原文", "推断"]),
                name="themelink_basis_known",
                violation_error_message=_("依据只能是原文或推断。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.theme}（{self.get_basis_display()}）"


class TopicLink(models.Model):
    """A topic of a case; position 1 is the main one."""

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="topic_links"
    )
    topic = models.ForeignKey(
        Topic, verbose_name=_("议题"), on_delete=models.PROTECT, related_name="links"
    )
    position = models.PositiveSmallIntegerField(_("次序"), help_text=_("1 为主要议题，至多 3 个"))

    class Meta:
        verbose_name = _("议题")
        verbose_name_plural = _("议题")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "topic"],
                name="topiclink_unique",
                violation_error_message=_("同一个议题选了两次。"),
            ),
            models.UniqueConstraint(
                fields=["initiative", "position"],
                name="topiclink_position_unique",
                violation_error_message=_("两个议题的次序相同。"),
            ),
            models.CheckConstraint(
                condition=models.Q(position__gte=1, position__lte=3),
                name="topiclink_one_main_two_more",
                violation_error_message=_("议题的次序只能是 1、2、3。"),
            ),
        ]

    def __str__(self) -> str:
        return str(self.topic)


class Participation(models.Model):
    """Who took part in a case, as which kind of actor and in which role."""

    class Role(models.TextChoices):
        LEAD = "牵头", _("牵头")
        OPERATE = "承办", _("承办")
        JOIN = "参与", _("参与")
        SERVED = "服务对象", _("服务对象")
        FUND = "出资", _("出资")
        UNRECORDED = "未记录", _("未记录")

    initiative = models.ForeignKey(
        Initiative,
        verbose_name=_("案例"),
        on_delete=models.CASCADE,
        related_name="participations",
    )
    order = models.PositiveSmallIntegerField(_("次序"), default=0)
    actor = models.ForeignKey(
        Actor, verbose_name=_("主体类型"), on_delete=models.PROTECT, related_name="participations"
    )
    name = models.CharField(_("名称"), max_length=80, blank=True)
    role = models.CharField(_("角色"), max_length=10, choices=Role, default=Role.UNRECORDED)

    class Meta:
        verbose_name = _("参与")
        verbose_name_plural = _("参与")
        ordering = ["initiative", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "actor", "name", "role"],
                name="participation_unique",
                violation_error_message=_("同一主体以同一角色写了两次。"),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["牵头", "承办", "参与", "服务对象", "出资", "未记录"]),
                name="participation_role_known",
                violation_error_message=_("没有这种角色。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.actor)


class PolicyLink(models.Model):
    """How a case relates to a policy document, and whether the source says so."""

    class Kind(models.TextChoices):
        BASIS = "依据", _("依据")
        CARRIES_OUT = "落实", _("落实")
        EXTENDS = "推广", _("推广")
        BACKGROUND = "背景", _("背景")

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="policy_links"
    )
    policy = models.ForeignKey(
        PolicyDocument, verbose_name=_("政策文件"), on_delete=models.PROTECT, related_name="links"
    )
    kind = models.CharField(_("关系"), max_length=12, choices=Kind)
    basis = models.CharField(_("依据"), max_length=10, choices=ThemeLink.Basis)

    class Meta:
        verbose_name = _("相关政策")
        verbose_name_plural = _("相关政策")
        ordering = ["policy__order", "policy__key", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "policy", "kind"],
                name="policylink_unique",
                violation_error_message=_("同一政策文件的同一种关系写了两次。"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["依据", "落实", "推广", "背景"]),
                name="policylink_kind_known",
                violation_error_message=_("关系只能是依据、落实、推广或背景。"),
            ),
            models.CheckConstraint(
                condition=models.Q(basis__in=["原文", "推断"]),
                name="policylink_basis_known",
                violation_error_message=_("依据只能是原文或推断。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}（{self.get_kind_display()}）"
