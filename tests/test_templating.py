"""Templates compiled to plain calls answer as Jinja's own would, byte for byte."""
import re
from decimal import Decimal

import pytest
from flask_babel import lazy_gettext
from jinja2 import Environment, StrictUndefined, Template, UndefinedError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.utils import _PassArg
from markupsafe import Markup
from werkzeug.local import LocalProxy

import templating

NEW_EACH_TIME = re.compile(r'value="[^"]{20,}"|<p class="print-head">[^<]*')
ADDRESSES = {"pavel": ("/", "/visits", "/book", "/cooperation", "/figures"), "nela": ("/", "/book", "/my", "/clients"),
             "kora": ("/", "/book/proposed"), "karel": ("/",), "adam": ("/admin/users",)}
MACROS = """
{%- macro plain(first, second="b<", third=none) %}[{{ first }}|{{ second }}|{{ third }}]{% endmacro -%}
{%- macro held(title) %}({{ title }}{% if caller is defined %}:{{ caller() }}{% endif %}){% endmacro -%}
{%- macro open(first) %}{{ first }}{{ kwargs|dictsort }}{{ varargs }}{% endmacro -%}
{%- macro given(caller="none") %}{{ caller if caller is string else caller() }}{% endmacro -%}
"""
ASKED = [
    "{{ plain('a&b') }}", "{{ plain('a', 'x', 'y') }}", "{{ plain('a', third=1) }}", "{{ plain(first=safe) }}",
    "{{ plain(second=lazy, first=number) }}", "{{ held('t') }}", "{% call held('t') %}<b>{{ text }}</b>{% endcall %}",
    "{% call held(title='t') %}x{% endcall %}", "{{ open(1, 2, 3, a=4) }}", "{{ open(first=1, class='c') }}",
    "{{ [text, safe, 1]|join('<') }}", "{{ [text, 2]|join(', ') }}", "{{ [text, 3]|join(safe) }}",
    "-{{ []|join(', ') }}", "{{ text|join }}",
    "{{ given() }}", "{% call given() %}y{% endcall %}", "{{ text|upper }}{{ text }}{{ safe }}{{ none }}{{ number }}",
    "{% set kept %}{{ text }}{% endset %}{{ kept }}", "{{ dict(**{'class': text})['class'] }}",
    "{% for each in [1, 2] %}{{ plain(each, loop.index) }}{% endfor %}", "{{ plain(*['a', 'b']) }}",
]
REFUSED = ["{{ plain() }}", "{{ plain('a', fourth=1) }}", "{{ plain('a', 'b', 'c', 'd') }}",
           "{{ plain('a', first=1) }}", "{{ nothing }}", "{{ nothing('x') }}", "{{ held() }}", "{{ held('t', 'u') }}"]
VALUES = {"text": "<i> & \"co\"", "safe": Markup("<b>ok</b>"), "number": 1.5, "lazy": ["<", 2]}


def environments():
    """Jinja's own and ours, with the same settings."""
    both = [Environment(autoescape=True, undefined=StrictUndefined) for _each in range(2)]
    templating.use(both[1])
    return both


@pytest.mark.parametrize("asked", ASKED)
def test_a_piece_is_what_jinja_makes_of_it(asked):
    stock, ours = (each.from_string(MACROS + asked).render(VALUES) for each in environments())
    assert ours == stock and ours


@pytest.mark.parametrize("refused", REFUSED)
def test_a_wrong_call_is_refused_in_the_same_words(refused):
    sentences = []
    for each in environments():
        with pytest.raises((UndefinedError, TypeError)) as error:
            each.from_string(MACROS + refused).render(VALUES)
        sentences.append(str(error.value))
    assert sentences[0] == sentences[1]


def test_whole_pages_are_what_jinja_makes_of_them(app, sign_in, monkeypatch):
    ours = pages_of(sign_in)
    monkeypatch.setattr(app.jinja_env, "code_generator_class", CodeGenerator)
    monkeypatch.setattr(app.jinja_env, "template_class", Template)
    app.jinja_env.cache.clear()
    stock = pages_of(sign_in)
    app.jinja_env.cache.clear()
    assert ours == stock and len(ours) == sum(map(len, ADDRESSES.values()))


def pages_of(sign_in):
    return {(name, address): NEW_EACH_TIME.sub("", sign_in(name).get(address).text)
            for name, addresses in ADDRESSES.items() for address in addresses}


def test_nothing_that_templates_call_wants_the_context(app):
    offered = {name: each for name, each in app.jinja_env.globals.items() if type(each) is not LocalProxy}
    assert [name for name, each in offered.items() if _PassArg.from_obj(each) is not None] == []
    assert {"_", "url_for", "csrf_token"} <= set(offered)


@pytest.mark.parametrize(("text", "values"), [
    ("%(a)s", {"a": "<"}), ("%(a)s %%", {"a": Markup("<b>")}), ("%(n)d %(a)s", {"n": 3, "a": "x"}),
    ("<b>%(a)s</b>", {"a": None}), ("%(n).1f", {"n": Decimal("1.25")}), ("%(a)s", {"a": True}),
    ("%(a)s", {"a": lazy_gettext("<x>")}), ("%(a)s", {"a": ["<"]}),
])
def test_words_are_filled_as_markup_is(app, text, values):
    found = templating.filled(text, values)
    assert found == Markup(text) % values and type(found) is Markup


def test_words_are_said_once_and_forgotten_before_they_are_too_many(monkeypatch):
    monkeypatch.setattr(templating, "KEPT_WORDS", 2)
    words = templating.Words(str.upper, lambda one, more, number: one if number == 1 else more)
    assert [words.gettext(each) for each in ("a%%", "b", "c", "a%%")] == ["A%", "B", "C", "A%"]
    assert len(words.said) == 2
    assert words.ngettext("%(num)d", "%(num)d of %(a)s", 2, a="<") == "2 of &lt;"


WORDS = {"_", "gettext", "ngettext", "label"}


def said_once(source: str, environment) -> list[str]:
    """Names that a template sets outside of its macros to words of one language."""
    tree = environment.parse(source)
    return [assign.target.name for assign in tree.body if isinstance(assign, nodes.Assign)
            and any(getattr(call.node, "name", "") in WORDS for call in assign.find_all(nodes.Call))]


def test_what_is_imported_says_no_words_outside_of_macros(app):
    """It runs once for all readers, so its words would be in the language of the first."""
    environment = app.jinja_env
    names = [name for name in environment.list_templates() if name.endswith(".html") and "govuk_frontend" not in name]
    sources = {name: environment.loader.get_source(environment, name)[0] for name in names}
    imported = {each.template.value for source in sources.values()
                for each in environment.parse(source).find_all((nodes.FromImport, nodes.Import))}
    assert "_parts.html" in imported
    assert {name: found for name in imported & sources.keys()
            if (found := said_once(sources[name], environment))} == {}
    assert said_once('{% set word = {"a": _("word")} %}', environment) == ["word"]
