"""What forms say by themselves is said in the reader's language, beside the field, and what was typed stays."""
import flask_babel
import pytest

import form_words


@pytest.mark.parametrize(("part", "typed", "sentence"), [
    ("basics", {"regions": ["CZ999"]}, "Možnost „CZ999“ tu není."),
    ("basics", {"name": "x" * 10_000}, "nejvýše 200 znaků"),
    ("basics", {"description": "x" * 10_000}, "nejvýše 5000 znaků"),
])
def test_a_refusal_that_no_form_of_ours_words_is_czech(cast, sign_in, part, typed, sentence):
    page = f"/book/organisation/{cast.ngo.public_id}/edit/{part}"
    answer = sign_in("nela").send(page, page=page, **{"name": "Návrat"} | typed)
    assert answer.status == 422 and sentence in answer.text
    assert all(value in answer.html for value in typed.values() if isinstance(value, str)), "what was typed is gone"


def test_a_day_that_is_none_is_refused_in_czech(cast, sign_in):
    page = "/cooperation/new-partners"
    answer = sign_in("pavel").send(page, page=page, until="32. 13. 2026")
    assert answer.status == 422 and "Napište den" in answer.text and "32. 13. 2026" in answer.html


@pytest.mark.parametrize("number", [1, 3, 7])
def test_all_of_them_are_translated(app, number):
    with app.test_request_context():
        with flask_babel.force_locale("en"):
            english = form_words.of_wtforms(number)
        with flask_babel.force_locale("cs"):
            assert not set(english) & set(form_words.of_wtforms(number))
