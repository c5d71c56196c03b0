"""Today asks each area first whether it has anything: no probe hides what its area would show."""
from datetime import timedelta

import pytest

import clock
import db
from services import today
from tests.support.cast import PRINCIPALS
from tests.support.stage import Stage
from tests.support.visits import asked, confirmed

PEOPLE = [name for name in PRINCIPALS.values() if name]


def hidden(cast) -> list[tuple[str, str]]:
    """(who, area) where an area has something for somebody that their Today leaves out."""
    return [(name, area) for name in PEOPLE for area in today.AREAS
            if today.AREAS[area].today(cast.user(name))
            and area not in {each for each, _data in today.page(cast.user(name)).sections}]


@pytest.mark.parametrize("days", [0, 10, 40, 400])
@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_probe_hides_anything(engine, cast, travel, days, monkeypatch):
    Stage(cast)
    asked(cast.nela, cast.prison), confirmed(cast)
    travel.move_to(clock.now() + timedelta(days=days))
    assert hidden(cast) == []
    monkeypatch.setattr(today.tasks, "stirs", lambda actor: [])
    db.forget_kept()
    assert ("pavel", "tasks") in hidden(cast), "the control finds nothing"
    db.forget_kept()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_who_has_nothing_to_do_is_told_so(engine, cast, sign_in):
    for name in ("petra", "nela"):
        answer = sign_in(name).get("/")
        assert "Dnes na vás nic nečeká." in answer.text, name
