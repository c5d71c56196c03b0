"""Signing in and out, sessions, links and brakes."""


def test_nela_signs_in_and_sees_today(browser, cast):
    browser.get("/sign-in")
    answer = browser.send("/sign-in", email="nela@example.org", password=cast.password)
    assert answer.status == 303
    assert browser.follow().path == "/"


def test_everybody_sees_today(sign_in):
    for name in ("pavel", "petra", "kamila", "nela", "karel", "kora", "adam"):
        assert sign_in(name).get("/").status == 200
