"""The Jinja environment, the fields of forms and the files that browsers fetch, without the rest of the app."""
import hashlib
import re
from dataclasses import replace

import pytest
from flask import Flask, render_template, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import UndefinedError
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FieldList,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Optional, ValidationError

import choices
import pages

ROOT = pages.Path(pages.__file__).parent
CHOICES = choices.of_pairs([("d", "debts"), ("h", "housing")])
FRAME = pages.Frame(signed_in=True, demo=True, language="en", person="Nela", organisation="Laxus",
                    places=[pages.Place("Today", "/", 2, True), pages.Place("Visits", "/visits")],
                    search_url="/search", sign_out_url="/out", language_url="/language", idle_seconds=900)
PAGE = """{% extends "base.html" %}{% from "_fields.html" import field, scale, error_summary %}
{% set heading = "Ask for a visit" %}
{% block content %}{{ error_summary(form) }}<form method="post" action="/">{{ form.hidden_tag() }}
{% for one in form if one.type not in ("CSRFTokenField", "HiddenField", "FieldList") %}
{{ scale(one) if one.name == "mood" else field(one) }}{% endfor %}</form>{% endblock %}"""


def refuse(form, field):
    raise ValidationError("Say it again.")


class Everything(FlaskForm):
    name = StringField("Name", [refuse], description="As in the passport")
    email = EmailField("E-mail", [refuse])
    password = PasswordField("Password", [refuse])
    note = TextAreaField("Note", [refuse])
    place = SelectField("Place", [refuse], choices=CHOICES)
    how = RadioField("How", [refuse], choices=CHOICES)
    needs = SelectMultipleField("Needs", [refuse], choices=CHOICES)
    agree = BooleanField("I agree", [refuse])
    on = DateField("Day", [refuse])
    at = TimeField("Time", [refuse])
    seats = IntegerField("Seats", [refuse])
    mood = RadioField("Mood", [refuse], choices=CHOICES)
    draft = HiddenField("Draft")


TYPED = {"name": "Jana <b>", "email": "jana@", "password": "sesame123", "note": "two\nlines", "place": "h", "how": "h",
         "needs": "h", "agree": "y", "on": "31. 2. 2027", "at": "25:99", "seats": "many", "mood": "h"}


@pytest.fixture(scope="module")
def small_app():
    app = Flask("small", root_path=str(ROOT))
    app.config.update(SECRET_KEY="test", WTF_CSRF_CHECK_DEFAULT=False)
    Babel(app, default_locale="en")
    CSRFProtect(app)
    pages.init_pages(app)
    app.add_url_rule("/account", "account.overview")  # the frame leads there
    return app


@pytest.fixture
def request_context(small_app):
    with small_app.test_request_context("/"):
        yield


@pytest.fixture
def refused(small_app):
    """The page of a form that was refused with everything typed in."""
    with small_app.test_request_context("/", method="POST", data=TYPED):
        form = Everything(meta={"csrf": False})
        assert not form.validate()
        return render_template_string(PAGE, frame=FRAME, form=form)


def ids(page):
    return re.findall(r'\sid="([^"]+)"', page)


def test_title_and_heading_cannot_differ(request_context):
    page = render_template_string(PAGE, frame=FRAME, form=Everything())
    assert "<title>Ask for a visit – Návaznost</title>" in page
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == ["Ask for a visit"]


def test_title_of_a_refused_form_says_so(refused):
    assert "<title>Error: Ask for a visit" in refused


@pytest.mark.parametrize("name", list(TYPED))
def test_each_error_is_tied_to_its_field_and_named_above(refused, name):
    assert f'id="{name}-error"' in refused
    assert re.search(rf'aria-describedby="[^"]*\b{name}-error"', refused)
    assert re.search(rf'<a href="#{name}">[^<]+</a>', refused)
    assert name in ids(refused)


def test_ids_are_unique(refused):
    assert len(ids(refused)) == len(set(ids(refused)))


