"""What a browser calls itself, in words that its owner recognises: "Chrome trên Android".

Browsers claim to be each other; the first name that fits in this order is the right one.
"""

import re

from unioncat_api.pages.messages import Words

_BROWSERS = (
    ("Zalo", r"\bZalo\b"),
    ("Facebook", r"\bFB(?:AN|AV|_IAB)\b"),
    ("Cốc Cốc", r"coc_coc_browser/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOPT/|\bOpera\b"),
    ("UC Browser", r"\bUCBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"\bChrome/|\bCriOS/|\bHeadlessChrome/"),
    ("Safari", r"\bVersion/[\d.]+.*\bSafari/"),
)
_SYSTEMS = (
    ("iPad", r"\biPad\b"),
    ("iPhone", r"\biPhone\b|\biPod\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac OS X\b|\bMacintosh\b"),
    ("Linux", r"\bLinux\b|\bX11\b"),
)
_PROGRAM = re.compile(r"[A-Za-z][\w.-]{1,39}(?=/\d)")


def called(agent: str, words: Words) -> str:
    """Name a browser and its system; a program that is none by its own name."""
    browser = next((name for name, sign in _BROWSERS if re.search(sign, agent)), None)
    system = next((name for name, sign in _SYSTEMS if re.search(sign, agent)), None)
    if browser and system:
        return words.t("account.device", browser=browser, system=system)
    if browser or system:
        return browser or system or ""
    program = _PROGRAM.match(agent)
    return program[0] if program and program[0] != "Mozilla" else words.t("account.device_unknown")
