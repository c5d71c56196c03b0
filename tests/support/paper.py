"""A page as it comes out of the printer, drawn by Chromium with the application's own styles."""
import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
PAGE = re.compile(rb"/Type\s*/Page\b")


def printed(chromium, answer):
    """A page of Chromium that shows an answer as on paper. Close it."""
    styles = "".join(f"<style>{(STATIC / name).read_text(encoding='utf-8')}</style>"
                     for name in ("vendor/govuk.css", "theme.css"))
    page = chromium.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content(re.sub(r"<(script|link)\b[^>]*>(</script>)?", "", answer.html).replace("</head>",
                                                                                            f"{styles}</head>"))
    page.emulate_media(media="print")
    return page


def sheets(page, size: str = "A4") -> int:
    """How many sheets of paper it takes."""
    return len(PAGE.findall(page.pdf(format=size, prefer_css_page_size=True)))
