"""A password can be changed, and a forgotten one set anew by mail."""

import re

import pytest
from django.core import mail
from django.test import Client

from . import make

pytestmark = pytest.mark.django_db


def test_a_forgotten_password_is_set_anew_by_the_address_in_the_letter(client: Client) -> None:
    user = make.make_user("editor", email="li@example.org")
    assert "/admin/password_reset/" in client.get("/admin/login/").content.decode()
    client.post("/admin/password_reset/", {"email": "li@example.org"})
    (letter,) = mail.outbox
    assert letter.to == ["li@example.org"]
    assert letter.subject == "重设“社区治理案例库”的密码"
    assert f"您的用户名是：{user.username}" in letter.body
    assert letter.body.rstrip().endswith("社区治理案例库")
    assert "testserver" not in letter.body.replace("http://testserver/admin/reset/", "")
    assert "你" not in letter.body
    found = re.search(r"/admin/reset/\S+", letter.body)
    assert found
    form = client.get(found[0], follow=True)
    passwords = {"new_password1": "a quite new pass 7", "new_password2": "a quite new pass 7"}
    response = client.post(form.request["PATH_INFO"], passwords, follow=True)
    assert response.status_code == 200
    user.refresh_from_db()
    assert user.check_password("a quite new pass 7")
    assert client.get(found[0], follow=True).context["validlink"] is False


def test_an_unknown_address_gets_no_letter_and_the_same_answer(client: Client) -> None:
    response = client.post("/admin/password_reset/", {"email": "nobody@example.org"})
    assert response["Location"] == "/admin/password_reset/done/"
    assert mail.outbox == []


def test_an_editor_changes_the_own_password(client: Client) -> None:
    user = make.make_user("editor", password="the old pass 9")
    client.force_login(user)
    data = {
        "old_password": "the old pass 9",
        "new_password1": "a quite new pass 7",
        "new_password2": "a quite new pass 7",
    }
    assert client.post("/admin/password_change/", data).status_code == 302
    user.refresh_from_db()
    assert user.check_password("a quite new pass 7")
