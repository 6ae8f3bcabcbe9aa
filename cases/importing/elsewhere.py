"""Names of places outside Shanghai, so that they are told as such and not forced into it."""

import re
from functools import cache
from pathlib import Path

from .article import listed

_FILE = Path(__file__).with_name("elsewhere.txt")
_LONG_FORMS = listed(
    "维吾尔自治区 壮族自治区 回族自治区 自治区 特别行政区 省 市 新区 区 县 林区 地区 盟 旗"
)
_ABROAD = listed("新加坡 东京 纽约 伦敦 巴黎 首尔 柏林 悉尼 多伦多 大阪")
# Names of prefectures that are also words, so that they count only with 市 or 省.
_WORDS = frozenset(
    listed(
        "朝阳 白银 三明 长治 日照 大同 安康 中山 海东 三沙 中卫 延安 遵义 平凉 潍坊 固原 海口 "
        "江门 保定 广安"
    )
)
# Cities of county rank that are known without 市; the others are too often words.
_KNOWN_CITIES = frozenset(
    listed(
        "昆山 太仓 常熟 张家港 江阴 宜兴 靖江 丹阳 溧阳 义乌 慈溪 余姚 海宁 桐乡 诸暨 乐清 "
        "嵊州 温岭 晋江 石狮 福清 都江堰 曲阜 敦煌 景洪 寿光 滕州 满洲里 仪征"
    )
)


@cache
def names() -> dict[str, str]:
    """Return name -> what it needs: "free", "word" (counts only with its suffix) or "part".

    A "part" is a district or county without its suffix, which counts only after its city.
    """
    found: dict[str, str] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line[:1] in ("#", "=", ""):
            continue
        province, city, *areas = line.split()
        for name in (province, city):
            if name != "-":
                found[name] = "free"
                # 西安 is a city, whatever districts elsewhere are called.
                found[_short(name)] = "word" if _short(name) in _WORDS else "free"
        for name in areas:
            found.setdefault(name, "free")
            short = _short(name)
            if len(short) >= 2:
                found.setdefault(short, "free" if short in _KNOWN_CITIES else "part")
    for name in list(found):
        # 管城回族区 is called 管城区.
        if (plain := re.sub(r"(?:回族|满族|达斡尔族)(?:自治)?(?=[区县]$)", "", name)) != name:
            found.setdefault(plain, "free")
    for name in _ABROAD:
        found[name] = "free"
    # 延吉 is a street of Shanghai first.
    found["延吉"] = "part"
    return found


def _short(name: str) -> str:
    for suffix in _LONG_FORMS:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name[: -len(suffix)]
    return name


@cache
def shared_names() -> frozenset[str]:
    """Return the names of Shanghai streets and towns that stand elsewhere too."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if line.startswith("=") for name in line.split()[1:])
