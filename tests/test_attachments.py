"""Images and documents of a case: safe to take, safe to show, and part of its versions."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from PIL import Image

from cases import codebook, publishing
from cases.models import Attachment, Initiative, Revision
from cases.records import RecordError, for_record, from_record, to_record

from . import axe as axe_module
from . import make
from .test_admin import change, faults, form_of, row

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def editor(client: Client) -> Any:
    user = make.make_user("editor")
    client.force_login(user)
    return user


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at 31.2, 121.4"
    Image.new(mode, size, 128).save(file, form, exif=exif)
    return file.getvalue()


def attach(
    client: Client, case: Initiative, data: bytes, name: str = "a.jpg", **values: Any
) -> Any:
    form = form_of(client, change(case)) | {"_continue": "1"}
    values = {"alt": "夜间停车", "caption": "街道供图", **values}
    row(form, "attachments", file=SimpleUploadedFile(name, data), **values)
    return client.post(change(case), form)


def record_of(case: Initiative) -> Any:
    return to_record(for_record(Initiative.objects.all()).get(pk=case.pk))


class TestTaking:
    @pytest.mark.parametrize(
        ("form", "mode", "suffix"),
        [("JPEG", "RGB", "jpg"), ("JPEG", "CMYK", "jpg"), ("PNG", "RGBA", "png"),
         ("PNG", "P", "png"), ("WEBP", "RGB", "webp")],
    )  # fmt: skip
    def test_an_image_is_drawn_anew_without_what_the_camera_wrote(
        self, client: Client, editor: Any, media: Path, form: str, mode: str, suffix: str
    ) -> None:
        case = make.make_complete_draft()
        data = picture(form, (3000, 1500), mode)
        assert attach(client, case, data, "../../坏名.exe").status_code == 302
        stored = case.attachments.get()
        assert stored.kind == "image"
        name = stored.file.name
        assert name.endswith(f".{suffix}")
        assert "坏名" not in name
        assert [path.name for path in media.iterdir()] == [name]
        kept = (media / name).read_bytes()
        assert b"taken at" not in kept
        with Image.open(io.BytesIO(kept)) as image:
            assert image.size == (2000, 1000)
            assert image.format == form

    def test_a_document_is_kept_as_it_is(self, client: Client, editor: Any, media: Path) -> None:
        case = make.make_complete_draft()
        attach(client, case, make.PDF, "a.jpg", alt="")
        stored = case.attachments.get()
        assert (stored.kind, stored.file.name[-4:]) == ("pdf", ".pdf")
        assert (media / stored.file.name).read_bytes() == make.PDF

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"<svg onload=alert(1)>", "只收 JPEG、PNG、WebP 图片和 PDF"),
            (b"GIF89a" + b"\0" * 20, "只收 JPEG、PNG、WebP 图片和 PDF"),
            (b"MZ\x90%PDF-", "只收 JPEG、PNG、WebP 图片和 PDF"),
            (picture()[:200], "只收 JPEG、PNG、WebP 图片和 PDF"),
            (b"%PDF-<script>alert(1)</script>", "不是完整的 PDF 文件"),
            (make.PDF[:-8], "不是完整的 PDF 文件"),
            (b"%PDF-x" + make.PDF, "不是完整的 PDF 文件"),
            (b"%PDF-" + b"0" * 10 * 1024 * 1024, "文件超过 10 MB"),
            (picture("PNG", (8000, 5001), "1"), "图片超过 4000 万像素"),
            (picture("PNG", (20000, 20000), "1"), "图片超过 4000 万像素"),
        ],
    )
    def test_what_is_no_image_and_no_document_or_too_large_is_refused(
        self, client: Client, editor: Any, media: Path, data: bytes, message: str
    ) -> None:
        case = make.make_complete_draft()
        assert message in faults(attach(client, case, data, "a.jpg"))
        assert list(media.iterdir()) == []

    def test_an_image_needs_words_for_those_who_cannot_see_it(
        self, client: Client, editor: Any
    ) -> None:
        case = make.make_complete_draft()
        assert "图片须写替代文字" in faults(attach(client, case, picture(), alt=""))
        attach(client, case, picture())
        data = form_of(client, change(case)) | {"attachments-0-alt": ""}
        assert "图片须写替代文字" in faults(client.post(change(case), data))
        data["attachments-0-alt"] = "另一种说法"
        assert client.post(change(case), data).status_code == 302
        assert case.attachments.get().alt == "另一种说法"


class TestShowing:
    def test_a_file_is_public_as_long_as_its_case_is(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        attach(client, case, picture())
        url = case.attachments.get().get_absolute_url()
        stranger = Client()
        assert stranger.get(url).status_code == 404
        seen = client.get(url)
        assert seen["Content-Type"] == "image/jpeg"
        assert "no-store" in seen["Cache-Control"]
        b"".join(seen.streaming_content)  # type: ignore[arg-type]
        publishing.publish(case)
        page = stranger.get(f"/cases/{case.pk}/").content.decode()
        assert f'<img src="{url}" alt="夜间停车"' in page
        assert "<figcaption>街道供图</figcaption>" in page
        public = stranger.get(url)
        assert "public" in public["Cache-Control"]
        assert public["X-Content-Type-Options"] == "nosniff"
        assert public["Content-Disposition"].startswith("inline")
        b"".join(public.streaming_content)  # type: ignore[arg-type]
        publishing.withdraw(case, None, "有误")
        assert stranger.get(url).status_code == 404

    def test_a_document_is_saved_and_not_opened(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        attach(client, case, make.PDF, caption="实施方案")
        publishing.publish(case)
        url = case.attachments.get().get_absolute_url()
        assert f'<a href="{url}">实施方案（PDF）</a>' in (
            client.get(f"/cases/{case.pk}/").content.decode()
        )
        answer = client.get(url)
        assert answer["Content-Disposition"].startswith("attachment")
        b"".join(answer.streaming_content)  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", ["..%2Fdb.sqlite3", "a.jpg", "0" * 32 + ".jpg", "x/y.jpg"])
    def test_nothing_else_is_served(self, client: Client, editor: Any, name: str) -> None:
        assert client.get(f"/media/{name}").status_code == 404


class TestVersions:
    def test_the_record_names_the_files(self, client: Client, editor: Any) -> None:
        case = make.make_complete_draft()
        assert record_of(case)["attachments"] == []
        attach(client, case, picture())
        record = record_of(case)
        name = case.attachments.get().file.name
        assert record["attachments"] == [
            {"file": name, "kind": "image", "alt": "夜间停车", "caption": "街道供图"}
        ]
        publishing.publish(case)
        jsonschema.validate(record_of(case), codebook.RECORD_SCHEMA)
        assert f"/media/{name}" in client.get("/cases.csv").getvalue().decode()

    def test_a_file_taken_away_stays_for_the_version_that_shows_it(
        self, client: Client, editor: Any, media: Path
    ) -> None:
        case = make.make_complete_draft()
        attach(client, case, picture())
        publishing.publish(case)
        url = case.attachments.get().get_absolute_url()
        copy = publishing.start_revision(case, editor)
        assert copy.attachments.get().get_absolute_url() == url
        data = form_of(client, change(copy)) | {"attachments-0-DELETE": "on"}
        assert client.post(change(copy), data).status_code == 302
        assert not copy.attachments.exists()
        publishing.publish(copy)
        assert Revision.objects.filter(initiative=case).count() == 2
        assert url not in client.get(f"/cases/{case.pk}/").content.decode()
        assert url in client.get(f"/cases/{case.pk}/v1/").content.decode()
        seen = Client().get(url)
        assert seen.status_code == 200
        b"".join(seen.streaming_content)  # type: ignore[arg-type]
        publishing.restore(case, 1, make.make_user("reviewer"))
        assert url in client.get(f"/cases/{case.pk}/").content.decode()
        assert Attachment.objects.count() == 1

    def test_a_record_cannot_name_a_file_elsewhere(self) -> None:
        item = {"file": "../db.sqlite3", "kind": "image", "alt": "x"}
        with pytest.raises(RecordError, match="不是附件的文件名"):
            from_record({"title": "新案例", "attachments": [item]})


class TestFilesThatGo:
    """A file stays while a row or a version names it, and no longer."""

    def names(self, media: Path) -> set[str]:
        return {path.name for path in media.iterdir()}

    def post(self, client: Client, case: Initiative, committing: Any, **fields: Any) -> None:
        data = form_of(client, change(case)) | {"_continue": "1"}
        data |= {f"attachments-0-{name}": value for name, value in fields.items()}
        with committing(execute=True):
            assert client.post(change(case), data).status_code == 302

    def test_with_the_row_of_a_draft_or_another_file_in_its_place(
        self, client: Client, editor: Any, media: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        committing = django_capture_on_commit_callbacks
        case = make.make_complete_draft(created_by=editor)
        attach(client, case, picture())
        first = case.attachments.get().file.name
        self.post(client, case, committing, alt="另一种说法")
        assert self.names(media) == {first}
        self.post(client, case, committing, file=SimpleUploadedFile("b.png", picture("PNG")))
        second = case.attachments.get().file.name
        assert second != first
        assert self.names(media) == {second}
        self.post(client, case, committing, DELETE="on")
        assert self.names(media) == set()
        attach(client, case, picture())
        with committing(execute=True):
            publishing.delete_draft(case, editor)
        assert self.names(media) == set()

    def test_with_a_working_copy_but_not_while_its_case_shows_them(
        self, client: Client, editor: Any, media: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        committing = django_capture_on_commit_callbacks
        case = make.make_complete_draft()
        attach(client, case, picture())
        shown = case.attachments.get().file.name
        publishing.publish(case)
        with committing(execute=True):
            copy = publishing.start_revision(case, editor)
        attach(client, copy, picture())
        assert len(self.names(media)) == 2
        with committing(execute=True):
            publishing.delete_draft(copy, editor)
        assert self.names(media) == {shown}
        copy = publishing.start_revision(case, editor)
        self.post(client, copy, committing, file=SimpleUploadedFile("b.png", picture("PNG")))
        with committing(execute=True):
            publishing.publish(copy)
        now = case.attachments.get(removed=False).file.name
        assert self.names(media) == {shown, now}
        b"".join(Client().get(f"/media/{shown}").streaming_content)  # type: ignore[arg-type]

    def test_not_where_only_an_earlier_version_of_a_withdrawn_case_shows_them(
        self, client: Client, media: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        committing = django_capture_on_commit_callbacks
        client.force_login(make.make_user("reviewer"))
        case = make.make_complete_draft()
        attach(client, case, picture())
        shown = case.attachments.get().file.name
        publishing.publish(case)
        publishing.withdraw(case, None, "有误")
        self.post(client, case, committing, file=SimpleUploadedFile("b.png", picture("PNG")))
        assert self.names(media) > {shown}
        self.post(client, case, committing, DELETE="on")
        assert self.names(media) == {shown}
        publishing.publish(case)
        seen = Client().get(f"/media/{shown}")
        assert seen.status_code == 200
        b"".join(seen.streaming_content)  # type: ignore[arg-type]

    def test_not_where_saving_fails(
        self, client: Client, editor: Any, media: Path, django_capture_on_commit_callbacks: Any
    ) -> None:
        case = make.make_complete_draft()
        attach(client, case, picture())
        row = case.attachments.get()
        committing = django_capture_on_commit_callbacks(execute=True)
        with committing, pytest.raises(RecordError), transaction.atomic():
            row.delete()
            raise RecordError
        assert self.names(media) == {row.file.name}


def test_a_version_of_a_merged_case_keeps_its_picture(client: Client) -> None:
    double = make.make_complete_draft()
    attachment = make.make_attachment(double)
    default_storage.save(attachment.file.name, ContentFile(picture("PNG")))
    publishing.publish(double)
    copy = publishing.start_revision(double)
    copy.attachments.get().delete()
    publishing.publish(copy)
    kept = make.make_published()
    double.refresh_from_db()
    publishing.merge(double, kept, None)
    assert attachment.file.name in client.get(f"/cases/{double.pk}/v1/").content.decode()
    shown = client.get(attachment.get_absolute_url())
    assert (shown.status_code, shown.getvalue()) == (200, picture("PNG"))
    publishing.withdraw(kept, None, "有误")
    assert client.get(attachment.get_absolute_url()).status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_picture_is_added_on_the_page(desk: Callable[..., Any]) -> None:
    case = make.make_complete_draft()
    page = desk("reviewer")
    page.goto(change(case))
    page.locator("#attachments-group .add-row a").click()
    file = {"name": "a.png", "mimeType": "image/png", "buffer": picture("PNG")}
    page.locator("#id_attachments-0-file").set_input_files(file)
    page.locator("#id_attachments-0-alt").fill("夜间停车")
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("成功修改").wait_for()
    assert axe_module.axe(page) == []
    page.goto(f"/admin/cases/initiative/{case.pk}/preview/")
    image = page.get_by_role("img", name="夜间停车")
    assert image.evaluate("image => image.naturalWidth") == 60
    assert axe_module.axe(page) == []
