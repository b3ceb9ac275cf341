"""What the tests of looks share: the light page turned dark without opening it anew."""

from typing import Any

DARKEN = """async () => {
    const light = [...document.querySelectorAll('link')].find(link => link.href.includes('theme-light.css'));
    const dark = light.cloneNode();
    dark.href = light.href.replace('theme-light.css', 'theme-dark.css');
    await new Promise((loaded, failed) => { dark.onload = loaded; dark.onerror = failed; light.after(dark); });
    light.remove();
    document.body.dataset.jpThemeLight = 'false';
    document.body.dataset.jpThemeName = 'JupyterLab Dark';
    document.body.classList.replace('theme-light', 'theme-dark');
}"""
"""JavaScript: what Voila's page with theme=dark is, made of the light one."""


def darken(page: Any) -> None:
    """Turn the light page of a dashboard dark."""
    page.evaluate(DARKEN)
    page.wait_for_function("getComputedStyle(document.querySelector('.dss')).colorScheme === 'dark'")
