"""Bytes → article: title, authors, publisher, date, and where the text begins and ends."""

import io
import zipfile

import pytest

from cases.importing import reading
from cases.importing.article import plain, quote

from .articles import FOLDER

TEXT = """浦江在线首页

浦江在线>>社区>>头条

让老弄堂活起来 邻里共治有新招

顾念安 沈若溪

2016年06月02日10:51  来源:浦江在线  手机看新闻  字号

徐汇区田林街道推出“邻里汇”,居民自己商量,自己动手,一起把闲置的门面房改造成了社区客厅。

居民有了去处

两年来,“邻里汇”共开展活动300余场。

居民在邻里汇下棋(田林街道供图)

相关链接>>>
(责编:林一)
  • 打印
"""


def test_title_authors_publisher_and_date_are_read_from_the_head_of_a_page() -> None:
    article = reading.read(TEXT.encode())
    assert article.title == "让老弄堂活起来 邻里共治有新招"
    assert article.authors == ("顾念安", "沈若溪")
    assert (article.publisher, article.date) == ("浦江在线", "2016-06-02")


def test_the_text_is_told_from_headings_captions_and_what_the_page_adds() -> None:
    article = reading.read(TEXT.encode())
    assert [(p.kind, p.number) for p in article.paragraphs] == [
        ("text", 1),
        ("heading", 1),
        ("text", 2),
        ("caption", 2),
    ]
    assert article.paragraphs[2].locator == "第 2 段（“居民有了去处”一节）"
    assert article.paragraphs[3].locator == "第 2 段后的图片说明（“居民有了去处”一节）"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    assert reading.read(TEXT.encode(encoding)) == reading.read(TEXT.encode())


@pytest.mark.parametrize(
    ("line", "authors", "publisher", "date"),
    [
        ("2018-05-17 08:30 来源：浦江观察 作者：顾念安", ("顾念安",), "浦江观察", "2018-05-17"),
        ("2019年3月2日  邻里报记者 陆知行 通讯员 田禾", ("陆知行", "田禾"), "邻里报", "2019-03-02"),
        ("发布时间：2018/1/5　信息来源：徐汇区政府", (), "徐汇区政府", "2018-01-05"),
        (
            "来源：上海社区网 记者 杨帆 实习生 江月 2020.12.30",
            ("杨帆", "江月"),
            "上海社区网",
            "2020-12-30",
        ),
        ("江畔社区观察 | 2018年12月6日", (), "江畔社区观察", "2018-12-06"),
        ("江畔报　2017-02-15　通讯员 田禾", ("田禾",), "江畔报", "2017-02-15"),
        ("2019年3月2日 作者：顾念安\n江畔发布", ("顾念安",), "", "2019-03-02"),
        ("2019年3月2日 记者 顾念安 通讯员 沈　洁", ("顾念安", "沈洁"), "", "2019-03-02"),
        ("2022年8月5日 记者 白 露 摄影 周 波", ("白露",), "", "2022-08-05"),
        ("2022年8月5日 文/图 季春晓", ("季春晓",), "", "2022-08-05"),
        ("本刊特约撰稿 季春晓\n《江畔》杂志2021年第8期（上）", ("季春晓",), "江畔", "2021"),
        ("口述：季春晓（社区楼组长）\n2019年8月3日 记者 白露", ("白露",), "", "2019-08-03"),
        ("■ 秦春晓\n2019年8月3日", ("秦春晓",), "", "2019-08-03"),
        ("2021年第12期《江畔社区》 撰稿：季春晓", ("季春晓",), "江畔社区", "2021"),
        ("徐汇区委社会工作部 2019年8月", (), "", "2019-08"),
        ("徐汇区民政局 2019年8月", (), "徐汇区民政局", "2019-08"),
        ("2020年3月1日 采访：本刊记者 白露（以下简称“记者”）", ("白露",), "", "2020-03-01"),
    ],
)
def test_common_lines_of_data_are_understood(
    line: str, authors: tuple[str, ...], publisher: str, date: str
) -> None:
    text = f"邻里之间有了新规矩\n{line}\n\n居民们一起商量出来的办法，大家都愿意遵守。效果很好。"
    article = reading.read(text.encode())
    assert article.title == "邻里之间有了新规矩"
    assert (article.authors, article.publisher, article.date) == (authors, publisher, date)


def test_a_dateline_names_the_reporter() -> None:
    text = "小区有了新变化\n\n本报讯（记者 王小宁）走进小区，楼道干干净净。\n\n第二段。"
    assert reading.read(text.encode()).authors == ("王小宁",)
    text = text.replace("王小宁", "王小宁 见习记者 陆文")
    assert reading.read(text.encode()).authors == ("王小宁", "陆文")


