"""The main job through a browser: bring a document in, ask about it, open the citation; by all means of access."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page

from tests.browser.conftest import Visitor, a_pdf, delete, upload, visit
from tests.stack import Site

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.timeout(1_200)]

QUESTION = "How many days of notice does the boathouse rental need?"
SENTENCE = "Renting the boathouse needs eleven days of notice."
SECRET_QUESTION = "What is the price of the Larkspur takeover?"
SECRET = "The price of the Larkspur takeover is ninety million euros."
WIDTHS = [390, 768, 1600]
ALL_RULES: dict[str, object] = {"resultTypes": ["violations"]}
CONTRAST: dict[str, object] = {**ALL_RULES, "runOnly": ["color-contrast"]}
"""All that axe looks for that another colour scheme can change."""
PAGES = [
    "/",
    "/search/",
    "/search/?q=boathouse&language=xx&since=2020-01-01",
    "/search/?q=zzz",
    "/library/",
    "/library/?q=boathouse",
    "/library/?q=zzz",
    "/upload/",
    "/uploads/",
    "/conversations/",
    "/feedback/",
    "/console/",
    "/console/health/",
    "/console/boundary/",
    "/console/routes/",
    "/console/routes/?collection=1",
    "/console/ledger/",
    "/console/categories/",
    "/console/categories/1/",
    "/console/quality/",
    "/console/quality/gaps/",
    "/console/quality/confirmed/",
    "/console/jobs/",
    "/console/review/",
    "/console/review/passages/",
    "/console/review/suspicious/",
    "/console/collections/",
    "/collections/1/sharing/",
    "/console/collections/1/",
    "/console/people/1/",
    "/console/groups/1/",
    "/console/tags/",
    "/console/reveal/",
    "/console/services/",
    "/console/keys/",
    "/console/limits/person/1/",
    "/console/rights/",
    "/keys/",
    "/webhooks/",
    "/account/",
    "/account/password/",
    "/api/docs",
    "/nowhere/",
]


@dataclass(frozen=True)
class Shelf:
    """What the tests find: addresses of a document, a secret one and its batch, a conversation and its citation, and a
    timeline."""

    document: str
    secret: str
    batch: str
    conversation: str
    citation: str
    timeline: str

    @property
    def pages(self) -> list[str]:
        return [
            *PAGES,
            self.document,
            f"{self.document}chunks/",
            self.batch,
            self.conversation,
            self.citation,
            self.timeline,
        ]


@pytest.fixture(scope="module")
def shelf(browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder = tmp_path_factory.mktemp("files")
    boats = a_pdf(
        folder, "boathouse.pdf", SENTENCE, "Keys are at the reception. The slipway is closed in winter."
    )
    takeover = a_pdf(
        folder, "larkspur.pdf", SECRET, "Only the board knows of the plan, and nobody may speak of it."
    )
    with visit(browser, site, "dana") as dana:
        document = upload(dana, boats, sensitivity="Internal")
        secret = upload(dana, takeover, sensitivity="Restricted")
        batch = dana.page.url.removeprefix(site.url)
        conversation = dana.ask(QUESTION).url.removeprefix(site.url)
        citation = str(dana.page.locator("a.cite").first.get_attribute("href"))
        jobs = dana.open("/console/jobs/").get_by_role("link", name="Timeline")
        timeline = str(jobs.first.get_attribute("href"))
        yield Shelf(document, secret, batch, conversation, citation, timeline)
        for address in (document, secret):
            delete(dana, address)
            assert (
                dana.open(address).get_by_role("heading", name="There is nothing here for you").is_visible()
            )


@pytest.fixture
def dana(browser: Browser, site: Site) -> Iterator[Visitor]:
    with visit(browser, site, "dana") as visitor:
        yield visitor


def test_a_citation_opens_its_document_with_the_quote_in_view(dana: Visitor, shelf: Shelf) -> None:
    page = dana.ask(QUESTION)
    assert "eleven days" in page.locator(".prose").inner_text()
    assert "Nothing left the building" in page.locator(".made").inner_text()
    page.locator("a.cite").first.click()
    page.wait_for_url(f"**{shelf.document}original/?citation=*")
    page.get_by_text("The quote is marked on the page.").wait_for()
    mark = page.locator(".sheet canvas + .textLayer mark").first
    assert "eleven days" in mark.inner_text()
    assert mark.bounding_box()["y"] < page.viewport_size["height"]
    page.go_back()
    page.wait_for_url("**/conversations/*/")


def test_a_citation_of_an_office_document_opens_its_text(dana: Visitor, shelf: Shelf) -> None:
    page = dana.ask("How many days of annual leave do employees in Cork have?")
    page.get_by_role("link", name="Employee Handbook").first.click()
    page.wait_for_url("**/documents/*/?citation=*#quote")
    mark = page.locator("mark#quote")
    assert 0 < mark.bounding_box()["y"] < page.viewport_size["height"]


FOUND = [
    ("The oil is fine.", ["Seven. The oil", "is \ufb01ne. More."], "", [[0, "The oil"], [1, "is \ufb01ne"]]),
    ("every second winter", ["every sec-", "ond winter"], "", [[0, "every sec"], [1, "ond winter"]]),
    ("Übergröße: 12", ["U\u0308bergröße: 12 kg"], "", [[0, "U\u0308bergröße: 12"]]),
    ("| Joint | CB-80 |\n| Lid | M12 x 55 |", ["Joint", "CB-80", "Oil", "M8", "Lid", "M12 x 55"], "",
     [[0, "Joint"], [1, "CB-80"], [4, "Lid"], [5, "M12 x 55"]]),
    ("12 kg", ["Ships: 12 kg", "Trains: 12 kg"], "Trains: ", [[1, "12 kg"]]),
    ("12 kg", ["Ships: 12 kg", "Trains: 12 kg"], "Planes: ", [[0, "12 kg"]]),
    ("Ships: 13 kg", ["Ships: 12 kg"], "", []),
    ("—", ["— and —"], "", []),
]  # fmt: skip
"""A quote, the texts of a page, what stands before the quote, and what of which text is marked."""
FIND = """async (cases) => {
    const { find } = await import("/static/quote.mjs");
    return cases.map(([quote, texts, before]) =>
        find(quote, texts, before).map(({ text, start, end }) => [text, texts[text].slice(start, end)]));
}"""


def test_a_quote_is_found_however_its_page_cuts_it(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/sign-in/")
    assert page.evaluate(FIND, [case[:3] for case in FOUND]) == [case[3] for case in FOUND]
    page.close()


TREE = """async () => {
    const { dropped, refused } = await import("/static/upload/folders.mjs");
    const file = (path) => ({ isFile: true, fullPath: path, file: (take) => take({ size: 1 }) });
    const folder = (...inside) => ({ createReader: () => ({
        readEntries: (take) => take(inside.splice(0, 100)) }) });
    const many = Array.from({ length: 250 }, (_, number) => file(`/Rules/old/${number}.txt`));
    const entries = [file("/memo.txt"), folder(file("/Rules/.git"), folder(...many))];
    const found = await dropped({ items: entries.map((entry) => ({ webkitGetAsEntry: () => entry })) });
    const rules = { limit: 5, extensions: new Set(["txt"]) };
    const why = (path, size) => refused({ file: { size }, path }, rules);
    return [found.length, found.at(-1).path, why(found[1].path, 1), why("a/b.TXT", 5), why("a/b.txt", 6),
            why("a/b.txt", 0), why("a/b.mp3", 1), why("a/README", 1)];
}"""


def test_a_dropped_folder_is_walked_to_its_end(browser: Browser, site: Site) -> None:
    page = browser.new_page()
    page.goto(f"{site.url}/sign-in/")
    found = [252, "Rules/old/249.txt", "hidden", "", "size", "empty", "format", ""]
    assert page.evaluate(TREE) == found
    page.close()


def test_a_file_goes_on_after_the_page_was_loaded_anew(dana: Visitor, tmp_path: Path) -> None:
    """It is of no format, which can be said only once all of it has arrived."""
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(bytes(range(256)) * 2**15 + b"the second part")
    page = dana.open("/upload/")
    page.route("**/uploads/files/*", lambda route: route.abort())
    page.get_by_label("Drop files here").set_input_files(scan)
    page.get_by_label("Collection").select_option("Handbook")
    page.get_by_role("button", name="Upload", exact=True).click()
    page.locator("[data-bytes]", has_text="8 MB of 8").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.locator("[data-unfinished]", has_text="99 % of 8.0").wait_for()
    page.unroute("**/uploads/files/*")
    page.get_by_label("Drop files here").set_input_files(scan)
    page.get_by_text("“scan.pdf” is named as PDF, but its content is").wait_for()
    assert page.locator("[data-unfinished]").count() == 0


def test_a_number_lights_its_source(dana: Visitor, shelf: Shelf) -> None:
    page = dana.open(shelf.conversation)
    page.locator("a.cite").first.hover()
    assert "lit" in (page.locator(".source").first.get_attribute("class") or "")


def test_a_restricted_document_leaves_no_trace_for_bob(browser: Browser, site: Site, shelf: Shelf) -> None:
    with visit(browser, site, "bob") as bob:
        answer = bob.ask(SECRET_QUESTION).locator(".answer").inner_text()
        assert "I found nothing" in answer
        rows = bob.open("/library/?q=Larkspur").locator("main").inner_text()
        assert not any(word in answer + rows for word in ("million", "larkspur.pdf"))
        assert "There is nothing here for you" in bob.open(shelf.secret).locator("h1").inner_text()


def test_everything_works_without_script(browser: Browser, site: Site, shelf: Shelf) -> None:
    with visit(browser, site, "dana", java_script_enabled=False) as visitor:
        page = visitor.ask(QUESTION)
        assert "eleven days" in page.locator(".prose").inner_text()
        page.locator("a.cite").first.click()
        page.get_by_role("link", name="Read as text").click()
        assert "eleven days" in page.locator("mark#quote").inner_text()


def test_the_slash_key_goes_to_the_search(dana: Visitor) -> None:
    page = dana.open("/library/")
    page.keyboard.press("/")
    page.keyboard.type("boathouse")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=boathouse")
    assert "eleven days of notice" in page.locator(".result-text").first.inner_text()


def test_a_search_follows_the_typing_and_the_keyboard_opens_what_it_found(
    dana: Visitor, shelf: Shelf
) -> None:
    page = dana.open("/search/")
    page.locator("#q:focus").wait_for()
    page.keyboard.type("boathouse rental")
    page.locator(".result-text mark", has_text="boathouse").first.wait_for()
    assert page.url.endswith("/search/?q=boathouse+rental")
    assert page.evaluate("document.activeElement.id") == "q"
    assert "passage" in page.locator("#count").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{shelf.document}?chunk=0#chunk-0")
    recent = dana.open("/search/").get_by_role("region", name="Your last searches")
    assert "boathouse rental" in recent.inner_text()


def test_a_facet_narrows_and_is_taken_back_without_loading_the_page(dana: Visitor, shelf: Shelf) -> None:
    page = dana.open("/search/?q=boathouse")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Handbook").first.click()
    page.locator(".filter-on", has_text="Handbook").click()
    page.wait_for_url("**/search/?q=boathouse")
    assert (page.evaluate("window.same"), page.locator(".filter-on").count()) == (True, 0)


def test_labels_are_reviewed_by_keyboard_alone(dana: Visitor) -> None:
    page = dana.open("/console/review/")
    titles = page.locator("[data-review] h2").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("c")
    page.get_by_text("1 label was decided.").wait_for()
    assert page.locator("[data-review] h2").all_inner_texts() == titles[1:]
    page.keyboard.press("u")
    page.get_by_text("1 label was taken back.").wait_for()
    assert page.locator("[data-review] h2").first.inner_text() == titles[0]


AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def test_a_passkey_signs_in_by_itself(browser: Browser, site: Site) -> None:
    """With the browser's own virtual device, under the name that passkeys are bound to: an address has none."""
    here = f"http://localhost:{site.port}"
    page = browser.new_page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    sign_in_with_password(page, here, "charlie", site.password)
    page.goto(f"{here}/account/passkeys/add/")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="I have written them down").click()
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="What would you like to know?").wait_for()
    assert "Charlie" in page.locator(".person-menu").inner_text()
    page.context.clear_cookies()
    sign_in_with_password(page, here, "charlie", site.password)
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="What would you like to know?").wait_for()
    page.close()


