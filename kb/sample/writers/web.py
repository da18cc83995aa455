"""Web pages."""

from html import escape

from kb.sample.manuscript import MARKDOWN, Manuscript

PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta name="author" content="{author}">
<meta name="date" content="{date}">
</head>
<body>
<main>
{body}</main>
</body>
</html>
"""


def write_html(manuscript: Manuscript) -> bytes:
    page = PAGE.format(
        language=manuscript.language,
        title=escape(manuscript.title),
        author=escape(manuscript.author),
        date=manuscript.written.isoformat(),
        body=MARKDOWN.render(manuscript.text),
    )
    return page.encode()