def test_what_was_typed_is_kept_and_escaped(refused):
    for value in ("Jana &lt;b&gt;", "jana@", "two\nlines", "31. 2. 2027", "25:99", "many"):
        assert value in refused
    assert '<option value="h" selected>' in refused
    assert refused.count("checked") == 4


def test_password_is_never_sent_back(refused):
    assert TYPED["password"] not in refused


def test_only_optional_fields_are_marked(request_context):
    class Some(FlaskForm):
        must = StringField("Must", [InputRequired()])
        may = StringField("May", [Optional()])
        choice = RadioField("Choice", choices=CHOICES)

    template = '{% from "_fields.html" import field %}{{ field(f) }}'
    form = Some()
    assert "(optional)" not in render_template_string(template, f=form.must)
    assert "(optional)" in render_template_string(template, f=form.may)
    assert "(optional)" not in render_template_string(template, f=form.choice)


def test_problems_of_held_fields_lead_to_their_own_input(small_app):
    class Several(FlaskForm):
        names = FieldList(StringField("Name", [refuse]), min_entries=2)

    with small_app.test_request_context("/", method="POST", data={"names-0": "a", "names-1": "b"}):
        form = Several(meta={"csrf": False})
        form.validate()
        assert [problem["href"] for problem in pages.form_problems(form)] == ["#names-0", "#names-1"]


def test_our_templates_are_strict(request_context):
    with pytest.raises(UndefinedError):
        render_template_string("{{ nobody_gave_this }}")


def test_static_url_changes_with_the_content(small_app, tmp_path):
    app = Flask("other", static_folder=str(tmp_path))
    found = []
    for text in ("one", "two"):
        (tmp_path / "a.css").write_text(text)
        with app.test_request_context("/"):
            found.append(pages.static_urls(app)("a.css"))
    assert len(set(found)) == 2


def test_static_url_of_a_missing_file_breaks_the_page(request_context):
    with pytest.raises(FileNotFoundError):
        render_template_string("{{ static_url('missing.css') }}")


@pytest.mark.parametrize("template", ["errors/400.html", "errors/404.html", "errors/500.html", "errors/503.html"])
def test_error_pages_know_nothing_about_the_reader(request_context, template):
    page = render_template(template)
    assert not re.search(r"<form|csrf|alerts|<script", page)


def test_signed_out_frame_shows_no_places(request_context):
    page = render_template_string(PAGE, frame=pages.Frame(language="en"), form=Everything())
    assert "search-box" not in page and "bar-button" not in page


def test_a_place_where_nothing_waits_has_no_count(request_context):
    frame = replace(FRAME, places=[pages.Place("Visits", "/visits", 0)])
    assert 'class="count"' not in render_template_string(PAGE, frame=frame, form=Everything())


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = (ROOT / "static" / "icons.svg").read_text()
    calls = [call for file in (ROOT / "templates").rglob("*.html")
             for call in re.findall(r"\bicon\(([^)]*)\)", file.read_text())]
    named = {name for call in calls for name in re.findall(r'"([a-z0-9-]+)"', call)}
    assert named and not {name for name in named - {"ageing"} if f'id="{name}"' not in sprite}


def test_vendored_files_are_those_that_were_listed():
    lines = (ROOT / "static" / "vendor" / "VENDOR.txt").read_text().splitlines()[2:]
    assert len(lines) >= 9
    for path, *_, digest in (line.split(" | ") for line in lines):
        assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == digest, path


def test_stylesheets_fetch_only_our_fonts_by_their_fingerprint():
    css = (ROOT / "static" / "vendor" / "govuk.css").read_text()
    fonts = re.findall(r"url\((fonts/[\w-]+\.woff2)\?v=([0-9a-f]{12})\)", css)
    assert len(fonts) == css.count("url(") == 6
    assert all(pages.fingerprint(ROOT / "static" / "vendor" / file) == mark for file, mark in fonts)
    assert "GDS" not in css and "url(" not in (ROOT / "static" / "theme.css").read_text()
