"""How the numbers of a QCA table are written."""

from django import template

from cases.outputs import qca

register = template.Library()
register.filter("shown", qca.shown)
register.filter("number", qca.number)
