"""Signing in: who tries a password too often waits, and nobody else does."""

import re
from gettext import GNUTranslations
from pathlib import Path

import django
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.translation import gettext, ngettext

PASSWORD = "对的密码-2026"


def sign_in(client: Client, password: str, address: str = "127.0.0.1") -> int:
    return client.post(
        "/admin/login/", {"username": "editor", "password": password}, REMOTE_ADDR=address
    ).status_code


@pytest.mark.django_db
def test_the_fifth_wrong_password_locks_name_and_address_together(client: Client) -> None:
    User.objects.create_user("editor", password=PASSWORD, is_staff=True)

    assert [sign_in(client, "错的密码") for _ in range(5)] == [200, 200, 200, 200, 429]
    assert sign_in(client, PASSWORD) == 429
    # The same editor elsewhere: not locked out by a stranger's attempts.
    assert sign_in(client, PASSWORD, address="198.51.100.7") == 302


@pytest.mark.django_db
def test_the_lock_is_explained_in_chinese(client: Client) -> None:
    for _ in range(5):
        response = client.post("/admin/login/", {"username": "nobody", "password": "x"})
    assert response.status_code == 429
    text = response.content.decode()
    assert "暂停登录一小时" in text
    assert 'href="/admin/password_reset/"' in text
    assert "管理员重设" in text


@pytest.mark.django_db
def test_a_reader_at_the_door_of_the_desk_is_shown_the_other_one(client: Client) -> None:
    User.objects.create_user("reader", password=PASSWORD)
    data = {"username": "reader", "password": PASSWORD}
    text = client.post("/admin/login/", data).content.decode()
    assert "用户名或密码不对，或者这个账号不能用编辑台。" in text
    assert 'href="/login/"' in text


def test_django_speaks_as_the_site_does() -> None:
    wrong = []
    for app in ("conf", "contrib/admin", "contrib/auth"):
        path = Path(django.__file__).parent / app / "locale/zh_Hans/LC_MESSAGES/django.mo"
        with path.open("rb") as file:
            catalogue = GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        for key in filter(None, catalogue):
            told = ngettext(key[0], key[0], 1) if isinstance(key, tuple) else gettext(key)
            if re.search(r"你|[\u4e00-\u9fff”]\s?\.", told):
                wrong.append(told)
    # Not used: the letter is the site's own.
    assert [text for text in wrong if "你收到这封邮件" not in text] == []


@pytest.mark.django_db
def test_a_right_password_clears_the_count(client: Client) -> None:
    User.objects.create_user("editor", password=PASSWORD, is_staff=True)
    for _ in range(4):
        sign_in(client, "错的密码")
    assert sign_in(client, PASSWORD) == 302
    client.logout()
    assert sign_in(client, "错的密码") == 200
