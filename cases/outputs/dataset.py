"""The collection as a data set: its licence, and its description for catalogues and engines."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from .citations import LANGUAGE, SITE

LICENCE_NAME = "CC-BY-4.0"
LICENCE_TITLE = "知识共享 署名 4.0 国际（CC BY 4.0）"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_NOTE = (
    "案例的文字、编码与数据表由本库编写，按此许可使用；使用时请注明本库和版本。"
    "引文和附件的权利归原作者，不在许可之内。"
)
DESCRIPTION = (
    "社区治理案例库收录城市基层治理的案例：谁在哪里做了什么，属于哪项改革，依据哪份文件，结果怎样，"
    "出处在哪。每条陈述有出处和证据等级；来源没有说的写“未记录”，不写“无”或 0。"
    "未收录不等于没有做。从上海 2014 年“1+6”改革收起。"
)
KEYWORDS = ("基层治理", "社区治理", "案例", "上海", "1+6", "community governance")
_MEDIA = "https://www.iana.org/assignments/media-types/"
# Name of the address, title, media type.
FORMS = (
    ("list-csv", "数据表（CSV）", "text/csv"),
    (
        "list-xlsx",
        "数据表（Excel）",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("api-cases", "记录（JSON 接口）", "application/json"),
    ("list-ris", "题录（RIS）", "application/x-research-info-systems"),
    ("list-bib", "题录（BibTeX）", "application/x-bibtex"),
    ("list-atom", "订阅（Atom）", "application/atom+xml"),
)


@dataclass(frozen=True)
class Facts:
    """What is true of the collection at one state: dates are ISO, or None where it is empty."""

    base: str
    cases: int
    versions: int
    issued: str | None
    modified: str | None
    # Years in which the cases began, first and last.
    years: tuple[str, str] | None

    @property
    def url(self) -> str:
        return f"{self.base}{reverse('cases:dataset')}"

    @property
    def size(self) -> str:
        return f"{self.cases} 个案例，{self.versions} 个版本"

    @property
    def period(self) -> str | None:
        return "/".join(self.years) if self.years else None


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not known: the vocabularies have no word for it."""
    return {key: value for key, value in values.items() if value is not None}


def schema_org(facts: Facts) -> dict[str, Any]:
    """Return the collection as a schema.org Dataset."""
    owner = {"@type": "Organization", "name": SITE, "url": f"{facts.base}/"}
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "Dataset",
            "@id": facts.url,
            "name": SITE,
            "description": f"{DESCRIPTION}现有 {facts.size}。",
            "url": facts.url,
            "inLanguage": LANGUAGE,
            "keywords": list(KEYWORDS),
            "creator": owner,
            "publisher": owner,
            "license": LICENCE_URL,
            "isAccessibleForFree": True,
            "datePublished": facts.issued,
            "dateModified": facts.modified,
            "version": facts.modified,
            "spatialCoverage": {"@type": "Place", "name": "上海市"},
            "temporalCoverage": facts.period,
            "measurementTechnique": "据公开来源编写并逐条编码",
            "variableMeasured": ["区", "改革主题", "议题", "主体", "机制", "成效状态", "数据"],
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": title,
                    "encodingFormat": media,
                    "contentUrl": f"{facts.base}{reverse(f'cases:{name}')}",
                }
                for name, title, media in FORMS
            ],
        }
    )


def dcat(facts: Facts) -> dict[str, Any]:
    """Return the collection as a dataset of DCAT 2, in JSON-LD."""
    owner = {"@type": "foaf:Agent", "foaf:name": SITE, "foaf:homepage": {"@id": f"{facts.base}/"}}
    schema = f"{facts.base}{reverse('cases:record-schema')}"

    def date(value: str | None) -> dict[str, str] | None:
        return {"@type": "xsd:dateTime", "@value": value} if value else None

    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        **_known(
            {
                "@id": facts.url,
                "@type": "dcat:Dataset",
                "dct:title": {"@language": LANGUAGE, "@value": SITE},
                "dct:description": {
                    "@language": LANGUAGE,
                    "@value": f"{DESCRIPTION}现有 {facts.size}。",
                },
                "dct:language": LANGUAGE,
                "dcat:keyword": [{"@language": LANGUAGE, "@value": word} for word in KEYWORDS],
                "dct:creator": owner,
                "dct:publisher": owner,
                "dct:license": {"@id": LICENCE_URL},
                "dct:rights": {"@language": LANGUAGE, "@value": LICENCE_NOTE},
                "dct:issued": date(facts.issued),
                "dct:modified": date(facts.modified),
                "dct:conformsTo": {"@id": schema},
                "dct:spatial": {"@type": "dct:Location", "dct:title": "上海市"},
                "dct:temporal": {
                    "@type": "dct:PeriodOfTime",
                    "dcat:startDate": {"@type": "xsd:gYear", "@value": facts.years[0]},
                    "dcat:endDate": {"@type": "xsd:gYear", "@value": facts.years[1]},
                }
                if facts.years
                else None,
                "dcat:landingPage": {"@id": facts.url},
                "dcat:distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "dct:title": title,
                        "dcat:mediaType": {"@id": f"{_MEDIA}{media}"},
                        "dcat:accessURL": {"@id": f"{facts.base}{reverse(f'cases:{name}')}"},
                        "dct:license": {"@id": LICENCE_URL},
                    }
                    for name, title, media in FORMS
                ],
            }
        ),
    }
