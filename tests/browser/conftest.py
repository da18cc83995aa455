"""Headless Chromium in front of a real Strongroom."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fpdf import FPDF
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.stack import Site

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Closed with the module: while Playwright's loop runs, Django refuses to use the database in this thread.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """Somebody in front of a browser."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.page: Page = context.new_page()
        self.site = site

    def open(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def sign_in(self, username: str) -> Page:
        self.open("/sign-in/")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(self.site.password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_role("heading", name="What would you like to know?").wait_for()
        return self.page

    def ask(self, question: str) -> Page:
        self.open("/")
        self.page.get_by_label("Your question").fill(question)
        self.page.get_by_role("button", name="Ask", exact=True).click()
        self.page.locator(".answer-done, .answer-failed").wait_for(timeout=60_000)
        return self.page


@contextmanager
def visit(browser: Browser, site: Site, username: str, **options: object) -> Iterator[Visitor]:
    """A fresh browser window in which this person has signed in."""
    context = browser.new_context(**options)
    try:
        visitor = Visitor(context, site)
        visitor.sign_in(username)
        yield visitor
    finally:
        context.close()


def a_pdf(folder: Path, name: str, *paragraphs: str) -> Path:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    for paragraph in paragraphs:
        pdf.multi_cell(0, 8, paragraph, new_x="LMARGIN", new_y="NEXT")
        pdf.ln(4)
    pdf.output(str(folder / name))
    return folder / name


def upload(visitor: Visitor, path: Path, *, sensitivity: str) -> str:
    """Brings the file in through the page, follows it until it is ready, and gives its document's address.

    The batch's page stays open.
    """
    page = visitor.open("/upload/")
    page.get_by_label("Drop files here").set_input_files(path)
    page.get_by_label("Collection").select_option("Handbook")
    page.get_by_label("Sensitivity").select_option(sensitivity)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.locator("[data-state=sent]").wait_for()
    page.get_by_role("link", name="See what becomes of them").click()
    row = page.locator("#batch .row", has_text=path.name).first
    row.get_by_text("Ready", exact=True).wait_for(timeout=120_000)
    return str(row.get_by_role("link").get_attribute("href"))


def delete(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    page.locator(".document-facts .confirm summary").click()
    page.get_by_role("button", name="Delete for good").click()
    page.get_by_text("was deleted").wait_for()
