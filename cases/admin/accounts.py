"""Accounts and roles, kept by managers who are not superusers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group, Permission, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from cases.leaving import SUCCESSOR

from .deleting import PlainDeletion

admin.site.unregister([User, Group])

VERBS = {"view": _("查看"), "add": _("增加"), "change": _("修改"), "delete": _("删除")}
# Rows that no page shows: what the site keeps for itself.
_HIDDEN = ("permission", "bitmap", "indexstate")


class PermissionField(forms.ModelMultipleChoiceField):
    """What may be done to which kind of row, in words; what is not offered stays as it is."""

    def __init__(self, **kwargs: Any) -> None:
        rows = Permission.objects.select_related("content_type")
        shown = rows.filter(content_type__app_label__in=["cases", "auth"])
        super().__init__(
            shown.exclude(content_type__model__in=_HIDDEN).order_by("content_type", "codename"),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            **kwargs,
        )

    def label_from_instance(self, obj: Any) -> str:
        verb = VERBS.get(obj.codename.partition("_")[0], obj.name)
        return f"{obj.content_type.name}：{verb}"


class PermissionAdmin(PlainDeletion):
    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if db_field.name in ("permissions", "user_permissions"):
            return PermissionField(label=_("权限"))
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        for name, field in form.fields.items():
            if isinstance(field, PermissionField):
                kept = getattr(form.instance, name).exclude(pk__in=field.queryset)
                form.cleaned_data[name] = [*form.cleaned_data[name], *kept]
        super().save_related(request, form, formsets, change)


@admin.register(Group)
class RoleAdmin(PermissionAdmin, GroupAdmin):
    filter_horizontal = ()


class PasswordForm(AdminPasswordChangeForm):
    # An account that is not to sign in any more is made inactive.
    usable_password = None


@admin.register(User)
class AccountAdmin(PermissionAdmin, UserAdmin):
    """A new account with a role may sign in to the desk; without one it is a reader's."""

    add_fieldsets = [
        (None, {"fields": ["username", "password1", "password2"]}),
        (_("角色"), {"fields": ["groups"]}),
    ]
    change_password_form = PasswordForm
    list_display = ["username", "last_name", "first_name", "roles", "state", "last_login"]
    list_filter = ["groups", "is_active"]
    filter_horizontal = ()

    @admin.display(description=_("角色"))
    def roles(self, user: User) -> str:
        return "、".join(group.name for group in user.groups.all())

    @admin.display(description=_("状态"), ordering="is_active")
    def state(self, user: User) -> str:
        return str(_("有效") if user.is_active else _("停用"))

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).exclude(username=SUCCESSOR)
        return rows.prefetch_related("groups")

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
