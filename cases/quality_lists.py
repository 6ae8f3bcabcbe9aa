"""What is to be mended in the whole case base, list by list; each row names the field to go to.

The lists are querysets, so that a page of one costs the same whatever the number of cases. Marks
are the exception: which number a text points at is known to Python only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import quality
from .codebook import SECTION_TITLES
from .models import (
    District,
    Event,
    Evidence,
    Figure,
    Grade,
    Initiative,
    PolicyStatement,
    Source,
    Subdistrict,
    Theme,
)
from .models.initiatives import SECTIONS
from .quality import Problem
from .records import for_record, to_record

Status = Initiative.Status
OPEN = (Status.DRAFT, Status.REVIEW)
MARKS_READ = 500
STALE_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Row:
    """One row of a list: whose page it is mended on, and what in which field."""

    model: str
    pk: int
    title: str
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class QualityList:
    """One thing to mend: `find` gives all there is of it, `show` the rows of one page."""

    slug: str
    title: Any
    about: Any
    find: Callable[[], Sequence[Any] | models.QuerySet[Any]]
    show: Callable[[list[Any]], list[Row]]


# --- Drafts and what waits for review ---


def _open() -> Any:
    # What waits for review first; “review” comes after “draft”.
    return Initiative.objects.filter(status__in=OPEN).order_by("-status", "-updated_at", "-pk")


def _wanting() -> Any:
    """Return what quality.problems finds something in; dangling marks, where `_marks` reads."""
    no_place = ~Q(scope__in=["", Initiative.Scope.CITY]) & ~_has("districts", "subdistricts")
    wanting = Q(summary="") | Q(scope="") | no_place | ~_has("topics") | ~_has("evidence")
    wanting |= Q(theme_note="") & ~_has("themes")
    wanting |= Q(**dict.fromkeys(SECTIONS, "")) | _unmarked_somewhere()
    wanting |= Q(Exists(Figure.objects.filter(initiative=OuterRef("pk"), evidence=None)))
    return _open().filter(wanting | Q(pk__in=[row.pk for row in _marks()]))


def _has(*names: str) -> Q:
    """Say that a case has a row of one of these kinds at least."""
    found = Q()
    for name in names:
        field: Any = Initiative._meta.get_field(name)
        ties = field.remote_field.through if field.many_to_many else field.related_model
        found |= Q(Exists(ties._default_manager.filter(initiative=OuterRef("pk"))))
    return found


def _incomplete(page: list[Initiative]) -> list[Row]:
    rows = {
        row.pk: row for row in for_record(Initiative.objects.filter(pk__in=[r.pk for r in page]))
    }
    return [
        Row("initiative", row.pk, row.title, quality.problems(to_record(rows[row.pk])))
        for row in page
        if row.pk in rows
    ]


def _figures() -> Any:
    return _numbered(Figure.objects.filter(evidence=None), "order", "pk").select_related(
        "initiative"
    )


def _figure_rows(page: list[Any]) -> list[Row]:
    return [
        Row(
            "initiative",
            figure.initiative_id,
            figure.initiative.title,
            [Problem(f"figures-{figure.index}", str(figure))],
        )
        for figure in page
    ]


def _numbered(rows: Any, *order: str) -> Any:
    """Add `index`, which row of its case's form each is, counted from 0; the last come first."""
    first = order[0]
    before = Q(**{f"{first}__lt": OuterRef(first)})
    if len(order) > 1:
        before |= Q(**{first: OuterRef(first), f"{order[1]}__lt": OuterRef(order[1])})
    earlier = (
        rows.model.objects.filter(before, initiative=OuterRef("initiative"))
        .order_by()
        .values("initiative")
        .annotate(count=models.Count("pk"))
        .values("count")
    )
    return rows.annotate(index=models.functions.Coalesce(models.Subquery(earlier), 0)).order_by(
        "-initiative", *order
    )


def _unmarked(name: str) -> Q:
    return ~Q(**{name: ""}) & ~Q(**{f"{name}__regex": r"\[\^[0-9]{1,4}\]"})


def _unmarked_somewhere() -> Q:
    unmarked = Q()
    for name in SECTIONS:
        unmarked |= _unmarked(name)
    return unmarked


def _sections() -> Any:
    return _open().filter(_unmarked_somewhere())


def _section_rows(page: list[Initiative]) -> list[Row]:
    return [
        Row(
            "initiative",
            row.pk,
            row.title,
            [
                Problem(name, title)
                for name, title in SECTION_TITLES.items()
                if getattr(row, name) and not quality.marks(getattr(row, name))
            ],
        )
        for row in page
    ]


def _marks() -> list[Row]:
    marked = Q()
    for name in SECTIONS:
        marked |= Q(**{f"{name}__contains": "[^"})
    cases = (
        Initiative.objects.filter(marked, status__in=OPEN)
        .only("title", *SECTIONS)
        .order_by("-updated_at")
        .prefetch_related(
            models.Prefetch("evidence", Evidence.objects.only("initiative", "number"))
        )[:MARKS_READ]
    )
    found = []
    for case in cases:
        known = {evidence.number for evidence in case.evidence.all()}
        problems = [
            Problem(name, f"{title} [^{number}]")
            for name, title in SECTION_TITLES.items()
            for number in sorted(quality.marks(getattr(case, name)) - known)
        ]
        if problems:
            found.append(Row("initiative", case.pk, case.title, problems))
    return found


