"""What the tests of looks share: the light page turned dark without opening it again, what keeps people out, what runs over."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

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


SPILLED = """() => {
    const found = [];
    for (const card of document.querySelectorAll('.dss-card')) {
        const room = card.getBoundingClientRect();
        if (!room.height) continue;
        for (const part of card.querySelectorAll('*:not(svg *):not(.bqplot):not(.bqplot *)')) {
            let box = part.getBoundingClientRect();
            if (!box.width || !box.height || !part.checkVisibility({visibilityProperty: true})) continue;
            box = {right: box.right, bottom: box.bottom, left: box.left};
            for (let around = part.parentElement; around !== card; around = around.parentElement) {
                const look = getComputedStyle(around), frame = around.getBoundingClientRect();
                if (look.display === 'contents') continue;
                if (look.overflowX !== 'visible') { box.right = Math.min(box.right, frame.right); }
                if (look.overflowY !== 'visible') { box.bottom = Math.min(box.bottom, frame.bottom); }
            }
            if (box.right > room.right + 1 || box.bottom > room.bottom + 1 || box.left < room.left - 1)
                found.push(`${part.tagName}.${part.className} in ${card.className}: ${part.innerText || ''}`.slice(0, 200));
        }
    }
    return found;
}"""
"""JavaScript: what sticks out of its card. What scrolls inside of a frame does not; plots take on a new width later."""


def spilled(page: Any) -> list[str]:
    """Return what runs out of its card."""
    return page.evaluate(SPILLED)


TOPS = """() => [...document.querySelectorAll('.dss-columns')].filter(columns => columns.checkVisibility())
    .map(columns => [...columns.children].map(column => Math.round(column.getBoundingClientRect().top)))"""
"""JavaScript: where the columns of a page begin."""

WIDTHS = (800, 1280, 1440, 1920)


def fits(page: Any) -> None:
    """Check that nothing runs out of its card, in a wide page and in a narrow one."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function("document.querySelector('.dss-panel').getBoundingClientRect().right <= window.innerWidth")
        assert spilled(page) == [], f"{width} pixels wide"
    assert all(left == right for left, right in page.evaluate(TOPS)), "columns begin on one line"


FAULTS = ("serious", "critical")

EXPLAINED: dict[str, str] = {}
"""Rules that cannot be kept, each with its reason. There are none."""


def faults(page: Any) -> list[str]:
    """Return what axe-core finds that is serious, as text."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['target']} {node['html'][:300]}"
        for fault in found
        if fault["impact"] in FAULTS and fault["id"] not in EXPLAINED
        for node in fault["nodes"]
    ]


def keeps_nobody_out(page: Any) -> None:
    """Check that axe-core finds nothing serious, in light and dark; the page is dark from then on."""
    assert faults(page) == []
    darken(page)
    assert faults(page) == []
