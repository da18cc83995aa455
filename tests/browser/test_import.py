"""A folder is dropped on the page, and all of it arrives, though the connection breaks and the page is loaded anew.

STRONGROOM_BROWSER_FILES says how many files there are: 12 unless told, to be quick.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha512
from itertools import count
from pathlib import Path
from textwrap import wrap

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Visitor, a_pdf, visit
from tests.files import docx, written, xlsx
from tests.stack import Site

FILES = int(os.environ.get("STRONGROOM_BROWSER_FILES", "12"))
BEFORE_THE_BREAK = FILES // 2
PATIENCE = 60_000 + 20_000 * FILES
"""Milliseconds, for all files to be sent or to settle."""
TAG = "dropped"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.models,
    pytest.mark.timeout(600 + 2 * PATIENCE // 1_000),
]


def sentence(number: int) -> str:
    """Its words are no other file's, so that none is taken for another version of another."""
    codes = wrap(sha512(str(number).encode()).hexdigest(), 8)
    return f"Rule {number} is for the machines {', '.join(codes)}."


MAKERS: Mapping[str, Callable[[Path, str], Path]] = {
    "txt": lambda path, text: written(path.parent, path.name, text),
    "md": lambda path, text: written(path.parent, path.name, f"# Rule\n\n{text}\n"),
    "html": lambda path, text: written(path.parent, path.name, f"<h1>Rule</h1><p>{text}</p>"),
    "csv": lambda path, text: written(path.parent, path.name, f"Place,Rule\nHarbour,{text}\n"),
    "docx": lambda path, text: docx(path, headings=((1, text),)),
    "xlsx": lambda path, text: xlsx(path, {"Rules": (("Place", "Rule"), ("Harbour", text))}),
    "pdf": lambda path, text: a_pdf(path.parent, path.name, text),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of all these formats in turn, seven to a folder."""
    kinds = list(MAKERS)
    for number in range(FILES):
        inside = tmp_path / "Rules" / f"part {number // len(kinds)}"
        inside.mkdir(parents=True, exist_ok=True)
        kind = kinds[number % len(kinds)]
        MAKERS[kind](inside / f"rule-{number}.{kind}", sentence(number))
    return tmp_path / "Rules"


@pytest.fixture
def dana(browser: Browser, site: Site) -> Iterator[Visitor]:
    """What she brings in goes again with her."""
    with visit(browser, site, "dana") as visitor:
        yield visitor
    client = site.as_("dana")
    while found := client.get("/documents", params={"tag": TAG}).json()["items"]:
        for document in found:
            client.delete(f"/documents/{document['id']}").raise_for_status()


def drop(page: Page, folder: Path) -> None:
    """As by hand: the browser itself reads the folder."""
    area = page.locator("[data-drop]")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    data = {"items": [], "files": [str(folder)], "dragOperationsMask": 1}
    device = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        device.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})
    device.detach()


def send(page: Page, folder: Path) -> str:
    """Drops the folder and begins its batch, whose address this is."""
    drop(page, folder)
    page.locator("[data-chosen-count]", has_text=f"{FILES} files").wait_for()
    page.get_by_label("Collection").select_option("Handbook")
    page.get_by_label("Sensitivity").select_option("Internal")
    page.get_by_label("Tags").fill(TAG)
    page.get_by_role("button", name="Upload", exact=True).click()
    link = page.get_by_role("link", name="See what becomes of them")
    link.wait_for()
    return str(link.get_attribute("href"))


def arrived(page: Page, number: int) -> None:
    """Returns once the page says that so many of the files are there. Of many it names those alone that are not."""
    expect(page.locator("[data-summary]")).to_contain_text(f"{number} of {FILES} files", timeout=PATIENCE)


def test_a_dropped_folder_arrives_whole_over_a_break_and_a_reload(
    dana: Visitor, site: Site, folder: Path, record_property: Callable[[str, object], None]
) -> None:
    page, sent = dana.open("/upload/"), count(1)

    def until_the_break(route: Route) -> None:
        route.continue_() if next(sent) <= BEFORE_THE_BREAK else route.abort()

    page.route("**/uploads/*/files", until_the_break)
    page.on("dialog", lambda dialog: dialog.accept())
    begun = time.monotonic()
    first = send(page, folder)
    arrived(page, BEFORE_THE_BREAK)
    page.locator("[data-state=lost]").first.wait_for(timeout=PATIENCE)
    bars = page.locator("[data-state=sent] progress").evaluate_all("bars => bars.map(bar => bar.value)")
    assert set(bars) == {1}

    page.unroute("**/uploads/*/files")
    page.reload()
    second = send(page, folder)
    arrived(page, FILES)
    all_sent = time.monotonic() - begun

    # What was there already counts as settled.
    for address, files, ready in (
        (first, BEFORE_THE_BREAK, BEFORE_THE_BREAK),
        (second, FILES, FILES - BEFORE_THE_BREAK),
    ):
        batch = dana.open(address)
        batch.locator(".batch-told", has_text=f"All {files} files have settled.").wait_for(timeout=PATIENCE)
        assert batch.locator(".batch-counts a").all_inner_texts() == ["All", f"Ready {ready}"]
    documents = site.as_("dana").get("/documents/count", params={"tag": TAG}).json()
    assert documents["count"] == FILES
    settled = time.monotonic() - begun
    record_property(
        "a dropped folder", f"{FILES} files; sent within {all_sent:.0f} s, settled within {settled:.0f} s"
    )
