"""Cases on the desk: the list, and the page on which one is written."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from cases import publishing
from cases.models import Event, Evidence, Initiative
from cases.models.initiatives import SECTIONS
from cases.records import for_record, include_parent_districts, to_record

from . import rows
from .attachments import AttachmentInline
from .comfort import ComfortAdmin
from .conflicts import ConflictAdmin, digests
from .deleting import PlainDeletion
from .doubles import DistinctCaseForm
from .fields import KnownAutocomplete, NameLists, tell_widgets
from .importing import ImportAdmin
from .inlines import (
    EvidenceInline,
    FigureInline,
    ParticipationInline,
    PolicyLinkInline,
    ThemeLinkInline,
    TopicLinkInline,
)
from .quality_desk import QualityAdmin
from .queues import QueueAdmin
from .revising import RevisingAdmin
from .searching import AliasSearch
from .spreadsheets import SpreadsheetAdmin
from .workflow import may_delete, may_edit

PLACES_SHOWN = 4


class InitiativeForm(DistinctCaseForm):
    """The fields of a case itself, and the state in which it was opened for editing."""

    opened = forms.CharField(required=False, widget=forms.HiddenInput)
    revision_note = forms.CharField(
        label=_("修改说明"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=_("再次发布时写：这一版改了什么。公开显示在版本记录里"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tell_widgets(self)


class CaseList(ChangeList):
    """The rows of one page with what its columns show, in as many queries whatever their number."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> Any:
        count = (
            Evidence.objects.filter(initiative=models.OuterRef("pk"))
            .order_by()
            .values("initiative")
            .annotate(count=models.Count("pk"))
            .values("count")
        )
        return (
            super()
            .get_queryset(request, exclude_parameters)
            .defer(*SECTIONS, "summary")
            .prefetch_related("districts", "subdistricts")
            .annotate(evidence_count=Coalesce(models.Subquery(count), 0))
        )


class DeskFilter(admin.SimpleListFilter):
    """The rows that wait for the person who looks."""

    title = _("处理情况")
    parameter_name = "desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("我建立的")), ("returned", _("被退回的"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "mine":
            return queryset.filter(created_by=request.user)
        if self.value() == "returned":
            return queryset.filter(status=Initiative.Status.DRAFT).exclude(returned_reason="")
        return queryset