def test_a_summary_may_stand_between_the_title_and_the_data() -> None:
    text = (
        "楼下有了百家书屋\n【核心提示】居民把闲置的车棚改成书屋，一年借出图书3000册，都说好。\n"
        "2019年3月2日 来源：江畔网 记者 白露\n车棚空了五年。\n书屋每天开门。"
    )
    article = reading.read(text.encode())
    assert article.title == "楼下有了百家书屋"
    assert (article.authors, article.publisher, article.date) == (("白露",), "江畔网", "2019-03-02")
    assert [p.text[:6] for p in article.paragraphs] == [
        "【核心提示】",
        "车棚空了五年",
        "书屋每天开门",
    ]


@pytest.mark.parametrize("under", ["——江畔镇社区治理侧记", "江畔镇社区商业转型记"])
def test_what_stands_under_the_title_is_not_the_title(under: str) -> None:
    text = f"修伞、磨刀，都在这条街上\n{under}\n2023年5月9日 江畔报\n\n铺子开了张。\n大家都来。"
    article = reading.read(text.encode())
    assert (article.title, article.subtitle) == ("修伞、磨刀，都在这条街上", under)


def test_a_short_line_under_a_picture_is_no_heading() -> None:
    told = "居民坐下来商量，大家都说好。" * 5
    page = (
        "<html><body><h1>老弄堂有了议事厅</h1><div class='text_con'>"
        f"<p>{told}</p><p><img src='a.jpg'></p><p>居民在弄堂里下棋</p><p>{told}</p>"
        f"<p><img src='b.png'>弄堂里的新规矩</p><p>{told}</p></div></body></html>"
    )
    kinds = [p.kind for p in reading.read(page.encode()).paragraphs]
    assert kinds == ["text", "caption", "text", "heading", "text"]


def test_the_publisher_in_a_meta_tag_may_say_that_it_is_the_source() -> None:
    page = (
        '<html><head><meta name="source" content="来源：江畔网"></head>'
        "<body><h1>老弄堂有了议事厅</h1>"
        f"<div class='text_con'><p>{'居民坐下来商量，大家都说好。' * 9}</p></div></body></html>"
    )
    assert reading.read(page.encode()).publisher == "江畔网"


def test_a_last_line_in_brackets_names_paper_and_day() -> None:
    text = (
        "小区有了新变化\n\n居民一起商量。"
        + "大家都来参加，" * 9
        + "都说好。\n\n（2020年1月14日《江畔晨报》第6版）"
    )
    article = reading.read(text.encode())
    assert (article.publisher, article.date) == ("江畔晨报", "2020-01-14")
    assert len(article.paragraphs) == 1


def test_an_office_signs_a_notice_above_the_day() -> None:
    head = "关于试行居民议事制度的通知\n\n各居民区：\n\n现将办法印发，请照此办理。\n\n"
    signed = "江畔区社区治理办公室\n2021年11月2日\n\n"
    rest = (
        "居民议事办法\n\n一、居民提出的事，都要有人答复，答复要让居民看得懂。\n\n二、每月议一次。"
    )
    for text in (head + signed, head + signed + rest):
        article = reading.read(text.encode())
        assert (article.publisher, article.date) == ("江畔区社区治理办公室", "2021-11-02")


def test_those_who_issue_a_notice_stand_above_its_title() -> None:
    text = (
        "江畔市民政局　江畔市财政局\n关于试行居民议事制度的通知\n\n各居民区：\n\n"
        "现将办法印发，请照此办理。\n\n（此件公开发布）\n\n2020年9月30日\n\n居民议事办法\n\n每月议一次。"
    )
    article = reading.read(text.encode())
    assert article.title == "关于试行居民议事制度的通知"
    assert (article.publisher, article.date) == ("江畔市民政局", "2020-09-30")


def test_a_last_line_names_the_paper_that_an_article_was_taken_from() -> None:
    text = "小区有了新变化\n\n居民一起商量。\n\n（摘自《江畔生活》第11期）"
    assert reading.read(text.encode()).publisher == "江畔生活"


def test_the_author_of_a_page_stands_in_a_part_of_its_own() -> None:
    page = (
        "<html><body><h1>老弄堂有了议事厅</h1><p class='author'>王晓雨　陈一帆</p>"
        "<div class='channel'>2018年07月19日08:15 | 来源：<a>江畔网</a></div><div class='text_con'>"
        f"<p>{'居民坐下来商量，大家都说好。' * 9}</p></div></body></html>"
    )
    article = reading.read(page.encode())
    assert (article.authors, article.publisher) == (("王晓雨", "陈一帆"), "江畔网")


def test_a_page_of_wechat_is_published_by_its_account() -> None:
    page = (
        '<html><head><meta property="og:title" content="驿站的灯亮到凌晨"><meta property='
        '"og:site_name" content="微信公众平台"><meta name="author" content="江畔社区"></head><body>'
        '<h1>驿站的灯亮到凌晨</h1><a id="js_name"> 江畔社区 </a><em>2022-03-09 18:30</em>'
        '<div id="js_content"><p>小屋里有热水和充电线。</p><p>往期推荐</p><p>静安区的驿站</p></div>'
        "</body></html>"
    )
    article = reading.read(page.encode())
    assert (article.authors, article.publisher, article.date) == ((), "江畔社区", "2022-03-09")
    assert [p.text for p in article.paragraphs][-1] == "小屋里有热水和充电线。"


