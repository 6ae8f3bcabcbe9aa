"""Signing in: who tries a password too often waits, and nobody else does."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

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
    assert "暂停登录一小时" in response.content.decode()


@pytest.mark.django_db
def test_a_right_password_clears_the_count(client: Client) -> None:
    User.objects.create_user("editor", password=PASSWORD, is_staff=True)
    for _ in range(4):
        sign_in(client, "错的密码")
    assert sign_in(client, PASSWORD) == 302
    client.logout()
    assert sign_in(client, "错的密码") == 200
