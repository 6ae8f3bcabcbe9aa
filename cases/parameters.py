"""Every parameter of a list of cases: declared once, checked, and expressible as SQL.

Page, exports and API read these; the API's document is made from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from .facets import Snapshot
from .models import Grade, Initiative, InitiativeQuerySet
from .search.query import LONGEST, MOST_WORDS, parse

LARGEST_PAGE = 1_000_000
SORTS = {
    "relevance": _("最相关"),
    "-published": _("最近发布"),
    "-year": _("年份从近到远"),
    "year": _("年份从远到近"),
}


@dataclass(frozen=True)
class Facet:
    """One way to narrow the list."""

    name: str
    title: str
    # ORM path of the value, for the oracle.
    path: str
    # Short fixed lists keep values that no case has in their place.
    short: bool = False

    @property
    def can_conjoin(self) -> bool:
        """Whether `<name>_all=1` asks for cases that have all the chosen values."""
        return self.name in ("theme", "topic")


# In the order of the panel and of a canonical address.
FACETS = {
    facet.name: facet
    for facet in (
        Facet("district", "区", "districts__slug", short=True),
        Facet("theme", "改革主题", "themes__slug", short=True),
        Facet("topic", "议题", "topics__slug"),
        Facet("subdistrict", "街镇", "subdistricts__code"),
        Facet("status", "成效状态", "outcome", short=True),
        Facet("scope", "范围", "scope", short=True),
        Facet("actor", "主体", "participations__actor__slug"),
        Facet("mechanism", "机制", "mechanisms__slug"),
        Facet("policy", "政策文件", "policy_links__policy"),
        Facet("grade", "证据等级", "evidence__grade", short=True),
        Facet("year", "开始年份", "start"),
    )
}
# Facets in which a case may have no value: `none=<facet>` asks for such cases.
NONE_OF = {
    name: _("%(facet)s未记录") % {"facet": facet.title}
    for name, facet in FACETS.items()
    if name not in ("status", "grade")
} | {"theme": _("不属于七个主题")}
MANY_VALUED = [name for name in FACETS if name not in ("grade", "year")]


class _ValuesField(forms.MultipleChoiceField):
    """Chosen values, each once, in the order given.

    `known` is shared, not copied: as `choices`, hundreds of values would be copied with every
    form, and that would take longer than answering the query.
    """

    def __init__(self, *, known: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = known

    def clean(self, value: Any) -> list[str]:
        return list(dict.fromkeys(v for v in super().clean(value) if v))

    def validate(self, value: Sequence[str]) -> None:
        for item in value:
            if item and item not in self.known:
                shown = item if len(item) <= 40 else f"{item[:40]}…"
                raise forms.ValidationError(
                    _("没有这个值：%(value)s"), code="invalid_choice", params={"value": shown}
                )


class _ValuesFilter(django_filters.MultipleChoiceFilter):
    field_class = _ValuesField

    def filter(self, qs: InitiativeQuerySet, value: list[str]) -> InitiativeQuerySet:
        return qs  # Applied by CaseFilter.filter_queryset, which knows `<name>_all`.


class _WholeNumberFilter(django_filters.Filter):
    field_class = forms.IntegerField

    def filter(self, qs: InitiativeQuerySet, value: int | None) -> InitiativeQuerySet:
        return qs


class _TextFilter(django_filters.CharFilter):
    def filter(self, qs: InitiativeQuerySet, value: str) -> InitiativeQuerySet:
        return qs  # Full text is the index's; there is no SQL to hold it against.


class _ChoiceFilter(django_filters.ChoiceFilter):
    def filter(self, qs: InitiativeQuerySet, value: str) -> InitiativeQuerySet:
        return qs


def _choice(choices: Iterable[tuple[str, Any]], label: Any) -> _ChoiceFilter:
    return _ChoiceFilter(
        choices=list(choices),
        label=label,
        error_messages={"invalid_choice": _("没有这个值。")},
    )


def few_words(q: str) -> None:
    if len(parse(q)) > MOST_WORDS:
        raise forms.ValidationError(_("一次最多查 12 个词。"), code="too_many_words")


def _year(label: Any) -> _WholeNumberFilter:
    return _WholeNumberFilter(
        label=label,
        min_value=1000,
        max_value=9999,
        error_messages={
            "invalid": _("年份须是四位数字。"),
            "min_value": _("年份须在 1000 到 9999 之间。"),
            "max_value": _("年份须在 1000 到 9999 之间。"),
        },
    )


class CaseFilter(django_filters.FilterSet):
    """Every parameter of a list of cases, checked.

    Unknown parameters are ignored; a bad value is an error. `qs` is the query as SQL, words
    left out.
    """

    q = _TextFilter(
        label=_("检索词"),
        max_length=LONGEST,
        validators=[few_words],
        error_messages={
            "max_length": _("检索词不能超过 200 个字。"),
            "null_characters_not_allowed": _("检索词不能含有控制字符。"),
        },
    )
    year_from = _year(_("起始年份"))
    year_to = _year(_("截止年份"))
    grade = _choice(((value, value) for value in Grade.values), _("证据等级"))
    none = _ValuesFilter(label=_("没有记录的项"), known=NONE_OF)
    theme_all = _choice([("1", "1"), ("0", "0")], _("同时包含所选主题"))
    topic_all = _choice([("1", "1"), ("0", "0")], _("同时包含所选议题"))
    sort = _choice(SORTS.items(), _("排序"))
    page = _WholeNumberFilter(
        label=_("页码"),
        min_value=1,
        max_value=LARGEST_PAGE,
        error_messages={
            "invalid": _("页码须是正整数。"),
            "min_value": _("页码从 1 开始。"),
            "max_value": _("没有这么多页。"),
        },
    )

    class Meta:
        model = Initiative
        fields: list[str] = []

    def __init__(
        self, data: QueryDict, snapshot: Snapshot, queryset: InitiativeQuerySet | None = None
    ) -> None:
        if queryset is None:
            queryset = Initiative.objects.published()
        super().__init__(data, queryset=queryset)
        self.snapshot = snapshot
        for name in MANY_VALUED:
            facet_filter = _ValuesFilter(
                label=FACETS[name].title,
                known=snapshot.catalog.labels[name],
            )
            facet_filter.parent = self
            facet_filter.field_name = name
            self.filters[name] = facet_filter

    def filter_queryset(self, queryset: InitiativeQuerySet) -> InitiativeQuerySet:
        """Return the query as SQL: the oracle of the bitmaps, too slow for pages."""
        cleaned = self.form.cleaned_data
        for name in MANY_VALUED:
            chosen = cleaned[name]
            together = [[v] for v in chosen] if cleaned.get(f"{name}_all") == "1" else [chosen]
            for values in filter(None, together):
                if name == "district":
                    members = self.snapshot.catalog.members
                    values = [slug for value in values for slug in members[value]]
                having = Initiative.objects.filter(**{f"{FACETS[name].path}__in": values})
                queryset = queryset.filter(pk__in=having.values("pk"))
        for name in cleaned["none"]:
            path = FACETS[name].path
            empty = {path: ""} if name in ("scope", "year") else {f"{path}__isnull": True}
            queryset = queryset.filter(pk__in=Initiative.objects.filter(**empty).values("pk"))
        if cleaned["grade"]:
            better = Initiative.objects.filter(evidence__grade__lte=cleaned["grade"])
            queryset = queryset.filter(pk__in=better.values("pk"))
        if cleaned["year_from"]:
            queryset = queryset.filter(start__gte=str(cleaned["year_from"]))
        if cleaned["year_to"]:
            queryset = queryset.filter(start__gt="", start__lt=str(cleaned["year_to"] + 1).zfill(4))
        return queryset