# --- What rests on a guess, or on a page that may be gone tomorrow ---


def _guesses() -> Any:
    # A working copy repeats what its case has.
    guessed = Evidence.objects.filter(grade=Grade.E, initiative__revises=None)
    return _numbered(guessed, "number").select_related("initiative")


def _guess_rows(page: list[Any]) -> list[Row]:
    return [
        Row(
            "initiative",
            evidence.initiative_id,
            evidence.initiative.title,
            [Problem(f"evidence-{evidence.index}", f"[{evidence.number}] {_words(evidence)}")],
        )
        for evidence in page
    ]


def _words(evidence: Evidence) -> str:
    return evidence.quotation or evidence.note or gettext("没有引文")


def _policy_guesses() -> Any:
    rows = PolicyStatement.objects.filter(grade=Grade.E).select_related("document")
    return rows.order_by("document__order", "document", "order")


def _policy_guess_rows(page: list[PolicyStatement]) -> list[Row]:
    return [
        Row(
            "policydocument",
            row.document_id,
            str(row.document),
            [Problem("statements", row.text[:60])],
        )
        for row in page
    ]


def _unarchived() -> Any:
    return Source.objects.exclude(url="").filter(archive_url="").order_by("-pk")


def _source_rows(page: list[Source]) -> list[Row]:
    return [
        Row("source", row.pk, row.title, [Problem("archive_url", row.publisher or row.url)])
        for row in page
    ]


# --- What nobody has looked at, and what nobody has written of ---


def _stale() -> Any:
    limit = timezone.now() - STALE_AFTER
    lately = Event.objects.filter(initiative=OuterRef("pk"), at__gte=limit)
    rows = Initiative.objects.published().filter(~Exists(lately), published_at__lt=limit)
    return rows.order_by("published_at", "pk")


def _stale_rows(page: list[Initiative]) -> list[Row]:
    return [
        Row(
            "initiative",
            row.pk,
            row.title,
            [
                Problem(
                    "revisions",
                    gettext("上次发布 %(day)s")
                    % {"day": f"{timezone.localtime(row.published_at):%Y-%m-%d}"},
                )
            ],
        )
        for row in page
    ]


def _without_cases(model: Any) -> Any:
    """Return the rows of a place or word that no published case names."""
    name = {District: "districts", Subdistrict: "subdistricts", Theme: "themes"}[model]
    link = Initiative._meta.get_field(name).remote_field.through  # type: ignore[union-attr]
    used = link._default_manager.filter(
        **{model._meta.model_name: OuterRef("pk"), "initiative__status": Status.PUBLISHED}
    )
    return model.objects.filter(~Exists(used))


def _districts() -> Any:
    return _without_cases(District).filter(dissolved="")


def _subdistricts() -> Any:
    return _without_cases(Subdistrict).select_related("district").order_by("code")


def _themes() -> Any:
    return _without_cases(Theme)


def _named(page: list[Any]) -> list[Row]:
    return [Row(row._meta.model_name, row.pk, str(row)) for row in page]


LISTS = {
    item.slug: item
    for item in (
        QualityList(
            "incomplete",
            _("未发布的案例还缺什么"),
            _("草稿可以只写一半；发布前须补齐。待审的在前。"),
            _wanting,
            _incomplete,
        ),
        QualityList(
            "figures",
            _("没有出处的数据"),
            _("数据须写明出处编号才能发布。"),
            _figures,
            _figure_rows,
        ),
        QualityList(
            "sections",
            _("没有出处标记的正文"),
            _("正文每一部分至少有一个 [^1] 这样的标记。"),
            _sections,
            _section_rows,
        ),
        QualityList(
            "marks",
            _("标记没有对应的出处"),
            _("正文引用了编号，案例里却没有这条出处。只查最近修改的 500 个未发布案例。"),
            _marks,
            list,
        ),
        QualityList(
            "grade-e",
            _("编辑推断（E 级）的出处"),
            _("公开页标明“编辑推断”；找到原文后请改级别。"),
            _guesses,
            _guess_rows,
        ),
        QualityList(
            "policy-grade-e",
            _("编辑推断（E 级）的政策要点"),
            _("政策文件里还没有核对原文的要点。"),
            _policy_guesses,
            _policy_guess_rows,
        ),
        QualityList(
            "archives",
            _("没有存档网址的来源"),
            _("网页会消失；请把存档网址填上。"),
            _unarchived,
            _source_rows,
        ),
        QualityList(
            "stale",
            _("一年没有看过的案例"),
            _("365 天内没有发布、修订或其他办理记录。"),
            _stale,
            _stale_rows,
        ),
        QualityList(
            "districts", _("没有案例的区"), _("没有已发布案例的现有的区。"), _districts, _named
        ),
        QualityList(
            "subdistricts",
            _("没有案例的街镇"),
            _("没有已发布案例的街道、镇、乡。"),
            _subdistricts,
            _named,
        ),
        QualityList(
            "themes", _("没有案例的改革主题"), _("没有已发布案例的改革主题。"), _themes, _named
        ),
    )
}
