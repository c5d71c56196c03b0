"""Pages as PDF by WeasyPrint, where it is installed (`make pdf`). It reads our static files and nothing else."""
import functools
import mimetypes
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

STATIC = Path(__file__).resolve().parent.parent / "static"
ORIGIN = "http://static.invalid/"  # never resolved: the fetcher answers for it


@functools.cache
def installed() -> bool:
    """Whether WeasyPrint and the libraries of the system that it draws with are here."""
    try:
        import weasyprint  # noqa: F401  heavy, and an extra
    except (ImportError, OSError):
        return False
    return True


def pdf_of(html: str, stylesheet: str) -> bytes:
    """A page as PDF/UA, drawn with one of our stylesheets. Raises FatalURLFetchingError where it asks for more."""
    import weasyprint
    fetcher = _static_only()
    fonts = weasyprint.text.fonts.FontConfiguration()
    sheets = [weasyprint.CSS(string=text, base_url=base, url_fetcher=fetcher, font_config=fonts)
              for text, base in ((_font_faces(), f"{ORIGIN}static/vendor/"),
                                 ((STATIC / stylesheet).read_text(), f"{ORIGIN}static/"))]
    page = weasyprint.HTML(string=html, base_url=ORIGIN, url_fetcher=fetcher)
    return page.write_pdf(stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1")


def _font_faces() -> str:
    """The rules of our fonts, which stand at the beginning of the vendored stylesheet, a line each.

    A font comes in parts, by alphabets. WeasyPrint takes parts of one name for the same font and draws wrong letters,
    so here each part is a family of its own.
    """
    lines = [line for line in (STATIC / "vendor/govuk.css").read_text().splitlines() if line.startswith("@font-face")]
    parts = [re.search(r"url\(fonts/([a-z-]+)-\d", line)[1] for line in lines]
    faces = [re.sub('font-family:"[^"]*"', f'font-family:"{part}"', line)
             for line, part in zip(lines, parts, strict=True)]
    families = ",".join(f'"{part}"' for part in dict.fromkeys(parts))
    return "\n".join([*faces, f"body.leaflet,body.sheet{{font-family:{families},sans-serif}}"])


@functools.cache
def _static_only():
    """A fetcher of addresses that reads files under static/ and refuses everything else: no network, no other file."""
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class StaticOnly(URLFetcher):
        def fetch(self, url, headers=None):
            path = (STATIC / unquote(urlsplit(url).path).removeprefix("/static/")).resolve()
            if not url.startswith(f"{ORIGIN}static/") or not path.is_relative_to(STATIC) or not path.is_file():
                raise FatalURLFetchingError(f"not a file of ours: {url}")
            return URLFetcherResponse(url, path.read_bytes(),
                                      {"Content-Type": mimetypes.guess_type(path.name)[0] or "font/woff2"})

    return StaticOnly()
