"""Formatted text: what it can do, and what nobody can do with it."""

import ast
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from richtext import ELEMENTS, MOST_BYTES, REL, render

PROJECT = Path(__file__).parents[1]


class Elements(HTMLParser):
    """Collects (element, attributes) as a browser would meet them."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data):
        self.found.append(("comment", {}))

    handle_decl = handle_pi = unknown_decl = handle_comment


def is_harmless(html):
    for element, attributes in Elements(html).found:
        if element not in ELEMENTS:
            return False
        if element != "a" and attributes:
            return False
        if element == "a" and not is_harmless_link(attributes):
            return False
    return True


def is_harmless_link(attributes):
    leads_out = attributes.get("href", "").lower().startswith(("http://", "https://", "mailto:"))
    return set(attributes) == {"href", "rel"} and attributes["rel"] == REL and leads_out


@pytest.mark.parametrize(
    "typed, shown",
    [
        ("Vezměte si **občanku**.", "<p>Vezměte si <strong>občanku</strong>.</p>"),
        ("*prosím*", "<p><em>prosím</em></p>"),
        ("jeden\ndva", "<p>jeden<br>\ndva</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> řekl", "<blockquote>\n<p>řekl</p>\n</blockquote>"),
        ("# ne nadpis", "<p># ne nadpis</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_few_constructs(typed, shown):
    assert render(typed).strip() == shown


@pytest.mark.parametrize(
    "typed, href",
    [
        ("[web](https://www.laxus.cz/)", "https://www.laxus.cz/"),
        ("[pošta](mailto:nela@example.cz)", "mailto:nela@example.cz"),
        ("viz https://www.laxus.cz/kontakt?a=1&b=2", "https://www.laxus.cz/kontakt?a=1&b=2"),
    ],
)
def test_links_lead_out_and_say_nothing_of_us(typed, href):
    assert ("a", {"href": href, "rel": "noopener noreferrer nofollow"}) in Elements(render(typed)).found


@pytest.mark.parametrize("typed", ["www.laxus.cz", "Laxus z.ú. a pmscr.cz", "nela@example.cz", "ftp://laxus.cz"])
def test_what_was_not_typed_as_a_link_stays_text(typed):
    assert render(typed).strip() == f"<p>{typed}</p>"


@pytest.mark.parametrize("href", ["/clients/1", "//evil.example", "#top", "?next=x", "clients", "\\\\evil.example"])
def test_no_link_leads_into_our_own_pages(href):
    assert "<a" not in render(f"[x]({href})")


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<style>*{display:none}</style>",
    "<iframe src=https://evil.example></iframe>",
    "<a href=javascript:alert(1)>x</a>",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;img src=x onerror=alert(1)&#62;",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#x0a;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](<javascript:alert(1)>)",
    "[x](file:///etc/passwd)",
    '[x](https://a.example"onclick="alert(1))',
    "[x](https://a.example 'a\" onmouseover=\"alert(1)')",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    '"><script>alert(1)</script>',
    "[<img src=x onerror=alert(1)>](https://a.example)",
    "<https://a.example/\"onload=alert(1)>",
    "https://a.example/<script>alert(1)</script>",
    "https://a.example/\"onclick=alert(1)",
    "[a]: javascript:alert(1)\n\n[a]",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<form action=https://evil.example><input name=pin></form>",
    "\x00<script>\x00alert(1)</script>",
    "\ud83d<b onclick=x>",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_becomes_harmless(typed):
    assert is_harmless(render(typed)), render(typed)


def test_the_check_of_harmlessness_finds_harm():
    assert not is_harmless("<p><script>alert(1)</script></p>")
    assert not is_harmless("<p onclick=x>a</p>")
    assert not is_harmless('<a href="javascript:alert(1)" rel="noopener noreferrer nofollow">x</a>')
    assert not is_harmless('<a href="https://a.example">x</a>')


FRAGMENTS = ["<", ">", '"', "'", "[", "](", ")", "javascript:", "https://a.cz", "mailto:", "script", "\n", "&#x3c;",
             " ", "on=", "`", "*", "- ", "> ", "!", "\\", "\x00", "img src=x", "&lt;", "//", "data:"]  # fmt: skip


@given(st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=5), max_size=25).map("".join))
def test_no_mixture_is_harmful(typed):
    assert is_harmless(render(typed))


@pytest.mark.parametrize(
    "piece", ["[", "![", "*", "**a", "> ", "- ", "<", "&", "[a](", "\\", "a*b_", "1. ", "https://a.cz "]
)
def test_pathological_text_does_not_make_a_page_wait(piece):
    started = time.perf_counter()
    assert is_harmless(render(piece * (MOST_BYTES // len(piece))))
    assert time.perf_counter() - started < 4


def test_what_is_beyond_the_cap_is_left_out():
    shown = render("á" * MOST_BYTES)
    assert shown.count("á") == MOST_BYTES // 2


def test_the_result_is_markup_and_is_not_escaped_again():
    assert isinstance(render("a"), Markup)


def test_nobody_else_imports_bleach():
    importers = set()
    ours = [room for room in PROJECT.iterdir() if room.name not in {".venv", "var", "tests"}]
    for path in (path for room in ours for path in ([room] if room.suffix == ".py" else room.rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "bleach" for name in names):
                importers.add(path.relative_to(PROJECT).as_posix())
    assert importers == {"richtext.py"}
