"""How a browser learns to search here: an OpenSearch description."""

from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.api.manners import base_of

NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
CONTENT_TYPE = "application/opensearchdescription+xml; charset=utf-8"
# What the description offers; suggestions are not, for they have a format of their own.
RESULTS = (("text/html", "cases:list"), ("application/atom+xml", "cases:list-atom"))


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    base = base_of(request)
    root = Element("OpenSearchDescription", xmlns=NAMESPACE)
    # The standard allows 16 characters here and 1,024 there.
    SubElement(root, "ShortName").text = _("社区治理案例库")
    SubElement(root, "Description").text = _("检索上海各区、街镇的基层治理案例")
    for kind, route in RESULTS:
        template = f"{base}{reverse(route)}?q={{searchTerms}}"
        SubElement(root, "Url", type=kind, method="get", template=template)
    icon = SubElement(root, "Image", type="image/svg+xml")
    icon.text = f"{base}{static('favicon.svg')}"
    SubElement(root, "Language").text = "zh-CN"
    SubElement(root, "InputEncoding").text = "UTF-8"
    SubElement(root, "OutputEncoding").text = "UTF-8"
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "max-age=86400"
    return response
