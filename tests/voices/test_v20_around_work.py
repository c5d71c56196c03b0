"""V20: the convict works in the day; meetings come late when he is tired."""
from datetime import time, timedelta

import pytest

import db
from models import BookingState, Client, Membership, Window, WindowKind
from services import slots
from tests.support.visits import asked


@pytest.fixture
def karel(cast):
    """Karel works from 6 to 14 on weekdays; his prison has times at 9:00, 14:30, 17:30, and a video call at 14:30."""
    with db.writing():
        Client.update(released_on=None, prison=cast.prison).where(Client.id == cast.karel.id).execute()
        Membership.create(client=cast.karel, organisation=cast.ngo, worker=cast.nela, ground="own", since_on=cast.today)
        Window.update(ends=time(9, 30)).where(Window.starts == time(9)).execute()
        Window.delete().where(Window.starts == time(13)).execute()
        for kind, starts in ((WindowKind.INDIVIDUAL, time(14, 30)), (WindowKind.INDIVIDUAL, time(17, 30)),
                             (WindowKind.VIDEO, time(14, 30))):
            Window.create(place=cast.place, kind=kind, weekday=3, starts=starts, ends=starts.replace(
                hour=starts.hour + 1), slot_minutes=60, seats=1, valid_from=cast.today)
    return cast.karel


def test_the_time_after_work_is_first_and_late_ones_carry_a_warning(sign_in, cast, karel):
    pavel = sign_in("pavel")
    pavel.get(f"/clients/{karel.public_id}/shift")
    assert pavel.send(f"/clients/{karel.public_id}/shift", days=["0", "1", "2", "3", "4"], starts="6:00",
                      ends="14:00").status == 303
    page = sign_in("nela").get(f"/visits/for/{karel.public_id}").page
    rows = [row.text for row in page.with_class("row__body")]
    assert rows[0].startswith("čt 26. 11. 2026 v 14:30 ")
    assert all("pozdě po dni v práci" in row for row in rows if "v 17:30" in row)
    assert all("klient má směnu 6:00–14:00" in row for row in rows if "v 9:00" in row)
    assert not any("směnu" in row or "pozdě" in row for row in rows if "v 14:30" in row)
    assert any("v 17:30" in row for row in rows) and any("v 9:00" in row for row in rows)
    calls = page.text.split("Videohovorem nebo telefonem")[1]
    assert "14:30" in calls and "videohovor" in calls


def test_the_prison_proposes_a_video_call_and_nela_accepts_with_one_click(sign_in, cast, karel):
    ahead = list(slots.slots_between([cast.prison], cast.today, cast.today + timedelta(days=7)))
    late = next(slot for slot in ahead if slot.window.starts == time(17, 30))
    video = next(slot for slot in ahead if slot.window.kind is WindowKind.VIDEO)
    booking = asked(cast.nela, cast.prison, late, clients=[karel.public_id])
    pavel, nela, page = sign_in("pavel"), sign_in("nela"), f"/visits/{booking.public_id}"
    pavel.get(f"{page}/propose")
    assert pavel.send(f"{page}/propose", time=video.key).status == 303
    nela.get(page)
    assert nela.send(f"{page}/accept").status == 303
    kept = type(booking).get_by_id(booking.id)
    assert (kept.state, kept.kind, kept.starts_at) == (BookingState.CONFIRMED, WindowKind.VIDEO, video.starts_at)
