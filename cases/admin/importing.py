"""The page “从文章导入”: what was found in an article, accepted or dropped one by one."""

import base64
import re
from collections.abc import Iterator
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
from cases.importing.extraction import Draft, Findings, find
from cases.importing.gazetteer import Gazetteer
from cases.models import Source
from cases.models.dates import validate_partial_date
from cases.records import Record

from .workflow import WorkflowAdmin

LARGEST_FILE = 1_500_000
NEW = "new"


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


class SourceForm(forms.Form):
    """What the article says of itself, as it goes into its source."""

    title = forms.CharField(label=gettext_lazy("标题"), max_length=200, required=False)
    authors = forms.CharField(
        label=gettext_lazy("作者"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("几位之间用“、”隔开"),
    )
    publisher = forms.CharField(label=gettext_lazy("发布者"), max_length=100, required=False)
    date = forms.CharField(
        label=gettext_lazy("日期"),
        max_length=10,
        required=False,
        validators=[validate_partial_date],
        help_text=gettext_lazy("2014、2014-07 或 2014-07-01"),
    )

    @staticmethod
    def told_by(article: Article) -> dict[str, str]:
        return {
            "title": article.title,
            "authors": "、".join(article.authors),
            "publisher": article.publisher,
            "date": article.date,
        }

    def told(self, article: Article) -> Article:
        """Return the article with what the form says of it."""
        data = self.cleaned_data
        names = [name.strip() for name in re.split(r"[、,，;；\n]", data["authors"])]
        return replace(
            article,
            title=data["title"],
            authors=tuple(dict.fromkeys(filter(None, names))),
            publisher=data["publisher"],
            date=data["date"],
        )


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

    def _found(
        self,
        request: HttpRequest,
        article: Article,
        data: bytes,
        url: str,
        form: SourceForm | None = None,
    ) -> HttpResponse:
        """Show what was found; with `form` what was posted, which is to be mended."""
        gazetteer = Gazetteer.load()
        findings = find(article, gazetteer)
        records = drafts.drafts_from(findings, drafts.source_of(article), gazetteer)
        known = drafts.known_source(article)
        sources = duplicates.likely_sources(article.title, article.date, article.url)
        posted = request.POST if form else None
        found = [
            {
                "number": number,
                "title": posted.get(f"title-{number}", "") if posted else draft.title,
                "draft": draft,
                "groups": _grouped(drafts.items_of(draft, findings, gazetteer)),
                "starts": drafts.starts_of(draft, findings),
                "start": posted.get(f"start-{number}", "") if posted else "",
                "likely": duplicates.likely_cases(record),
            }
            for number, (draft, record) in enumerate(zip(findings.drafts, records, strict=True))
        ]
        if posted:
            dropped = {box for item in found for box in _boxes(item)} - {*posted.getlist("keep")}
        else:
            # What is here already is taken only by somebody who says so.
            dropped = {str(item["number"]) for item in found if item["likely"]}
        response = self.desk_page(
            request,
            "admin/desk/import_found.html",
            title=_("文章里找到的"),
            here="import",
            findings=findings,
            data=base64.b64encode(data).decode(),
            url=url,
            form=form or SourceForm(initial=SourceForm.told_by(article), prefix="source"),
            known=known,
            sources=sources,
            source=posted.get("source") if posted else str(known[0].pk) if known else NEW,
            drafts=found,
            dropped=dropped,
        )
        response.status_code = 400 if form else 200
        return response

    def _store(self, request: HttpRequest) -> HttpResponse:
        again = HttpResponseRedirect(reverse("admin:cases_initiative_import"))
        gazetteer = Gazetteer.load()
        try:
            data = base64.b64decode(request.POST["article"], validate=True)
            article = reading.read(data, request.POST.get("url", ""))
        except ValueError:  # not base64, or not to be read
            messages.error(request, _("文章没有读出来，请重新导入。"))
            return again
        findings = find(article, gazetteer)
        form = SourceForm(request.POST, prefix="source")
        if "source-title" in request.POST:
            if not form.is_valid():
                return self._found(request, article, data, article.url, form)
            article = form.told(article)
        keep = set(request.POST.getlist("keep"))
        only = request.POST.get("only")
        numbers = {only} if only else keep
        source = drafts.source_of(article, _source_key(request, article))
        chosen: list[Record] = []
        any_chosen = False
        for number, draft in enumerate(findings.drafts):
            if str(number) not in numbers:
                continue
            any_chosen = True
            record = _record(request, number, draft, keep, findings, article, source, gazetteer)
            if self._is_new(request, number, record):
                chosen.append(record)
        if not any_chosen:
            messages.warning(request, _("没有选中任何案例，没有建立草稿。"))
            return again
        findings = replace(findings, article=article)
        report = drafts.store(findings, gazetteer, request.user, chosen=chosen)
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


def _boxes(found: dict[str, Any]) -> Iterator[str]:
    """Yield the values of all boxes of a case on the page."""
    yield str(found["number"])
    for _title, items in found["groups"]:
        for item in items:
            yield f"{found['number']}/{item.id}"


def _source_key(request: HttpRequest, article: Article) -> str:
    """Return the key of the source that was chosen or is known; "" for a new one.

    A source that came while the page was open is known although “new” was chosen.
    """
    chosen = request.POST.get("source", "")
    if chosen.isdecimal() and len(chosen) < 18:
        source = Source.objects.filter(pk=chosen).first()
        if source:
            return source.key
    known = drafts.known_source(article)
    seen = request.POST.get("seen-sources", "").split()
    if known is None or (chosen == NEW and str(known[0].pk) in seen):
        return ""
    return known[0].key


def _record(
    request: HttpRequest,
    number: int,
    draft: Draft,
    keep: set[str],
    findings: Findings,
    article: Article,
    source: Record,
    gazetteer: Gazetteer,
) -> Record:
    """Return a case with the title as typed, without what was not kept, with what was added."""
    offered = {item.id for item in drafts.items_of(draft, findings, gazetteer)} - {"title"}
    dropped = {name for name in offered if f"{number}/{name}" not in keep}
    title = request.POST.get(f"title-{number}", "").strip()[:80] or draft.title
    kept = replace(drafts.without(draft, dropped), title=title)
    record = drafts.record_of(kept, article, source, gazetteer)
    if "as_of" in dropped:
        record["status"]["as_of"] = None
    start = request.POST.get(f"start-{number}", "")
    if start in {str(year) for year in draft.years}:
        record["period"] = {"start": start, "end": None}
    return record
