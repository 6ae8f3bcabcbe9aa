"""Addresses: the editors' desk, and everything public from the cases app."""

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.urls import include, path

from cases.views.context import SITE_NAME

# Pages of people who are not signed in have the head of the desk all the same.
DESK = {"site_header": admin.site.site_header, "site_title": admin.site.site_title}

# The names are the admin's own: its log-in page shows the link where they exist.
forgotten_password = [
    path(
        "admin/password_reset/",
        accounts.PasswordResetView.as_view(
            extra_context=DESK, extra_email_context={"site_name": SITE_NAME}
        ),
        name="admin_password_reset",
    ),
    path(
        "admin/password_reset/done/",
        accounts.PasswordResetDoneView.as_view(extra_context=DESK),
        name="password_reset_done",
    ),
    path(
        "admin/reset/<uidb64>/<token>/",
        accounts.PasswordResetConfirmView.as_view(extra_context=DESK),
        name="password_reset_confirm",
    ),
    path(
        "admin/reset/done/",
        accounts.PasswordResetCompleteView.as_view(extra_context=DESK),
        name="password_reset_complete",
    ),
]

urlpatterns = [
    *forgotten_password,
    path("admin/", admin.site.urls),
    path("", include("cases.urls")),
]

handler400 = "cases.views.errors.bad_request"
handler403 = "cases.views.errors.permission_denied"
handler404 = "cases.views.errors.page_not_found"
handler500 = "cases.views.errors.server_error"
