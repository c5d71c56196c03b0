"""V09: three organisations on one joint day with one escort of 90 minutes and 14 clients cost 6.4 minutes a client;
single visits 45."""
import clock
from models import Booking, BookingRecord, BookingState
from services.visits import recording
from services.visits.recording import Went
from tests.support import joint_days
from tests.support.visits import confirmed, free


def test_v09_a_joint_day_costs_a_seventh_of_single_visits(sign_in, cast, travel):
    pavel = sign_in("pavel")
    day = joint_days.make(pavel, cast)
    third = joint_days.third_ngo(cast)
    booked = [joint_days.book(cast, actor, day) for actor in (cast.nela, cast.strange_ngo, third)]
    codes = [client.code for client in joint_days.clients(cast, 14)]
    address = f"/joint-days/{day.public_id}"
    assert "Organizace (3 z 3)" in pavel.get(address).text
    pavel.send(f"{address}/clients", codes=" ".join(codes))
    single = [confirmed(cast, slot=free(cast.prison, number)) for number in (0, 4)]
    travel.move_to(clock.at(day.window.valid_from, day.window.ends))

    pavel = sign_in("pavel")
    pavel.get(f"{address}/record")
    assert pavel.send(f"{address}/record", minutes="90").status == 303  # one record
    assert {Booking.get_by_id(each.id).state for each in booked} == {BookingState.HELD}
    assert pavel.send(f"{address}/record", page=f"{address}/record", minutes="90").status == 303  # again: no harm
    assert BookingRecord.select().count() == 3
    for each in single:
        recording.record(cast.pavel, each.public_id, Went(reached=1, minutes=45))
    text = pavel.get("/day/cost").text.replace("\xa0", " ")
    assert "6,4 min/klient" in text and "45 min/klient" in text
    assert "11,2 min/klient" in text  # (90 + 2 x 45) : (14 + 2), all together
