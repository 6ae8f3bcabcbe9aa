"""What readers with an account keep: sets of cases, and queries."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .initiatives import Initiative

MOST_CASES = 1000


def new_key() -> str:
    """Return a name that nobody guesses: 64 bits by lot."""
    return secrets.token_hex(8)


def keep_shared(collector: Any, field: Any, rows: Any, using: str) -> None:
    """Of an account that goes, delete what is private; what is shared may have been cited."""
    models.CASCADE(collector, field, rows.filter(shared=False), using)
    models.SET_NULL(collector, field, rows.filter(shared=True), using)


class KeptQuerySet(models.QuerySet[Any]):
    def of(self, user: Any) -> "KeptQuerySet":
        """What a person may see and change on the own pages."""
        return self.filter(owner=user)

    def shared(self) -> "KeptQuerySet":
        """What whoever has the address may see."""
        return self.filter(shared=True)


class Kept(models.Model):
    """Something a person keeps under a title, and may share by an address."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("所有者"),
        null=True,
        editable=False,
        on_delete=keep_shared,
        related_name="+",
    )
    key = models.CharField(_("代码"), max_length=16, unique=True, default=new_key, editable=False)
    title = models.CharField(_("名称"), max_length=80)
    description = models.TextField(_("说明"), max_length=2000, blank=True)
    signed = models.CharField(
        _("署名"),
        max_length=60,
        blank=True,
        help_text=_("公开后显示在页面和引用格式里；不填就不署名。账号名不会显示"),
    )
    shared = models.BooleanField(
        _("公开"), default=False, help_text=_("知道网址的人都能看；不进搜索引擎")
    )
    created = models.DateTimeField(_("建立时间"), default=timezone.now, editable=False)
    changed = models.DateTimeField(_("修改时间"), default=timezone.now, editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-changed", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shared=True) | models.Q(owner__isnull=False),
                name="%(class)s_private_has_owner",
                violation_error_message=_("不公开的必须有所有者。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(title=""),
                name="%(class)s_has_title",
                violation_error_message=_("请写名称。"),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Collection(Kept):
    """A named, ordered set of cases with a note for each."""

    class Meta(Kept.Meta):
        verbose_name = _("案例集")
        verbose_name_plural = _("案例集")

    def get_absolute_url(self) -> str:
        return reverse("cases:collection", args=[self.key])

    def touch(self) -> None:
        self.changed = timezone.now()
        self.save(update_fields=["changed"])

    @transaction.atomic
    def add(self, ids: Iterable[int], note: str = "") -> list[int]:
        """Append the cases that are not in it yet, in their order, and return their ids.

        Adds none and raises ValueError where more than MOST_CASES would stand in it.
        """
        # Two requests at once follow one another.
        Collection.objects.select_for_update().get(pk=self.pk)
        known = set(self.items.values_list("initiative_id", flat=True))
        fresh = [pk for pk in dict.fromkeys(ids) if pk not in known]
        if len(known) + len(fresh) > MOST_CASES:
            raise ValueError(f"more than {MOST_CASES} cases")
        last = self.items.aggregate(last=models.Max("position"))["last"] or 0
        CollectionItem.objects.bulk_create(
            CollectionItem(collection=self, initiative_id=pk, position=position, note=note)
            for position, pk in enumerate(fresh, start=last + 1)
        )
        if fresh:
            self.touch()
        return fresh


class CollectionItem(models.Model):
    """One case in a set, in its place."""

    collection = models.ForeignKey(
        Collection, verbose_name=_("案例集"), on_delete=models.CASCADE, related_name="items"
    )
    initiative = models.ForeignKey(
        Initiative, verbose_name=_("案例"), on_delete=models.CASCADE, related_name="+"
    )
    note = models.TextField(_("备注"), max_length=1000, blank=True)
    position = models.PositiveIntegerField(_("次序"))
    added = models.DateTimeField(_("加入时间"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("集中的案例")
        verbose_name_plural = _("集中的案例")
        ordering = ["collection", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["collection", "initiative"],
                name="collectionitem_case_once",
                violation_error_message=_("这个案例已经在集里了。"),
            ),
            models.CheckConstraint(
                condition=models.Q(position__gte=1),
                name="collectionitem_position_from_one",
                violation_error_message=_("次序从 1 开始。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.collection} {self.position}"


class SavedQuery(Kept):
    """A query under a name; `query` is its canonical string, without question mark and page."""

    query = models.CharField(_("条件"), max_length=2000, blank=True, editable=False)

    class Meta(Kept.Meta):
        verbose_name = _("保存的检索")
        verbose_name_plural = _("保存的检索")

    def get_absolute_url(self) -> str:
        return reverse("cases:saved", args=[self.key])
