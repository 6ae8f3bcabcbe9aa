"""Signing in and out on the public site, for readers who keep something. Managers make accounts."""

from typing import Any

from django.contrib.auth import views
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache


class SignIn(views.LoginView):
    template_name = "accounts/login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return reverse("cases:my")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"label_suffix": ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        del context["site_name"]  # Django means the host; the context processor knows the name.
        return context


class SignOut(views.LogoutView):
    def get_default_redirect_url(self) -> str:
        return reverse("cases:home")


@method_decorator(never_cache, name="dispatch")
class ChangePassword(views.PasswordChangeView):
    template_name = "accounts/password.html"
    success_url = reverse_lazy("cases:my")
