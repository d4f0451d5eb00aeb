"""Browsers are called as their owners know them."""

import pytest

from unioncat_api.pages.browsers import called
from unioncat_api.pages.messages import EN, VI

_M = "Mozilla/5.0"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_END = "Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (f"{_M} (Linux; Android 14; K) {_WEBKIT} Chrome/128.0 Mobile {_END}", "Chrome trên Android"),
        (f"{_M} (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/128.0 {_END} Edg/128.0", "Edge trên Windows"),
        (f"{_M} (Windows NT 6.1) {_WEBKIT} coc_coc_browser/98.0 Chrome/92.0 {_END}", "Cốc Cốc trên Windows"),
        (f"{_M} (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox trên Linux"),
        (
            f"{_M} (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari trên iPhone",
        ),
        (
            f"{_M} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
            " Safari/605.1.15",
            "Safari trên macOS",
        ),
        (
            f"{_M} (Linux; Android 13; SM-A035F) {_WEBKIT} SamsungBrowser/25.0 Chrome/121.0 Mobile {_END}",
            "Samsung Internet trên Android",
        ),
        (
            f"{_M} (Linux; Android 12) {_WEBKIT} Chrome/120.0 Mobile {_END} Zalo android/12100641",
            "Zalo trên Android",
        ),
        ("curl/8.9.1", "curl"),
        (f"{_M} (compatible)", "Chương trình khác"),
        ("", "Chương trình khác"),
        ("<script>alert(1)</script>/1", "Chương trình khác"),
    ],
)
def test_a_browser_is_named_with_its_system(agent: str, name: str) -> None:
    assert called(agent, VI) == name


def test_in_english_too() -> None:
    assert called(f"{_M} (iPad; CPU OS 17_5) {_WEBKIT} CriOS/128.0", EN) == "Chrome on iPad"
