"""Bytes → Article: text, a saved web page or a Word file. No address is fetched."""

import codecs
import io
import re
import zipfile
from contextlib import suppress

from . import heads, webpages
from .article import Article

LARGEST_FILE = 10 * 1024 * 1024
_LARGEST_UNPACKED = 100 * 1024 * 1024
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([a-zA-Z0-9_-]{2,20})", re.I)
_MARKUP = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|article|div|p|h1)\b[^>]*>", re.I)


class ReadingError(ValueError):
    """The file cannot be read; the message is Chinese and says what to do."""


def read(data: bytes, url: str = "") -> Article:
    """Return the article; what kind of file it is shows in its content, not in its name."""
    if len(data) > LARGEST_FILE:
        raise ReadingError("文件超过 10 MB，请只保存文章本身再导入。")
    if data[:4] == b"PK\x03\x04":
        return _word(data, url)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ReadingError("这是旧式 .doc 文件。请用 Word 或 WPS 另存为 .docx 再导入。")
    if data[:5] == b"%PDF-":
        raise ReadingError("不支持 PDF。请复制文字，存成文本文件再导入。")
    # No text has a zero byte, unless its characters are two bytes long and it says so.
    if data.startswith(_PICTURES) or (
        b"\0" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    ):
        raise ReadingError(
            "不是文章：只读文本、网页（HTML）和 Word（.docx）；图片里的字请先转成文字。"
        )
    text = decode(data)
    if not text.strip():
        raise ReadingError("文件是空的。")
    return read_text(text, url)


def read_text(text: str, url: str = "") -> Article:
    """Return the article from pasted text, or from pasted HTML source."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    if len(text) > LARGEST_FILE // 4:
        raise ReadingError("文章太长，请只保存文章本身再导入。")
    if _MARKUP.search(text[:5000]):
        return webpages.read_page(text, url)
    return heads.from_lines(text, url)


def decode(data: bytes) -> str:
    """Return the text: by its mark, as UTF-8, as the page says, else as GB18030."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _decoded(data, name)
    names = ["utf-8"]
    if declared := _CHARSET.search(data[:4000]):
        name = declared[1].decode("ascii").lower()
        # Pages that say GB2312 hold characters beyond it.
        names.append("gb18030" if name.startswith("gb") else name)
    for name in (*names, "gb18030"):
        with suppress(UnicodeDecodeError, LookupError):
            return data.decode(name)
    raise ReadingError("看不懂文件的编码。请另存为 UTF-8 文本再导入。")


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise ReadingError("文件的编码有误。请另存为 UTF-8 文本再导入。") from error


def _word(data: bytes, url: str) -> Article:
    # Loaded here: only Word files need it.
    import mammoth

    not_word = "这不是 Word（.docx）文件，或文件已损坏。"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            if sum(item.file_size for item in file.infolist()) > _LARGEST_UNPACKED:
                raise ReadingError("文件解开后太大，请删去图片再导入。")
            if b"<!DOCTYPE" in file.read("word/document.xml")[:2000]:
                raise ReadingError(not_word)
        image = mammoth.images.img_element(lambda _: {"src": ""})
        html = mammoth.convert_to_html(io.BytesIO(data), convert_image=image).value
    except ReadingError:
        raise
    except Exception as error:  # A broken file fails in many ways, all of them told alike.
        raise ReadingError(not_word) from error
    return webpages.read_document(html, url)
