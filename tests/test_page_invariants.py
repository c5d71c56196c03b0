"""The look at every page finds what it should: one planted defect each."""
import pytest

from tests.support.page import Page, problems

GOOD = """<!doctype html><html lang="cs"><head><title>Dnes – Návaznost</title>
<link href="/static/theme.css"></head><body>
<h1>Dnes</h1><p id="hint">x</p><a href="/x?q=1" hx-get="/x?q=1">x</a><a href="https://example.org/">out</a>
<form method="post" action="/a" hx-post="/a"><input type="hidden" name="csrf_token" value="t">
<label for="name">Jméno</label><input id="name" name="name" aria-describedby="hint"><button>Uložit</button></form>
</body></html>"""

DEFECTS = [
    ("<h1>Dnes</h1>", "<h1>Dnes</h1><h1>Dnes</h1>", "h1"), ("<h1>Dnes</h1>", "", "h1"),
    ("<h1>Dnes</h1>", "<h1>Zítra</h1>", "title"), ('lang="cs"', "", "language"),
    ('id="hint"', 'id="name"', "stands 2 times"), ('<label for="name">Jméno</label>', "", "no label"),
    ('for="name"', 'for="other"', "no label"), ('aria-describedby="hint"', 'aria-describedby="gone"', "points to"),
    (' method="post"', "", "no method"), (' action="/a"', "", "no action"), ("csrf_token", "other", "0 tokens"),
    ('method="post"', 'method="get"', "puts its token"), ('hx-get="/x?q=1"', 'hx-get="/y"', "hx-get"),
    ('hx-post="/a"', 'hx-post="/b"', "hx-post"), ('hx-post="/a"', 'hx-on:click="x()"', "hx-on"),
    ("<button>", '<button onclick="x()">', "inline"), ("<button>", '<button style="color:red">', "inline"),
    ("<p ", "<style>p{}</style><p ", "inline"), ("<p ", "<script>x()</script><p ", "inline"),
    ('href="/x?q=1" ', 'href="javascript:x()" ', "inline"), ("/static/theme.css", "https://cdn.example/x.css", "loads"),
    ("<p ", '<img src="//cdn.example/x.png"><p ', "loads"),
    ('action="/a"', 'action="https://evil.example/"', "goes to"),
    ("<button>Uložit</button>", "<button></button>", "without a name"),
]


def test_a_good_page_has_no_problems():
    assert problems(GOOD) == []


@pytest.mark.parametrize("part, worse, word", DEFECTS)
def test_a_defect_is_found(part, worse, word):
    assert part in GOOD
    found = problems(GOOD.replace(part, worse, 1))
    assert any(word in problem for problem in found), found


def test_a_fragment_needs_no_heading_but_keeps_the_other_rules():
    assert problems('<p id="a">x</p>') == []
    assert problems('<p id="a">x</p><p id="a">x</p><input name="q">') != []


def test_a_form_is_read_as_a_browser_sends_it():
    page = Page('<form action="/a"><input name="a" value="1"><input type="checkbox" name="b" value="x">'
                '<input type="checkbox" name="b" value="y" checked><select name="c"><option value="1">x'
                '<option value="2" selected>y</select><textarea name="d">\nwords</textarea><button name="e">go</button>'
                '<input name="f" value="no" disabled></form>')
    assert page.values(page.form("/a")) == {"a": ["1"], "b": ["y"], "c": ["2"], "d": ["words"]}