@admin.register(Initiative)
class InitiativeAdmin(
    KnownAutocomplete,
    NameLists,
    AliasSearch,
    ComfortAdmin,
    ConflictAdmin,
    RevisingAdmin,
    QueueAdmin,
    QualityAdmin,
    ImportAdmin,
    SpreadsheetAdmin,
    PlainDeletion,
):
    form = InitiativeForm
    autocomplete_fields = ["districts", "subdistricts", "mechanisms"]
    related = {"subdistricts": ("district",)}
    inlines = [
        ThemeLinkInline,
        TopicLinkInline,
        ParticipationInline,
        FigureInline,
        EvidenceInline,
        PolicyLinkInline,
        AttachmentInline,
    ]
    # In the order in which a case is written; a class stands for its inline.
    page: list[Any] = [
        (_("名称与摘要"), ["title", "aliases", "summary"]),
        (
            _("地点与时间"),
            [
                "scope",
                "districts",
                "subdistricts",
                ("start", "end"),
                ("outcome", "outcome_as_of"),
            ],
        ),
        ThemeLinkInline,
        (_("不属于七个主题时"), ["theme_note"]),
        TopicLinkInline,
        ParticipationInline,
        (_("机制"), ["mechanisms"]),
        (_("正文"), [*SECTIONS]),
        FigureInline,
        EvidenceInline,
        PolicyLinkInline,
        AttachmentInline,
    ]
    actions = None
    list_display = [
        "title",
        "places",
        "status_badge",
        "outcome",
        "updated",
        "evidence_count",
        "look",
    ]
    list_filter = [
        DeskFilter,
        "status",
        "outcome",
        "scope",
        "districts",
        "themes",
        "topics",
    ]
    search_fields = ["title", "summary"]
    search_help_text = _("在标题、别名和摘要里查找")
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    # --- Who may do what ---

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_edit(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_delete(request.user, obj))

    # --- The list ---

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CaseList

    @admin.display(description=_("地点"))
    def places(self, obj: Any) -> str:
        names = [d.short_name for d in obj.districts.all()]
        names += [s.name for s in obj.subdistricts.all()]
        text = "、".join(names[:PLACES_SHOWN]) or obj.scope
        if len(names) > PLACES_SHOWN:
            text += _("等 %(count)s 处") % {"count": len(names)}
        return text

    @admin.display(description=_("修改时间"), ordering="updated_at")
    def updated(self, obj: Any) -> str:
        return f"{timezone.localtime(obj.updated_at):%Y-%m-%d}"

    @admin.display(description=_("发布状态"), ordering="status")
    def status_badge(self, obj: Any) -> str:
        returned = obj.status == Initiative.Status.DRAFT and obj.returned_reason
        name = _("被退回") if returned else obj.get_status_display()
        if obj.revises_id:
            name = format_html("{} · {}", _("修订稿"), name)
        return format_html(
            '<span class="status status-{}">{}</span>',
            "returned" if returned else obj.status,
            name,
        )

    @admin.display(description=_("出处"), ordering="evidence_count")
    def evidence_count(self, obj: Any) -> int:
        count: int = obj.evidence_count
        return count

    @admin.display(description=_("查看"))
    def look(self, obj: Any) -> str:
        if obj.is_published:
            url, text = obj.get_absolute_url(), _("公开页")
        else:
            url, text = reverse("admin:cases_initiative_preview", args=[obj.pk]), _("预览")
        # Links of one name must differ for those who hear them read.
        return format_html(
            '<a href="{}">{}<span class="visually-hidden">：{}</span></a>', url, text, obj.title
        )

    # --- The page of one case ---

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Initiative | None:
        queryset = for_record(Initiative.objects.all())
        if request.method == "POST":
            # Two who save at once follow one another; otherwise the later one would put back
            # the status that it read before the earlier one changed it.
            queryset = queryset.select_for_update(of=("self",))
        try:
            return queryset.get(pk=self.opts.pk.to_python(object_id))
        except (Initiative.DoesNotExist, forms.ValidationError, ValueError):
            return None

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = [(part[0], {"fields": part[1]}) for part in self.page if isinstance(part, tuple)]
        if self._asks_for_note(request, obj):
            sets.append((_("发布"), {"fields": ["revision_note"]}))
        read_only = obj is not None and not self.has_change_permission(request, obj)
        return self.readable(sets) if read_only else sets

    def _asks_for_note(self, request: HttpRequest, obj: Any) -> bool:
        return (
            obj is not None
            and (obj.current_revision_id is not None or obj.revises_id is not None)
            and self.has_change_permission(request, obj)
            and publishing.may_publish(request.user)
        )

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        public = obj is not None and obj.current_revision_id is not None
        return obj.get_absolute_url() if public else None

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method == "POST":
            self.refuse_verbs(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _changeform_view(
        self, request: HttpRequest, object_id: Any, form_url: str, extra_context: Any
    ) -> HttpResponse:
        try:
            response: HttpResponse = super()._changeform_view(  # type: ignore[misc]
                request, object_id, form_url, extra_context
            )
        except PermissionDenied as error:
            if request.method != "POST" or object_id is None or str(error):
                raise
            raise PermissionDenied(
                _(
                    "这个案例现在不能由您修改：它已提交审核或已发布。请返回上一页，先复制所写的内容。"
                )
            ) from error
        return response

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        # The only place where the formsets of one form meet before they are validated.
        formsets, instances = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        rows.link(formsets)
        return formsets, instances

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            # Only what the form holds: status and version are publishing.py's.
            names = [f.name for f in self.opts.concrete_fields if f.name in form.fields]
            obj.save(update_fields=[*names, "updated_at"])
        else:
            obj.created_by = request.user
            obj.save()
            publishing.log(obj, Event.Verb.CREATED, cast(User, request.user))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_m2m()
        rows.save(form.instance, formsets)
        include_parent_districts(form.instance)
        if change and form.instance.publish_at:
            self._unschedule_changed(request, form)

    def _unschedule_changed(self, request: HttpRequest, form: Any) -> None:
        if digests(to_record(self.stored(form.instance))) != form.stored_digests:
            publishing.unschedule(form.instance, cast(User, request.user))
            text = _("内容改了，定时发布已取消；核对后请重新定时。")
            self.message_user(request, text, messages.WARNING)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        self.settle(context)
        context |= {"parts": self._parts(context), **self.actions_for(request, obj)}
        if obj is not None:
            stored = self.stored(obj) if request.method == "POST" else obj
            context |= {
                "stored": stored,
                "missing": self.checklist(stored),
                "revisions": obj.revisions.defer("record").order_by("-number"),
            }
        if context["errors"]:
            context["faults"] = self._faults(context)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _parts(self, context: dict[str, Any]) -> list[dict[str, Any]]:
        """Return fieldsets and inlines in the order of `page`."""
        fieldsets = iter(context["adminform"])
        formsets = {type(f.opts): f for f in context["inline_admin_formsets"]}
        parts: list[dict[str, Any]] = []
        for part in self.page:
            if isinstance(part, tuple):
                parts.append({"fieldset": next(fieldsets)})
            elif part in formsets:
                parts.append({"formset": formsets[part]})
        return parts + [{"fieldset": fieldset} for fieldset in fieldsets]

    def _faults(self, context: dict[str, Any]) -> list[dict[str, str]]:
        """Return every error of the form with the place where it is mended."""
        form = context["adminform"].form
        faults = [
            {"label": str(form.fields[name].label), "anchor": f"id_{name}", "message": message}
            for name, messages in form.errors.items()
            if name in form.fields
            for message in messages
        ]
        for inline in context["inline_admin_formsets"]:
            label = str(inline.opts.verbose_name_plural)
            group = f"{inline.formset.prefix}-group"
            faults += [
                {"label": label, "anchor": group, "message": message}
                for message in inline.formset.non_form_errors()
            ]
            for number, row in enumerate(inline.formset.forms, start=1):
                faults += [
                    {
                        "label": _("%(group)s第 %(number)s 行%(field)s")
                        % {
                            "group": label,
                            "number": number,
                            "field": f"“{row.fields[name].label}”" if name in row.fields else "",
                        },
                        "anchor": row[name].id_for_label if name in row.fields else group,
                        "message": message,
                    }
                    for name, messages in row.errors.items()
                    for message in messages
                ]
        return faults
