"""The controlled words that cases are described with."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .sources import validate_name_list


class Grade(models.TextChoices):
    """How well one statement is known; a claim is graded, not a case."""

    A = "A", _("A 官方文本或统计，已查看")
    B = "B", _("B 两个独立报道一致")
    C = "C", _("C 单一报道")
    D = "D", _("D 当事单位提供的宣传材料")
    E = "E", _("E 编辑推断，待核")


def validate_synonyms(value: Any) -> None:
    """Accept a list of at least two different words."""
    validate_name_list(value)
    if len(value) < 2:
        raise ValidationError(_("同义词至少要有两个。"), code="synonyms")


class TermManager(models.Manager[Any]):
    def get_by_natural_key(self, slug: str) -> Any:
        return self.get(slug=slug)


class Term(models.Model):
    """One word of a closed list, with a permanent slug."""

    slug = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=30, unique=True)
    description = models.CharField(_("涵盖"), max_length=200, blank=True)
    order = models.PositiveSmallIntegerField(_("次序"), default=0)

    objects = TermManager()

    class Meta:
        abstract = True
        ordering = ["order", "slug"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Address of the list narrowed to this term."""
        return f"{reverse('cases:list')}?{self._meta.model_name}={self.slug}"

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class Theme(Term):
    """One of the seven strands of the 2014 “1+6” reform."""

    class Meta(Term.Meta):
        verbose_name = _("改革主题")
        verbose_name_plural = _("改革主题")

    def get_absolute_url(self) -> str:
        return reverse("cases:theme", args=[self.slug])


class Topic(Term):
    """What the problem is: 停车, 养老, 群租 …"""

    class Meta(Term.Meta):
        verbose_name = _("议题")
        verbose_name_plural = _("议题")


class Actor(Term):
    """A kind of body or person that takes part in a case."""

    class Meta(Term.Meta):
        verbose_name = _("主体")
        verbose_name_plural = _("主体")


class Mechanism(Term):
    """How a practice works: 报到—认领, 错时共享 …"""

    class Meta(Term.Meta):
        verbose_name = _("机制")
        verbose_name_plural = _("机制")


class SynonymSet(models.Model):
    """Words that a searcher means alike: 居委会 = 居民委员会."""

    words = models.JSONField(_("同义词"), validators=[validate_synonyms], help_text=_("每行一个"))

    class Meta:
        verbose_name = _("同义词组")
        verbose_name_plural = _("同义词组")
        ordering = ["id"]

    def __str__(self) -> str:
        return " = ".join(self.words)