def test_what_is_not_told_stays_empty() -> None:
    article = reading.read("居民们一起商量出来的办法，大家都愿意遵守，效果很好。就这样。".encode())
    assert (article.authors, article.publisher, article.date) == ((), "", "")


def test_the_date_in_the_address_serves_where_the_text_has_none() -> None:
    text = "小区有了新变化\n\n居民一起商量。"
    article = reading.read(text.encode(), "https://news.example/2016/0602/c1.html")
    assert article.date == "2016-06-02"


def test_lines_that_were_only_wrapped_become_one_paragraph_again() -> None:
    body = "居民们坐在一起商量出来的办法大家都愿意遵守而且效果非常不错所以街道决定推广"
    rows = [body[:30], body[:30], body[:30], "到此为止。"]
    article = reading.read(("标题在这里\n\n" + "\n".join(rows)).encode())
    assert [p.text for p in article.paragraphs] == ["".join(rows)]


def test_a_government_page_is_read_by_its_meta_tags() -> None:
    article = reading.read((FOLDER / "government.html").read_bytes())
    assert article.title == "“15分钟议事圈”让居民有话好好说"
    assert (article.publisher, article.date) == ("嘉定社区报", "2021-06-18")
    assert article.authors == ("李思源",)
    kinds = [p.kind for p in article.paragraphs]
    assert kinds == ["text", "heading", "text", "caption", "text"]


def test_navigation_scripts_and_links_of_a_page_are_left_out() -> None:
    article = reading.read((FOLDER / "government.html").read_bytes())
    text = "".join(p.text for p in article.paragraphs)
    for foreign in ("黄浦区", "外滩街道", "浦东新区", "彭浦镇", "电话"):
        assert foreign not in text


def test_a_page_without_meta_tags_is_read_by_its_layout() -> None:
    page = (
        "<html><head><title>老弄堂有了议事厅_社区频道_浦江网</title></head><body><div><ul><li>首页"
        "</li></ul></div><h1>老弄堂有了议事厅</h1><p>2020年3月4日 来源：浦江网 作者：白露</p>"
        "<div class='con'><p>黄浦区小东门街道推出“老城厢议事厅”。</p><p>居民坐下来商量，半年议定"
        "事项26件，大家都说这办法好，以后还要接着用下去。街道也把经费交给居民自己安排。</p></div>"
        "</body></html>"
    )
    article = reading.read(page.encode())
    assert article.title == "老弄堂有了议事厅"
    assert (article.authors, article.publisher, article.date) == (("白露",), "浦江网", "2020-03-04")
    assert article.paragraphs[0].text == "黄浦区小东门街道推出“老城厢议事厅”。"


def test_a_page_in_the_old_chinese_encoding_is_read_as_it_says() -> None:
    page = '<html><head><meta charset="gb2312"></head><body><p>静安区临汾路街道</p></body></html>'
    article = reading.read(page.encode("gb18030"))
    assert "临汾路街道" in article.paragraphs[0].text


def word_file(paragraphs: list[str]) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    packages = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{packages}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kinds}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
            f'Type="{office}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
        )
    return file.getvalue()


def test_a_word_file_is_read_like_a_text() -> None:
    lines = [line for line in TEXT.split("\n") if line.strip()]
    article = reading.read(word_file(lines))
    assert (article.title, article.date) == ("让老弄堂活起来 邻里共治有新招", "2016-06-02")
    assert article.authors == ("顾念安", "沈若溪")
    assert article.paragraphs[0].text.startswith("徐汇区田林街道")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04broken", "文件已损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ".docx"),
        (b"%PDF-1.7", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是文章"),
        (b"\xff\xd8\xff\xe0JFIF", "不是文章"),
        ("标题".encode("utf-16-le") + b"\0", "不是文章"),
        (b"a" * (reading.LARGEST_FILE + 1), "10 MB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(data: bytes, says: str) -> None:
    with pytest.raises(reading.ReadingError, match=says):
        reading.read(data)


def test_a_word_file_with_a_document_type_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("word/document.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")
    with pytest.raises(reading.ReadingError):
        reading.read(data.getvalue())


def test_one_notation_keeps_every_character_in_its_place() -> None:
    text = '（１）「靜安」區，３００場\u3000\xa0"引文"…'
    assert len(plain(text)) == len(text)
    assert plain(text).startswith("(1)“静安”区,300场  “引文”")


def test_a_quotation_is_short_verbatim_and_ends_where_a_clause_ends() -> None:
    text = (
        "第一句话说了很多很多的事情。" + "街道推出“睦邻客厅”，" + "居民都来参加，" * 12 + "结束。"
    )
    start = text.index("睦邻客厅")
    found = quote(text, start, start + 4)
    assert found in text
    assert len(found) <= 60
    assert found.startswith("街道推出“睦邻客厅”")
    assert found.endswith("参加")
