"""How pages are looked at: the sizes of screens, a page of one's own, and whether its text has contrast."""

from typing import Any

from playwright.sync_api import Browser, Page

PATIENCE = 60_000
"""Milliseconds after which a page that does not come is a fault, even on a machine that is busy."""
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
SIZES = {"desktop": (1280, 900), "phone": (390, 844), "small": (360, 640)}
CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] === 1) return c; }
    return [255, 255, 255]; };
  const bad = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    if (!e.checkVisibility() || e.closest('.sr, .skip')) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5)
      bad.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)} ${e.textContent.trim().slice(0, 30)}`);
  }
  return [...bad];
}"""
"""Lists the texts whose contrast is below that of level AA."""


def open_page(browser: Browser, site: str, size: str = "desktop", **options: Any) -> Page:
    """Open a page of a site in a context of its own, which lives as long as the test."""
    width, height = SIZES[size]
    context = browser.new_context(base_url=site, viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    return context.new_page()
