"""What a signed-in person keeps: sets of cases and queries. Only the owner sees these pages."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases import facets
from cases.api.manners import in_words
from cases.filters import CaseQuery
from cases.models import Collection, CollectionItem, SavedQuery
from cases.models.collections import MOST_CASES
from cases.records import load

from .collections import PAGE_SIZE, Contents, page_number, pager_of, query_of, visible

# Of each kind, for one person.
MOST_KEPT = 200
MOST_AT_ONCE = 50
_ID = re.compile(r"[1-9][0-9]{0,17}\Z")

View = Callable[..., HttpResponseBase]


def personal(view: View) -> View:
    """Ask for an account, and let nobody keep the page."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return wrapped


# --- Forms ---


class _Form(forms.ModelForm):
    """What a set and a query have in common; without the colon that Django sets after a label."""

    class Meta:
        fields = ["title", "description", "signed", "shared"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""


class CollectionForm(_Form):
    class Meta(_Form.Meta):
        model = Collection


class SavedQueryForm(_Form):
    class Meta(_Form.Meta):
        model = SavedQuery


class AddForm(forms.Form):
    """Where the chosen cases go: into a set that there is, or into a new one."""

    collection = forms.ModelChoiceField(
        Collection.objects.none(),
        label=gettext_lazy("放进"),
        required=False,
        empty_label=gettext_lazy("新的案例集"),
        to_field_name="key",
    )
    title = forms.CharField(label=gettext_lazy("新案例集的名称"), max_length=80, required=False)
    note = forms.CharField(
        label=gettext_lazy("备注"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("可以不写，以后再改"),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["collection"].queryset = Collection.objects.of(user)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("collection") and not data.get("title") and not self.errors:
            self.add_error("title", _("请选一个案例集，或者给新的案例集起个名称。"))
        return data


class ItemForm(forms.ModelForm):
    remove = forms.BooleanField(label=gettext_lazy("移出"), required=False)

    class Meta:
        model = CollectionItem
        fields = ["note", "position"]
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}


def _room_for_one(model: Any, user: Any) -> str:
    """Return why this person cannot keep one more, or nothing; within a transaction."""
    get_user_model().objects.select_for_update().get(pk=user.pk)
    if model.objects.of(user).count() < MOST_KEPT:
        return ""
    words = {"most": MOST_KEPT, "name": model._meta.verbose_name}
    return _("每人至多 %(most)d 个%(name)s，请先删去不用的。") % words


# --- Pages ---


@require_safe
@personal
def mine(request: HttpRequest) -> HttpResponse:
    context = {
        "sets": Collection.objects.of(request.user).annotate(size=Count("items")),
        "queries": SavedQuery.objects.of(request.user),
        "form": CollectionForm(),
    }
    return render(request, "my/mine.html", context)


@require_POST
@personal
@transaction.atomic
def new_collection(request: HttpRequest) -> HttpResponse:
    form = CollectionForm(request.POST)
    if form.is_valid() and (full := _room_for_one(Collection, request.user)):
        form.add_error(None, full)
    if not form.is_valid():
        return render(request, "my/new.html", {"form": form}, status=400)
    form.instance.owner = request.user
    form.save()
    messages.success(request, _("建好了。到案例列表里勾选，或在案例页上按“收入案例集”。"))
    return redirect("cases:my-collection", form.instance.key)


def _chosen(data: QueryDict) -> list[int]:
    """Return the ids of an address or a form, each once; what is no number is left out."""
    return list(dict.fromkeys(int(v) for v in data.getlist("id") if _ID.match(v)))


@require_http_methods(["GET", "HEAD", "POST"])
@personal
@transaction.atomic
def add(request: HttpRequest) -> HttpResponse:
    """Show the chosen cases and where they may go (GET), and put them there (POST)."""
    given = _chosen(request.POST if request.method == "POST" else request.GET)
    ids = visible(given[:MOST_AT_ONCE])
    if not ids or len(given) > MOST_AT_ONCE:
        refusal = {"too_many": len(given) > MOST_AT_ONCE, "most": MOST_AT_ONCE}
        return render(request, "my/nothing_chosen.html", refusal, status=400)
    form = AddForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        collection = _target(form, request.user)
        if collection is not None:
            try:
                fresh = collection.add(ids, form.cleaned_data["note"])
            except ValueError:
                form.add_error("collection", _full(collection))
            else:
                words = {"title": collection.title, "fresh": len(fresh)}
                text = _("“%(title)s”收入了 %(fresh)d 个案例。") % words
                if len(fresh) < len(ids):
                    text += _("另外 %d 个早就在里面。") % (len(ids) - len(fresh))
                messages.success(request, text)
                return redirect("cases:my-collection", collection.key)
    context = {"form": form, "cases": load(ids), "ids": ids}
    return render(request, "my/add.html", context, status=400 if form.errors else 200)


def _target(form: AddForm, user: Any) -> Collection | None:
    """Return the set that was chosen, or a new one; None, and an error, if there is no room."""
    if chosen := form.cleaned_data["collection"]:
        return chosen  # type: ignore[no-any-return]
    if full := _room_for_one(Collection, user):
        form.add_error("title", full)
        return None
    return Collection.objects.create(owner=user, title=form.cleaned_data["title"])


def _full(collection: Collection) -> str:
    words = {"title": collection.title, "most": MOST_CASES}
    return _("一个案例集至多 %(most)d 个案例，“%(title)s”放不下了。") % words


@require_http_methods(["GET", "HEAD", "POST"])
@personal
@transaction.atomic
def collection(request: HttpRequest, key: str) -> HttpResponse:
    """Show a set to its owner, and change it: title, notes, order, what is in it."""
    kept = get_object_or_404(Collection.objects.of(request.user), key=key)
    contents = Contents(kept)
    number = page_number(request, contents.pages)
    data = request.POST if request.method == "POST" else None
    form = CollectionForm(data, instance=kept)
    rows = contents.page(number)
    for place, row in enumerate(rows, start=(number - 1) * PAGE_SIZE + 1):
        item = row["item"]
        item.position = place
        # A row that the page did not have when it was opened is left as it is.
        sent = data if data is not None and f"{item.pk}-position" in data else None
        row["form"] = ItemForm(sent, instance=item, prefix=str(item.pk), label_suffix="")
    if data is not None:
        bound = [row["form"] for row in rows if row["form"].is_bound]
        if all([form.is_valid(), *(item.is_valid() for item in bound)]):
            form.instance.changed = timezone.now()
            form.save()
            _rearrange(contents.places, bound)
            messages.success(request, _("保存了。"))
            return redirect("cases:my-collection", key)
    context = {
        "subject": kept,
        "form": form,
        "contents": contents,
        "rows": rows,
        "pager": pager_of(number, contents.pages),
        "most": MOST_CASES,
    }
    return render(request, "my/collection.html", context, status=400 if form.errors else 200)


def _rearrange(places: list[CollectionItem], forms_: list[Any]) -> None:
    """Remove, rename and move items: those with a new number go there, the others close up."""
    by_id = {item.pk: item for item in places}
    order = [item.pk for item in places]
    moves: list[tuple[int, int]] = []
    for form in forms_:
        pk = form.instance.pk
        if form.cleaned_data["remove"]:
            order.remove(pk)
            by_id.pop(pk).delete()
        else:
            by_id[pk].note = form.cleaned_data["note"]
            if "position" in form.changed_data:
                moves.append((form.cleaned_data["position"], pk))
    for _place, pk in moves:
        order.remove(pk)
    for place, pk in sorted(moves):
        order.insert(max(0, place - 1), pk)
    for place, pk in enumerate(order, start=1):
        by_id[pk].position = place
    CollectionItem.objects.bulk_update(by_id.values(), ["note", "position"], batch_size=200)


@require_http_methods(["GET", "HEAD", "POST"])
@personal
@transaction.atomic
def save_query(request: HttpRequest) -> HttpResponse:
    """Show the query of the address in words (GET), and keep it under a name (POST)."""
    query = CaseQuery(request.GET, facets.current())
    text = query.url().removeprefix("?")
    if not query.is_valid or len(text) > 2000:
        return render(request, "cases/list_invalid.html", {"query": query}, status=400)
    words = in_words(query)
    form = SavedQueryForm(request.POST or None, initial={"title": words[:80]})
    if request.method == "POST" and form.is_valid():
        if full := _room_for_one(SavedQuery, request.user):
            form.add_error(None, full)
        else:
            form.instance.owner, form.instance.query = request.user, text
            form.save()
            messages.success(request, _("检索保存了。"))
            return redirect("cases:my-saved", form.instance.key)
    context = {"form": form, "query": query, "words": words}
    return render(request, "my/save.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@personal
@transaction.atomic
def saved(request: HttpRequest, key: str) -> HttpResponse:
    kept = get_object_or_404(SavedQuery.objects.of(request.user), key=key)
    form = SavedQueryForm(request.POST or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        form.instance.changed = timezone.now()
        form.save()
        messages.success(request, _("保存了。"))
        return redirect("cases:my-saved", key)
    query = query_of(kept)
    context = {
        "subject": kept,
        "form": form,
        "query": query,
        "words": in_words(query) if query.is_valid else "",
    }
    return render(request, "my/save.html", context, status=400 if form.errors else 200)


KINDS: dict[str, Any] = {"collections": Collection, "saved": SavedQuery}


@require_http_methods(["GET", "HEAD", "POST"])
@personal
def delete(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Ask whether to delete (GET), and do it (POST)."""
    if kind not in KINDS:
        raise Http404
    kept = get_object_or_404(KINDS[kind].objects.of(request.user), key=key)
    if request.method == "POST":
        kept.delete()
        messages.success(request, _("“%s”删去了。") % kept.title)
        return redirect("cases:my")
    return render(request, "my/delete.html", {"subject": kept, "kind": kind})
