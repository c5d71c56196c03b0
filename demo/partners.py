"""What the invented prison and the NGOs that come there said of each other. The newest visits are left open."""
from datetime import timedelta

import clock
from demo import cast
from models import Booking, BookingState, PartnerReason, PartnerView, Verdict
from services import keys

YES, PARTLY, NO, NONE = Verdict.YES, Verdict.PARTLY, Verdict.NO, Verdict.NOT_APPLICABLE
# who says it: verdicts, reason, note; in turn
SAID = {
    "prison": [((YES, YES, NONE, YES), None, ""),
               ((YES, PARTLY, NO, YES), PartnerReason.LATE_WORD, "O druhé kolegyni jsme se dozvěděli až na bráně."),
               ((YES, YES, YES, YES), None, "Díky za předem poslaný seznam.")],
    "ngo": [((YES, YES, NONE, YES), None, ""),
            ((PARTLY, NO, YES, YES), PartnerReason.STAFF, "Čekali jsme čtyřicet minut, zbyla půlka času."),
            ((YES, YES, YES, YES), None, "")],
}
OLDER_THAN = timedelta(days=35)
OF_EACH = 3


def create(people) -> None:
    """A few words of both sides for each NGO. Inside `db.writing()`."""
    prison = people.organisations[cast.PRISON]
    for slug, author in ((cast.NGO, "nela"), (cast.OTHER_NGO, "sona")):
        held = list(Booking.select().where(
            Booking.prison == prison, Booking.organisation == people.organisations[slug],
            Booking.state == BookingState.HELD, Booking.ends_at < clock.now() - OLDER_THAN)
            .order_by(Booking.ends_at.desc()).limit(OF_EACH))
        for number, booking in enumerate(held):
            _say(booking, prison, booking.organisation, people.users["pavel"], SAID["prison"][number])
            _say(booking, booking.organisation, prison, people.users[author], SAID["ngo"][number])


def _say(booking, who, about, author, said):
    verdicts, reason, note = said
    row = PartnerView(organisation=who, about=about, author=author, booking=booking, reason=reason,
                      created_at=booking.ends_at + timedelta(hours=20),
                      **dict(zip(("as_agreed", "on_time", "told_changes", "again"), verdicts, strict=True)))
    row.note = keys.seal(row, "note", note, who)
    row.save(force_insert=True)
