"""Where statements come from."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .dates import PartialDateField, is_partial_date


def new_source_key() -> str:
    return f"s-{secrets.token_hex(5)}"


def validate_name_list(value: Any) -> None:
    """Accept a list of different, non-empty names."""
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        raise ValidationError(_("请每行写一个名称。"), code="name_list")
    if len(set(value)) != len(value):
        raise ValidationError(_("有重复的名称。"), code="name_list")


class SourceQuerySet(models.QuerySet["Source"]):
    def public(self) -> "SourceQuerySet":
        """What a published case or a policy document rests on. The only place of this rule."""
        # These rest on sources; asked for here, where all models are known.
        from .initiatives import Initiative
        from .lineage import PolicyRelation
        from .policies import PolicyStatement

        mine = models.OuterRef("pk")
        return self.filter(
            models.Exists(Initiative.objects.published().filter(evidence__source=mine))
            | models.Exists(PolicyStatement.objects.filter(source=mine))
            | models.Exists(PolicyRelation.objects.filter(source=mine))
        )


class SourceManager(models.Manager["Source"]):
    def get_by_natural_key(self, key: str) -> "Source":
        return self.get(key=key)


class Source(models.Model):
    """An article, book, document or page that statements rest on."""

    class Kind(models.TextChoices):
        WEBPAGE = "网页", _("网页")
        NEWSPAPER = "报纸", _("报纸")
        NEWS_ONLINE = "网络新闻", _("网络新闻")
        JOURNAL = "期刊", _("期刊")
        BOOK = "图书", _("图书")
        DOCUMENT = "政府文件", _("政府文件")
        DATASET = "数据集", _("数据集")

    key = models.SlugField(_("代码"), max_length=60, unique=True, default=new_source_key)
    title = models.CharField(_("标题"), max_length=200)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind)
    authors = models.JSONField(_("作者"), default=list, blank=True, validators=[validate_name_list])
    publisher = models.CharField(_("发布者"), max_length=100, blank=True)
    date = PartialDateField(_("日期"))
    url = models.URLField(_("网址"), max_length=500, blank=True)
    archive_url = models.URLField(_("存档网址"), max_length=500, blank=True)
    accessed = models.DateField(_("查阅日期"), null=True, blank=True)
    reposted_from = models.CharField(
        _("转载自"), max_length=100, blank=True, help_text=_("此页若是转载，写原发布者")
    )
    note = models.TextField(_("说明"), blank=True)

    objects = SourceManager.from_queryset(SourceQuerySet)()

    class Meta:
        verbose_name = _("来源")
        verbose_name_plural = _("来源")
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                condition=is_partial_date("date"),
                name="source_date_is_date",
                violation_error_message=_("日期写成 2014、2014-07 或 2014-07-15。"),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["网页", "报纸", "网络新闻", "期刊", "图书", "政府文件", "数据集"]
                ),
                name="source_kind_known",
                violation_error_message=_("没有这种来源。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        # By its key, as records name it.
        return reverse("cases:source", args=[self.key])

    def natural_key(self) -> tuple[str]:
        return (self.key,)
