"""How policy documents follow from, change and end one another."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from .parts import ThemeLink
from .policies import PolicyDocument
from .sources import Source
from .vocabulary import Grade


class PolicyRelationManager(models.Manager["PolicyRelation"]):
    def get_by_natural_key(self, document: str, kind: str, target: str) -> "PolicyRelation":
        return self.get(document__key=document, kind=kind, target__key=target)


class PolicyRelation(models.Model):
    """How one document stands to another, told by the later one: it 落实, 替代 … the target."""

    class Kind(models.TextChoices):
        BASIS = "依据", _("依据")
        CARRIES_OUT = "落实", _("落实")
        ACCOMPANIES = "配套", _("配套")
        AMENDS = "修订", _("修订")
        REPLACES = "替代", _("替代")
        REPEALS = "废止", _("废止")

    document = models.ForeignKey(
        PolicyDocument,
        verbose_name=_("政策文件"),
        on_delete=models.CASCADE,
        related_name="relations",
    )
    kind = models.CharField(_("关系"), max_length=12, choices=Kind)
    target = models.ForeignKey(
        PolicyDocument,
        verbose_name=_("对哪份文件"),
        on_delete=models.PROTECT,
        related_name="related_by",
    )
    basis = models.CharField(_("依据"), max_length=10, choices=ThemeLink.Basis)
    grade = models.CharField(_("证据等级"), max_length=1, choices=Grade)
    source = models.ForeignKey(
        Source,
        verbose_name=_("来源"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="policy_relations",
    )
    locator = models.CharField(_("位置"), max_length=100, blank=True)
    note = models.CharField(_("说明"), max_length=200, blank=True)

    objects = PolicyRelationManager()

    class Meta:
        verbose_name = _("与其他文件的关系")
        verbose_name_plural = _("与其他文件的关系")
        ordering = ["document", "kind", "target__order", "target__key"]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "target"],
                name="policyrelation_unique",
                violation_error_message=_("对同一文件的同一种关系写了两次。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(document=models.F("target")),
                name="policyrelation_of_two_documents",
                violation_error_message=_("文件不能与自己有关系。"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["依据", "落实", "配套", "修订", "替代", "废止"]),
                name="policyrelation_kind_known",
                violation_error_message=_("没有这种关系。"),
            ),
            models.CheckConstraint(
                condition=models.Q(basis__in=["原文", "推断"]),
                name="policyrelation_basis_known",
                violation_error_message=_("依据只能是原文或推断。"),
            ),
            models.CheckConstraint(
                condition=models.Q(grade__in=["A", "B", "C", "D", "E"]),
                name="policyrelation_grade_known",
                violation_error_message=_("等级只能是 A、B、C、D 或 E。"),
            ),
            models.CheckConstraint(
                condition=models.Q(basis="原文", source__isnull=False) | models.Q(grade="E"),
                name="policyrelation_inferred_is_grade_e",
                violation_error_message=_("推断的或没有来源的关系只能是 E 级。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}：{self.get_kind_display()}《{self.target}》"

    def natural_key(self) -> tuple[str, str, str]:
        return (self.document.key, self.kind, self.target.key)

    natural_key.dependencies = ["cases.policydocument", "cases.source"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Say what the database would refuse, and what it cannot see: the same thing both ways."""
        super().clean()
        if self.document_id is None or self.target_id is None:
            return
        if self.document_id == self.target_id:
            raise ValidationError({"target": _("文件不能与自己有关系。")})
        back = PolicyRelation.objects.filter(
            document=self.target_id, target=self.document_id, kind=self.kind
        )
        if back.exists():
            raise ValidationError(
                {"target": _("那份文件已经写明与本文件有同样的关系，方向相反，请只留一个。")}
            )