def sign_in_with_password(page: Page, here: str, username: str, password: str) -> None:
    page.goto(f"{here}/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_theme_is_switched_and_kept(dana: Visitor) -> None:
    page = dana.open("/library/")
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_url("**/library/")
    assert dana.open("/upload/").locator("html").get_attribute("data-theme") == "dark"


@dataclass
class Walk:
    """What was found on a walk through all pages: addresses with axe's reports, widths that overflow, complaints."""

    violations: dict[str, str] = field(default_factory=dict)
    wide: list[tuple[str, int]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def walk(browser: Browser, site: Site, shelf: Shelf) -> Walk:
    """As the administrator, who sees most. Each page is opened once: that is what takes the time."""
    found = Walk()
    with visit(browser, site, "dana", reduced_motion="reduce") as visitor:
        page = visitor.page
        page.on("console", lambda message: found.complaints.append(message.text))
        page.on("pageerror", lambda error: found.complaints.append(_text(error)))
        for path in shelf.pages:
            page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
            page.emulate_media(color_scheme="light")
            visitor.open(path)
            found.violations |= _violations(visitor, f"{path} in light", ALL_RULES)
            page.emulate_media(color_scheme="dark")
            found.violations |= _violations(visitor, f"{path} in dark", CONTRAST)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.wide.append((path, width))
    return found


def test_axe_finds_nothing(walk: Walk) -> None:
    assert walk.violations == {}


def test_no_page_scrolls_sideways(walk: Walk) -> None:
    assert walk.wide == []


def test_nothing_breaks_the_content_policy(walk: Walk) -> None:
    assert [text for text in walk.complaints if "404" not in text] == []


def _violations(visitor: Visitor, name: str, options: dict[str, object]) -> dict[str, str]:
    results = Axe().run(visitor.page, options=options)
    return {name: results.generate_report()} if results.violations_count else {}


def _text(error: Error) -> str:
    return error.message
