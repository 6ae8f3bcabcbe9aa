"""The page “从文章导入”: what was found in an article, accepted or dropped one by one."""

import base64
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases.importing import drafts, duplicates, reading
from cases.importing.article import Article
from cases.importing.extraction import Draft, find
from cases.importing.gazetteer import Gazetteer
from cases.records import Record

from .workflow import WorkflowAdmin

LARGEST_FILE = 1_500_000


class ArticleForm(forms.Form):
    """An article as text or as a file. The address is kept, not fetched."""

    text = forms.CharField(
        label=gettext_lazy("文章全文"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        help_text=gettext_lazy("连同标题、作者、日期一起粘贴；网页源代码也可以"),
    )
    file = forms.FileField(
        label=gettext_lazy("或选择文件"),
        required=False,
        help_text=gettext_lazy("文本、网页（HTML）或 Word（.docx），不超过 1.5 MB"),
    )
    url = forms.URLField(
        label=gettext_lazy("文章网址"),
        required=False,
        assume_scheme="https",
        help_text=gettext_lazy("只记下来，不会去访问"),
    )

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if file and (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(_("文件超过 1.5 MB。"))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("text", "").strip() and not cleaned.get("file"):
            raise forms.ValidationError(_("请粘贴文章，或选择一个文件。"))
        return cleaned

    def data_of_article(self) -> bytes:
        file: UploadedFile | None = self.cleaned_data["file"]
        text: str = self.cleaned_data["text"]
        return file.read() if file else text.encode()


class ImportAdmin(WorkflowAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = require_http_methods(["GET", "POST"])(self.import_view)
        return [
            path("import/", self.admin_site.admin_view(view), name="cases_initiative_import"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """First the article, then what was found in it; drafts are made of what was kept."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if "article" in request.POST:
            return self._store(request)
        form = ArticleForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            data, url = form.data_of_article(), form.cleaned_data["url"]
            try:
                article = reading.read(data, url)
            except reading.ReadingError as error:
                form.add_error(None, str(error))
            else:
                return self._found(request, article, data, url)
        response = self.desk_page(
            request, "admin/desk/import.html", title=_("从文章导入"), here="import", form=form
        )
        response.status_code = 400 if request.method == "POST" else 200
        return response

    def _found(self, request: HttpRequest, article: Article, data: bytes, url: str) -> HttpResponse:
        gazetteer = Gazetteer.load()
        findings = find(article, gazetteer)
        records = drafts.drafts_from(findings, drafts.source_of(article), gazetteer)
        return self.desk_page(
            request,
            "admin/desk/import_found.html",
            title=_("文章里找到的"),
            here="import",
            findings=findings,
            article=article,
            data=base64.b64encode(data).decode(),
            url=url,
            known=drafts.known_source(article),
            sources=duplicates.likely_sources(article.title, article.date, article.url),
            drafts=[
                {
                    "number": number,
                    "draft": draft,
                    "groups": _grouped(drafts.items_of(draft, gazetteer)),
                    "likely": duplicates.likely_cases(record),
                }
                for number, (draft, record) in enumerate(zip(findings.drafts, records, strict=True))
            ],
        )

    def _store(self, request: HttpRequest) -> HttpResponse:
        again = HttpResponseRedirect(reverse("admin:cases_initiative_import"))
        gazetteer = Gazetteer.load()
        try:
            data = base64.b64decode(request.POST["article"], validate=True)
            findings = find(reading.read(data, request.POST.get("url", "")), gazetteer)
        except ValueError:  # not base64, or not to be read
            messages.error(request, _("文章没有读出来，请重新导入。"))
            return again
        keep = set(request.POST.getlist("keep"))
        only = request.POST.get("only")
        numbers = {only} if only else keep
        chosen = {
            number: _kept(draft, number, keep, request.POST.get(f"title-{number}", ""), gazetteer)
            for number, draft in enumerate(findings.drafts)
            if str(number) in numbers
        }
        if not chosen:
            messages.warning(request, _("没有选中任何案例，没有建立草稿。"))
            return again
        findings = replace(findings, drafts=tuple(chosen.values()))
        records = drafts.drafts_from(findings, drafts.source_of(findings.article), gazetteer)
        new = [
            draft
            for (number, draft), record in zip(chosen.items(), records, strict=True)
            if self._is_new(request, number, record)
        ]
        findings = replace(findings, drafts=tuple(new))
        report = drafts.store(findings, gazetteer, request.user, chosen=True)
        for case in report.created:
            address = reverse("admin:cases_initiative_change", args=[case.pk])
            messages.success(
                request,
                format_html('{}<a href="{}">{}</a>', _("已建立草稿："), address, case.title),
            )
        if len(report.created) == 1:
            return HttpResponseRedirect(address)
        return HttpResponseRedirect(reverse("admin:cases_initiative_my_work"))

    def _is_new(self, request: HttpRequest, number: int, record: Record) -> bool:
        """Say whether the editor saw all cases that may be this one; else tell of the others.

        They came meanwhile, mostly by sending the same page twice.
        """
        seen = set(request.POST.get(f"seen-{number}", "").split())
        likely = duplicates.likely_cases(record)
        others = [(case, reason) for case, reason in likely if str(case.pk) not in seen]
        for case, reason in others:
            lead = _("“%(title)s”没有存，可能已有：") % {"title": record["title"]}
            address = reverse("admin:cases_initiative_change", args=[case.pk])
            messages.warning(
                request,
                format_html('{}<a href="{}">{}</a>（{}）', lead, address, case.title, reason),
            )
        return not others


def _grouped(items: list[drafts.Item]) -> list[tuple[str, list[drafts.Item]]]:
    """Return the items by their kind; the title is a field of its own."""
    groups: dict[str, list[drafts.Item]] = {}
    for item in items:
        if item.id != "title":
            groups.setdefault(item.kind, []).append(item)
    return list(groups.items())


def _kept(draft: Draft, number: int, keep: set[str], title: str, gazetteer: Gazetteer) -> Draft:
    """Return the draft with the title as typed, and without what was not kept."""
    offered = {item.id for item in drafts.items_of(draft, gazetteer)} - {"title"}
    dropped = {name for name in offered if f"{number}/{name}" not in keep}
    return replace(drafts.without(draft, dropped), title=title.strip()[:80] or draft.title)
