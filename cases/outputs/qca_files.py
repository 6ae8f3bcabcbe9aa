"""The files of a QCA table: data, codebook and truth table as CSV, and a script for R."""

import re

from . import exports
from .qca import Analysis, number, shown


def cases_csv(analysis: Analysis, site: str) -> bytes:
    """Return case by condition, the excluded cases below with their reasons and no numbers.

    `site` stands before the addresses of the cases.
    """
    head = ["编号", "案例", *analysis.names, "Y", "网址", "排除的理由"]
    rows = [
        [
            str(case.id),
            exports.harmless(case.name),
            *map(number, case.values),
            number(case.outcome),
            f"{site}{case.url}",
            "",
        ]
        for case in analysis.cases
    ]
    blank = [""] * (len(analysis.conditions) + 1)
    rows += [
        [
            str(item.id),
            exports.harmless(item.name),
            *blank,
            f"{site}{item.url}",
            "；".join(item.reasons),
        ]
        for item in analysis.excluded
    ]
    return exports.csv_bytes([head, *rows])


def codebook_rows(analysis: Analysis) -> list[tuple[str, str, str, str]]:
    """Return name, meaning, rule and expression of each condition and of the outcome."""
    named = zip([*analysis.names, "Y"], [*analysis.conditions, analysis.outcome], strict=True)
    return [(name, c.label, c.rule, c.expression) for name, c in named]


def codebook_csv(analysis: Analysis) -> bytes:
    rows = [[exports.harmless(text) for text in row] for row in codebook_rows(analysis)]
    return exports.csv_bytes([["代码", "条件", "规则", "网址里的写法"], *rows])


def truth_csv(analysis: Analysis) -> bytes:
    """Return the whole truth table, remainders with it."""
    head = ["行号", *analysis.names, "OUT", "n", "一致性", "PRI", "覆盖度", "矛盾", "案例"]
    return exports.csv_bytes(
        [
            head,
            *(
                [
                    str(row.number),
                    *map(str, row.bits),
                    row.output,
                    str(row.n),
                    shown(row.fit.consistency),
                    shown(row.fit.pri),
                    shown(row.fit.coverage),
                    "是" if row.contradictory else "",
                    exports.harmless("；".join(case.name for case in row.cases)),
                ]
                for row in analysis.rows
            ),
        ]
    )


def r_script(analysis: Analysis, address: str) -> bytes:
    """Return a script that R runs as it is: the data, the codebook as comments, the same table.

    Cases are named by number: R takes names apart at commas.
    """
    table = [["CASE", *analysis.names, "Y"]]
    table += [
        [f"K{case.id}", *map(number, case.values), number(case.outcome)] for case in analysis.cases
    ]
    data = "\n".join(",".join(row) for row in table)
    notes = [f"# {name} = {label}。{rule}" for name, label, rule, _e in codebook_rows(analysis)]
    titles = [f"# K{case.id} {' '.join(case.name.split())}" for case in analysis.cases]
    out = [
        f"# K{e.id} {' '.join(e.name.split())}：{'；'.join(e.reasons)}" for e in analysis.excluded
    ]
    # A line break in a title or an address would end the comment and begin code.
    comments = [
        re.sub(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", " ", line)
        for line in (f"# {address}", *notes, *titles, "# 排除的案例", *out)
    ]
    cuts = analysis.cuts
    conditions = ", ".join(f'"{name}"' for name in analysis.names)
    call = (
        f'truthTable(data, outcome = "Y", conditions = c({conditions}),\n'
        f"    incl.cut = c({number(cuts.one)}, {number(cuts.zero)}), n.cut = {cuts.cases},\n"
        "    complete = TRUE, show.cases = TRUE)"
    )
    script = (
        "\n".join(comments)
        + f'\nlibrary(QCA)\ndata <- read.csv(text = "{data}\n", row.names = 1)\n{call}\n'
    )
    return script.encode()
