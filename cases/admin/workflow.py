"""The verbs of publishing as buttons on a case's page, and what stands in their way.

What may be done is decided by publishing.py; here it is only offered, asked for and told.
"""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import publishing, quality
from cases.models import Initiative
from cases.records import for_record, to_record
from cases.views.cases import case_context

Status = Initiative.Status


class ReasonForm(forms.Form):
    """Why a case is sent back or withdrawn, in the length of the field that keeps it."""

    def __init__(self, *args: Any, field: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = cast(models.CharField, Initiative._meta.get_field(field)).max_length
        self.fields["reason"] = forms.CharField(
            label=_("理由"),
            max_length=most,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=_("不超过 %(most)s 字") % {"most": most},
        )


def may_edit(user: Any, initiative: Initiative) -> bool:
    """Say whether the case may be edited now by somebody who may edit cases.

    A published case is nobody's to edit: the public reads it. What waits for a reviewer stays
    as it was submitted unless the reviewer changes it, and so does what was withdrawn.
    """
    if initiative.status == Status.DRAFT:
        return True
    if initiative.merged_into_id is not None:
        return False
    return initiative.status != Status.PUBLISHED and publishing.may_publish(user)


def may_delete(user: Any, initiative: Initiative) -> bool:
    """Say whether the case is a draft that never was public, and its writer's or a reviewer's."""
    if initiative.current_revision_id is not None:
        return False
    own = initiative.created_by_id == user.pk and initiative.status == Status.DRAFT
    return own or publishing.may_publish(user)


class WorkflowAdmin(admin.ModelAdmin):
    """Buttons, pages and messages of the verbs; what an InitiativeAdmin adds to its form."""

    # A button's name in the posted form, and whether it is a reviewer's.
    VERBS = {"_submit": False, "_publish": True}

    def get_urls(self) -> list[URLPattern]:
        def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(view)

        return [
            path(
                "<int:pk>/preview/",
                wrap(require_safe(self.preview_view)),
                name="cases_initiative_preview",
            ),
            path(
                "<int:pk>/send-back/", wrap(self.send_back_view), name="cases_initiative_send_back"
            ),
            path("<int:pk>/withdraw/", wrap(self.withdraw_view), name="cases_initiative_withdraw"),
            *super().get_urls(),
        ]

    # --- What may be done ---

    def actions_for(self, request: HttpRequest, obj: Initiative | None) -> dict[str, Any]:
        """Return which verbs the page offers to this user, by name."""
        status = obj.status if obj else Status.DRAFT
        reviewer = publishing.may_publish(request.user)
        editable = self.has_change_permission(request, obj) if obj else True
        return {
            "can_submit": editable and status == Status.DRAFT,
            "can_publish": editable and reviewer and status != Status.PUBLISHED,
            "can_send_back": reviewer and status == Status.REVIEW,
            "can_withdraw": reviewer and status == Status.PUBLISHED,
        }

    def refuse_verbs(self, request: HttpRequest) -> None:
        """Refuse a posted verb that is not the user's, before anything is saved."""
        for name, is_reviewers in self.VERBS.items():
            if name in request.POST and is_reviewers and not publishing.may_publish(request.user):
                raise PermissionDenied(_("您没有发布案例的权限。"))

    # --- Submit and publish: the form has been saved before ---

    def response_add(
        self, request: HttpRequest, obj: Initiative, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._answer(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Initiative) -> HttpResponse:
        return self._answer(request, obj) or super().response_change(request, obj)

    def _answer(self, request: HttpRequest, obj: Initiative) -> HttpResponse | None:
        if "_preview" in request.POST:
            return HttpResponseRedirect(reverse("admin:cases_initiative_preview", args=[obj.pk]))
        if "_submit" in request.POST:
            shown = self._try(request, obj, self._submit)
        elif "_publish" in request.POST:
            shown = self._try(request, obj, self._publish)
        else:
            return None
        return HttpResponseRedirect(reverse("admin:cases_initiative_change", args=[shown.pk]))

    def _try(
        self,
        request: HttpRequest,
        obj: Initiative,
        verb: Callable[[HttpRequest, Initiative], Initiative],
    ) -> Initiative:
        """Do it, or say why not; return the case whose page is to be shown next."""
        try:
            return verb(request, obj)
        except publishing.NotReady as error:
            text = _("已保存，但还不能继续：缺 %(count)s 项，列在下面。")
            self.message_user(request, text % {"count": len(error.problems)}, messages.ERROR)
        except publishing.WrongStatus as error:
            self.message_user(request, str(error), messages.ERROR)
        return obj

    def _submit(self, request: HttpRequest, obj: Initiative) -> Initiative:
        publishing.submit(obj, by=cast(User, request.user))
        self.log_change(request, obj, _("提交审核。"))
        self.message_user(request, _("已提交审核。"), messages.SUCCESS)
        return obj

    def _publish(self, request: HttpRequest, obj: Initiative) -> Initiative:
        return self.publish(request, obj, request.POST.get("revision_note", "").strip())

    def publish(
        self, request: HttpRequest, obj: Initiative, note: str, seen: str | None = None
    ) -> Initiative:
        """Publish, tell it, and return the case whose page now shows the text."""
        revision = publishing.publish(obj, by=cast(User, request.user), note=note, seen=seen)
        # A working copy is gone now, and its content stands in the case that it revised.
        case = revision.initiative
        text = _("已发布为第 %(n)s 版。") % {"n": revision.number}
        self.log_change(request, case, text)
        link = format_html('{} <a href="{}">{}</a>', text, case.get_absolute_url(), _("查看公开页"))
        self.message_user(request, link, messages.SUCCESS)
        return case

    def delete_model(self, request: HttpRequest, obj: Initiative) -> None:
        publishing.delete_draft(obj, cast(User, request.user))

    # --- Send back and withdraw: on a page of their own, with a reason ---

    def send_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._reason_view(
            request,
            pk,
            "returned_reason",
            publishing.send_back,
            Status.REVIEW,
            {
                "title": _("退回案例"),
                "lead": _("案例回到草稿状态，编辑会看到下面的理由。"),
                "button": _("退回"),
                "done": _("已退回给编辑。"),
            },
        )

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._reason_view(
            request,
            pk,
            "withdrawal_reason",
            publishing.withdraw,
            Status.PUBLISHED,
            {
                "title": _("撤回案例"),
                "lead": _(
                    "公开页将只显示标题、撤回日期和下面的理由。撤回后可以修改，再发布为下一版。"
                ),
                "button": _("撤回"),
                "done": _("已撤回。"),
            },
        )

    def _reason_view(
        self,
        request: HttpRequest,
        pk: int,
        field: str,
        verb: Callable[..., None],
        status: str,
        texts: dict[str, str],
    ) -> HttpResponse:
        obj = get_object_or_404(Initiative, pk=pk)
        if not publishing.may_publish(request.user) or not self.has_view_permission(request, obj):
            raise PermissionDenied(_("您没有发布案例的权限。"))
        back = HttpResponseRedirect(reverse("admin:cases_initiative_change", args=[pk]))
        if obj.status != status:
            now = obj.get_status_display()
            self.message_user(request, _("案例现在是“%s”，不能这样做。") % now, messages.ERROR)
            return back
        form = ReasonForm(request.POST or None, field=field)
        if request.method == "POST" and form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                verb(obj, request.user, reason)
            except publishing.WrongStatus as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.log_change(request, obj, f"{texts['button']}：{reason}")
                self.message_user(request, texts["done"], messages.SUCCESS)
            return back
        context = {
            **self.admin_site.each_context(request),
            **texts,
            "opts": self.opts,
            "original": obj,
            "form": form,
        }
        return TemplateResponse(request, "admin/cases/initiative/reason.html", context)

    # --- What the page shows besides the form ---

    def desk_page(
        self, request: HttpRequest, template: str, status: int = 200, **context: Any
    ) -> HttpResponse:
        """Return a page of the desk that is not a form of Django's own."""
        shared = {"opts": self.opts, "media": self.media, "here": ""}
        return TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), **shared, **context},
            status=status,
        )

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The public page as it would be now; never cached, like every page of the desk."""
        obj = get_object_or_404(for_record(Initiative.objects.all()), pk=pk)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        record = to_record(obj)
        context = {
            **case_context(record),
            "preview": True,
            "initiative": obj,
            "problems": quality.problems(record),
        }
        return TemplateResponse(request, "admin/cases/initiative/preview.html", context)

    def checklist(self, initiative: Initiative) -> list[dict[str, str]]:
        """Return what is missing before publishing, each with the place on the form to mend it."""
        if initiative.status == Status.PUBLISHED:
            return []
        return [
            {"message": problem.message, "anchor": self.anchor(problem.field)}
            for problem in quality.problems(to_record(initiative))
        ]

    def anchor(self, field: str) -> str:
        """Return the id of the element that a field of the record is edited in."""
        groups = {"themes": "theme_links", "topics": "topic_links"}
        if field in ("evidence", "figures", "statements", *groups):
            return f"{groups.get(field, field)}-group"
        if field == "revisions":
            return "revisions-heading"
        # One row of many has the id that Django gives it, such as figures-3.
        is_row = field.rpartition("-")[2].isdecimal()
        return field if is_row else f"id_{field}"

    def stored(self, obj: Initiative) -> Initiative:
        """Return the case as it stands in the database, for a form that came back with errors."""
        return for_record(Initiative.objects.all()).get(pk=obj.pk)
