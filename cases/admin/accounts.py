"""Accounts and roles, kept by managers who are not superusers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

admin.site.unregister([User, Group])


class NamedLists:
    """The two lists for choosing permissions, heard as they are seen."""

    js = ["admin/js/jquery.init.js", "admin/js/SelectFilter2.js", "admin-desk/names.js"]


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    Media = NamedLists


@admin.register(User)
class AccountAdmin(UserAdmin):
    """A new account with a role may sign in to the desk; without one it is a reader's."""

    add_fieldsets = [
        (None, {"fields": ["username", "usable_password", "password1", "password2"]}),
        (_("角色"), {"fields": ["groups"]}),
    ]
    list_display = ["username", "last_name", "first_name", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    filter_horizontal = ["user_permissions"]
    Media = NamedLists

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    @admin.display(description=_("角色"))
    def roles(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        # Whoever may give every right may give it to himself.
        return [
            (None, {"fields": ["username", "password"]}),
            (_("姓名"), {"fields": ["last_name", "first_name", "email"]}),
            (_("角色"), {"fields": ["is_active", "is_staff", "groups"]}),
            (_("日期"), {"fields": ["last_login", "date_joined"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["last_login", "date_joined"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._within_reach(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._within_reach(request, obj)

    def _within_reach(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or request.user.is_superuser or not obj.is_superuser

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = bool(form.cleaned_data.get("groups"))
        super().save_model(request, obj, form, change)
