"""Chromium without a window and without a network, driven through its own protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CONTRAST = """
const [selector] = arguments;
const numbers = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
const clear = (colour) => colour === "none" || (numbers(colour).length > 3 && !numbers(colour)[3]);
const light = (colour) => {
  const [r, g, b] = numbers(colour).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const paper = (element) => {
  const colour = getComputedStyle(element).backgroundColor;
  return clear(colour) && element.parentElement ? paper(element.parentElement) : colour;
};
return [...document.querySelectorAll(selector)]
  .filter((e) => e.textContent.trim() && e.checkVisibility())
  .map((e) => {
    const style = getComputedStyle(e);
    const ink = e instanceof SVGElement ? style.fill : style.color;
    const [a, b] = [light(ink), light(paper(e))].sort((x, y) => y - x);
    return [(a + 0.05) / (b + 0.05), e.textContent.trim().slice(0, 40), ink];
  });
"""
"""Contrast of each text that is shown with what is behind it.

Source: WCAG 2.2, relative luminance and contrast ratio.
"""


def started(profile: Path, *, script: bool = True) -> Chrome:
    """Return a browser that reaches no host; ``profile`` is an empty directory for it."""
    from selenium.webdriver import Chrome
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = CHROMIUM
    for argument in (
        "headless=new", "no-sandbox", "disable-gpu", "no-first-run", "disable-sync",
        "disable-background-networking", "disable-component-update", "disable-quic",
        "host-resolver-rules=MAP * ~NOTFOUND", f"user-data-dir={profile}",
    ):  # fmt: skip
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not script:
        preference = "profile.managed_default_content_settings.javascript"
        options.add_experimental_option("prefs", {preference: 2})
    browser = Chrome(options=options, service=Service(DRIVER))
    browser.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    return browser


CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
"""Where Debian's packages put them."""


def look(
    browser: Chrome, page: Path, *, width: int = 1280, scheme: str = "light", medium: str = "screen"
) -> None:
    """Open a page in a window of this width, for this colour scheme and medium."""
    window = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", window)
    features = [
        {"name": "prefers-color-scheme", "value": scheme},
        {"name": "prefers-reduced-motion", "value": "reduce"},
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": features})
    browser.get(page.as_uri())


def requested(browser: Chrome) -> list[str]:
    """Return the addresses that the browser asked for since this was asked last."""
    logged: Any = browser.get_log("performance")
    messages = [json.loads(entry["message"])["message"] for entry in logged]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
