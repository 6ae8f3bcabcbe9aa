"""Districts, streets and towns, and the other names people use for them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .dates import PartialDateField, is_partial_date, not_after


class DistrictManager(models.Manager["District"]):
    def get_by_natural_key(self, slug: str) -> "District":
        return self.get(slug=slug)


class District(models.Model):
    """A county-level unit of the city, of today or dissolved."""

    code = models.CharField(_("区划代码"), max_length=6, unique=True, help_text="GB/T 2260")
    name = models.CharField(_("名称"), max_length=20, unique=True)
    short_name = models.CharField(_("简称"), max_length=10)
    slug = models.SlugField(_("拼音"), max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(_("次序"), default=0)
    established = PartialDateField(_("设立"))
    dissolved = PartialDateField(_("撤销"))
    merged_into = models.ForeignKey(
        "self",
        verbose_name=_("并入"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="predecessors",
    )
    history = models.TextField(_("沿革"), blank=True)
    tile_row = models.PositiveSmallIntegerField(_("方块图行"), null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField(_("方块图列"), null=True, blank=True)

    objects = DistrictManager()

    class Meta:
        verbose_name = _("区")
        verbose_name_plural = _("区")
        ordering = ["order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(dissolved="") | models.Q(merged_into__isnull=False),
                name="district_dissolved_names_successor",
                violation_error_message=_("已撤销的区须写明并入哪个区。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(merged_into=models.F("id")),
                name="district_not_merged_into_itself",
                violation_error_message=_("一个区不能并入它自己。"),
            ),
            models.CheckConstraint(
                condition=not_after("established", "dissolved"),
                name="district_established_before_dissolved",
                violation_error_message=_("撤销不能早于设立。"),
            ),
            models.CheckConstraint(
                condition=is_partial_date("established") & is_partial_date("dissolved"),
                name="district_dates_are_dates",
                violation_error_message=_("日期写成 2014、2014-07 或 2014-07-15。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("cases:district", args=[self.slug])

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class SubdistrictManager(models.Manager["Subdistrict"]):
    def get_by_natural_key(self, code: str) -> "Subdistrict":
        return self.get(code=code)


class Subdistrict(models.Model):
    """A 街道, 镇 or 乡."""

    class Kind(models.TextChoices):
        STREET = "street", _("街道")
        TOWN = "town", _("镇")
        TOWNSHIP = "township", _("乡")

    code = models.CharField(_("区划代码"), max_length=9, unique=True)
    name = models.CharField(_("名称"), max_length=30)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind)
    district = models.ForeignKey(
        District, verbose_name=_("区"), on_delete=models.PROTECT, related_name="subdistricts"
    )

    objects = SubdistrictManager()

    class Meta:
        verbose_name = _("街镇")
        verbose_name_plural = _("街镇")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"],
                name="subdistrict_name_unique_in_district",
                violation_error_message=_("同一个区里已有这个名称的街镇。"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["street", "town", "township"]),
                name="subdistrict_kind_known",
                violation_error_message=_("类别只能是街道、镇或乡。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district.short_name}·{self.name}"

    def get_absolute_url(self) -> str:
        return f"{reverse('cases:list')}?subdistrict={self.code}"

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class PlaceAliasManager(models.Manager["PlaceAlias"]):
    def get_by_natural_key(self, name: str, place: str) -> "PlaceAlias":
        return self.get(
            models.Q(subdistrict__code=place) | models.Q(district__slug=place), name=name
        )


class PlaceAlias(models.Model):
    """Another name that leads to a district, street or town."""

    class Kind(models.TextChoices):
        SHORT = "short", _("简称")
        FORMER = "former", _("旧称")
        LOCALITY = "locality", _("村居或小区")

    name = models.CharField(_("名称"), max_length=40)
    kind = models.CharField(_("类别"), max_length=10, choices=Kind, default=Kind.SHORT)
    code = models.CharField(_("区划代码"), max_length=12, blank=True)
    until = PartialDateField(_("用到"))
    district = models.ForeignKey(
        District,
        verbose_name=_("区"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="aliases",
    )
    subdistrict = models.ForeignKey(
        Subdistrict,
        verbose_name=_("街镇"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="aliases",
    )

    objects = PlaceAliasManager()

    class Meta:
        verbose_name = _("地名别称")
        verbose_name_plural = _("地名别称")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(district__isnull=True, subdistrict__isnull=False)
                | models.Q(district__isnull=False, subdistrict__isnull=True),
                name="placealias_of_one_place",
                violation_error_message=_("别称须属于一个区或一个街镇，不能都填或都不填。"),
            ),
            models.UniqueConstraint(
                fields=["name", "district"],
                name="placealias_unique_in_district",
                violation_error_message=_("这个区已有这个别称。"),
            ),
            models.UniqueConstraint(
                fields=["name", "subdistrict"],
                name="placealias_unique_in_subdistrict",
                violation_error_message=_("这个街镇已有这个别称。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, str]:
        place = self.subdistrict.code if self.subdistrict else self.district.slug  # type: ignore[union-attr]
        return (self.name, place)

    natural_key.dependencies = ["cases.district", "cases.subdistrict"]  # type: ignore[attr-defined]
