"""Versions on the desk: working copies, the page a reviewer judges by, restoring and merging.

What may be done is decided by publishing.py; here it is only offered, asked for and told.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cases import publishing, quality
from cases.merging import lost
from cases.models import Event, Initiative, Revision
from cases.outputs import diffs
from cases.records import RecordError, for_record, to_record

from .asking import MergeForm, NoteForm, ScheduleForm
from .queues import public_record
from .workflow import WorkflowAdmin

EVENTS_SHOWN = 50
Status = Initiative.Status
# Why a verb is not done though it may be.
REFUSALS = (publishing.WrongStatus, publishing.NotReady, RecordError)


class RevisingAdmin(WorkflowAdmin):
    """What an InitiativeAdmin adds for cases that have been public."""

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"cases_initiative_{name}")

        return [
            at("<int:pk>/revise/", require_POST(self.revise_view), "revise"),
            at("<int:pk>/review/", require_safe(self.review_view), "review"),
            at("<int:pk>/publish/", require_POST(self.publish_view), "publish"),
            at("<int:pk>/schedule/", self.schedule_view, "schedule"),
            at("<int:pk>/restore/<int:number>/", self.restore_view, "restore"),
            at("<int:pk>/merge/", self.merge_view, "merge"),
            *super().get_urls(),
        ]

    # --- What may be done, and what the page of a case shows ---

    def actions_for(self, request: HttpRequest, obj: Initiative | None) -> dict[str, Any]:
        found = super().actions_for(request, obj)
        if obj is None:
            return found
        copy = Initiative.objects.filter(revises=obj).first() if obj.is_published else None
        free = obj.is_published and copy is None
        reviewer = publishing.may_publish(request.user)
        return found | {
            "working_copy": copy,
            "can_revise": free and self.has_change_permission(request),
            "can_withdraw": found["can_withdraw"] and free,
            "can_restore": free and reviewer,
            "can_merge": free and reviewer,
            "can_schedule": reviewer and obj.status == Status.REVIEW,
        }

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            context["events"] = self.events(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def events(self, obj: Initiative) -> Any:
        """Return what was done to a case lately; a working copy goes on where its case stood."""
        rows = Event.objects.filter(initiative__in=[obj.pk, *filter(None, [obj.revises_id])])
        return rows.order_by("-id")[:EVENTS_SHOWN]

    # --- A working copy ---

    def revise_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        obj = get_object_or_404(Initiative, pk=pk)
        known = Initiative.objects.filter(revises=obj).exists()
        try:
            copy = publishing.start_revision(obj, by=_user(request))
        except REFUSALS as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._to("change", pk)
        if known:
            self.message_user(request, _("这个案例已有修订稿，就是这一份。"), messages.WARNING)
        else:
            self.log_change(request, obj, _("开始修订。"))
            text = _("这是修订稿。改好后提交审核；发布之前公开页不变。")
            self.message_user(request, text, messages.SUCCESS)
        return self._to("change", copy.pk)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> Any:
        if context["object"].revises_id:
            context["title"] = _("放弃修订")
        return super().render_delete_form(request, context)

    # What is done to a working copy is logged with its case: the copy goes, the case stays.

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_change(request, obj.revises or obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        copies = [obj for obj in queryset if obj.revises]
        for copy in copies:
            self.log_change(request, copy, _("放弃修订。"))
        others: Any = [obj for obj in queryset if obj not in copies]
        return super().log_deletions(request, others)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is not None and obj.revises_id and self.has_view_permission(request, obj):
            return self._to("history", obj.revises_id)
        return super().history_view(request, object_id, extra_context)

    # --- The page a reviewer judges by ---

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        obj = self._whole(pk)
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        return self._review(request, obj)

    def _whole(self, pk: int) -> Initiative:
        rows = for_record(Initiative.objects.select_related("revises__current_revision"))
        return get_object_or_404(rows, pk=pk)

    def _review(
        self, request: HttpRequest, obj: Initiative, note: str = "", status: int = 200
    ) -> HttpResponse:
        record, before = to_record(obj), public_record(obj)
        problems = [] if obj.is_published else quality.problems(record)
        actions = self.actions_for(request, obj)
        # A draft is its writer's: it is published from the form on which all of it stands.
        actions["can_publish"] = actions["can_publish"] and obj.status != Status.DRAFT
        return self.desk_page(
            request,
            "admin/cases/initiative/review.html",
            title=_("审阅"),
            subtitle=obj.title,
            original=obj,
            before=before,
            changes=diffs.compare(before, record) if before else [],
            missing=[
                {"message": problem.message, "anchor": self.anchor(problem.field)}
                for problem in problems
            ],
            events=self.events(obj),
            has_change_permission=self.has_change_permission(request, obj),
            seen=publishing.digest(obj),
            note=note,
            status=status,
            **actions,
        )

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        obj = self._reviewers(request, pk)
        note = request.POST.get("revision_note", "")
        form = NoteForm(request.POST)
        try:
            if not form.is_valid():
                raise publishing.WrongStatus(form.errors["revision_note"][0])
            case = self.publish(request, obj, note.strip(), seen=request.POST.get("seen", ""))
        except publishing.Changed:
            self._tell_changed(request)
        except publishing.NotReady as error:
            text = _("还不能发布：缺 %(count)s 项，列在下面。")
            self.message_user(request, text % {"count": len(error.problems)}, messages.ERROR)
        except publishing.WrongStatus as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            return self._to("change", case.pk)
        return self._review(request, self._whole(pk), note, status=409)

    def schedule_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        self._reviewers(request, pk)
        obj = self._whole(pk)
        if obj.status != Status.REVIEW:
            return self._refused(request, obj)
        # What the reviewer has read stands on the page from which he comes.
        seen, status = request.GET.get("seen") or publishing.digest(obj), 200
        initial = {}
        if obj.publish_at:
            local = timezone.localtime(obj.publish_at)
            initial = {"date": local.date(), "time": local.time()}
        form = ScheduleForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid():
            at = form.at()
            try:
                publishing.schedule(obj, _user(request), at, request.POST.get("seen", ""))
            except publishing.Changed:
                self._tell_changed(request)
                obj, status = self._whole(pk), 409
                seen = publishing.digest(obj)
            except REFUSALS as error:
                form.add_error(None, str(error))
            else:
                text = _("已定于 %(at)s 发布。") % {"at": f"{at:%Y-%m-%d %H:%M}"}
                self.log_change(request, obj, text)
                self.message_user(request, text, messages.SUCCESS)
                return self._to("review", pk)
        before = public_record(obj)
        return self.desk_page(
            request,
            "admin/cases/initiative/confirm.html",
            title=_("定时发布"),
            original=obj,
            lead=_("到了时间自动发布；在那之前可以退回或修改，定时随之取消。"),
            button=_("定时发布"),
            form=form,
            changes=diffs.compare(before, to_record(obj)) if before else [],
            compared=before is not None,
            preview=True,
            hidden={"seen": seen},
            status=status,
        )

    # --- Earlier versions, and cases told twice ---

    def restore_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        obj = self._reviewers(request, pk)
        revision = get_object_or_404(Revision, initiative=obj, number=number)
        current = obj.current_revision
        if not obj.is_published or current is None:
            return self._refused(request, obj)
        status = 200
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            done = self._do(
                request,
                obj,
                lambda: publishing.restore(obj, number, _user(request), seen),
                _("已恢复第 %(n)s 版的内容，发布为新的一版。") % {"n": number},
            )
            if done:
                return done
            status = 409
            obj = self._reviewers(request, pk)
            current = cast(Revision, obj.current_revision)
        return self.desk_page(
            request,
            "admin/cases/initiative/confirm.html",
            title=_("恢复第 %(n)s 版") % {"n": number},
            original=obj,
            lead=_("第 %(old)s 版的内容将发布为第 %(new)s 版，以前各版都保留。公开页会这样改变：")
            % {"old": number, "new": current.number + 1},
            button=_("恢复并发布"),
            warnings=self._lost(obj, current, revision),
            changes=diffs.compare(current.record, revision.record),
            compared=True,
            hidden={"seen": publishing.public_digest(obj)},
            status=status,
        )

    def _lost(self, obj: Initiative, current: Revision, revision: Revision) -> list[str]:
        """Say of which merged cases the evidence goes when an earlier version comes back."""
        text = _(
            "案例 %(pk)s“%(title)s”是在这一版之后并入的：恢复后，从它并入的 %(count)s 条出处"
            "不再出现在公开页上。"
        )
        merged = obj.merged_cases.select_related("current_revision")
        return [
            text % {"pk": row.pk, "title": row.title, "count": count}
            for row in merged
            if row.current_revision
            and (count := lost(current.record, revision.record, row.current_revision.record))
        ]

    def merge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        obj = self._reviewers(request, pk)
        if not obj.is_published:
            return self._refused(request, obj)
        asked = request.POST if request.method == "POST" else request.GET
        chosen = "into" in asked or "number" in asked
        form = MergeForm(asked if chosen else None, gone=obj, site=self.admin_site)
        context: dict[str, Any] = {"title": _("合并案例"), "original": obj}
        if not form.is_valid():
            lead = _("这个案例的出处、数据、地点和名称加进另一个案例，它的地址以后转到那里。")
            return self.desk_page(
                request,
                "admin/cases/initiative/merge.html",
                **context,
                lead=lead,
                form=form,
                media=self.media + form.media,
            )
        kept = form.cleaned_data["into"]
        status = 200
        if request.method == "POST":
            seen = request.POST.get("seen", "")
            done = self._do(
                request,
                obj,
                lambda: publishing.merge(obj, kept, _user(request), seen),
                _("已并入“%(title)s”。") % {"title": kept.title},
                shown=kept.pk,
            )
            if done:
                return done
            status = 409
            obj, kept = self._reviewers(request, pk), self._reviewers(request, kept.pk)
        before = kept.current_revision.record
        added = publishing.joined(before, cast(Revision, obj.current_revision).record)
        return self.desk_page(
            request,
            "admin/cases/initiative/confirm.html",
            **context,
            lead=_(
                "并入“%(title)s”。这个案例的地址从此转到那里，正文留在它自己的版本里。"
                "“%(title)s”会这样改变："
            )
            % {"title": kept.title},
            button=_("合并并发布"),
            changes=diffs.compare(before, added),
            compared=True,
            hidden={"into": kept.pk, "seen": publishing.public_digest(obj, kept)},
            status=status,
        )

    # --- Shared ---

    def _reviewers(self, request: HttpRequest, pk: int) -> Initiative:
        """Return the case for somebody who may publish; anybody else is refused first."""
        if not publishing.may_publish(request.user) or not self.has_view_permission(request):
            raise PermissionDenied(_("您没有发布案例的权限。"))
        rows = Initiative.objects.select_related("current_revision", "revises__current_revision")
        return get_object_or_404(rows, pk=pk)

    def _refused(self, request: HttpRequest, obj: Initiative) -> HttpResponse:
        text = _("案例现在是“%s”，不能这样做。") % obj.get_status_display()
        self.message_user(request, text, messages.ERROR)
        return self._to("change", obj.pk)

    def _do(
        self,
        request: HttpRequest,
        obj: Initiative,
        verb: Callable[[], Any],
        done: str,
        shown: int | None = None,
    ) -> HttpResponse | None:
        """Do it and lead on; None, with a message, where other people were quicker."""
        try:
            verb()
        except publishing.Changed:
            self._tell_changed(request)
            return None
        except REFUSALS as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._to("change", obj.pk)
        self.log_change(request, obj, done)
        url = reverse("cases:case", args=[shown or obj.pk])
        link = format_html('{} <a href="{}">{}</a>', done, url, _("查看公开页"))
        self.message_user(request, link, messages.SUCCESS)
        return self._to("change", shown or obj.pk)

    def _tell_changed(self, request: HttpRequest) -> None:
        text = _("没有办理：您打开这一页之后，内容有变动。下面是现在的样子，请核对后再决定。")
        self.message_user(request, text, messages.ERROR)

    def _to(self, page: str, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse(f"admin:cases_initiative_{page}", args=[pk]))


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
