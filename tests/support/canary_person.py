"""Canaries in referrals, reports, consents and emergencies: the rows that carry them, and who may see which, in SQL."""
from datetime import timedelta

import clock
from models import (
    Closing,
    Confidence,
    Consent,
    EmergencyAccess,
    Referral,
    ReferralAnswer,
    ReferralCondition,
    ReferralKind,
    ReferralLine,
    ReferralReason,
    ReferralState,
    Report,
    ReportLine,
    ReportState,
    Service,
)

STAFF = "u.role IN ('prison', 'probation', 'curator', 'ngo')"
TIED = """EXISTS (SELECT 1 FROM membership m WHERE m.organisation_id = u.organisation_id AND m.client_id = {whose}
  AND m.until_on IS NULL AND (u.lead = {{true}} OR m.worker_id = u.id))"""

# of a referral (`row`): who sent it and works with the client still; who got it, at least so much shown, not over
SENT = f"""
SELECT COUNT(*) FROM referral r JOIN "user" u ON u.organisation_id = r.sender_id
WHERE u.id = {{user}} AND r.id = {{row}} AND {STAFF} AND (u.lead = {{true}} OR r.author_id = u.id)
  AND {TIED.format(whose="r.client_id")}"""
GOT = f"""
SELECT COUNT(*) FROM referral r JOIN "user" u ON u.organisation_id = r.receiver_id
WHERE u.id = {{user}} AND r.id = {{row}} AND {STAFF} AND (u.lead = {{true}} OR r.worker_id = u.id)
  AND r.level >= {{level}} AND r.state IN ('sent', 'question', 'waiting', 'accepted', 'in_care')"""
DETAILED = """
SELECT COUNT(DISTINCT s.scope) FROM consent c JOIN consent_scope s ON s.consent_id = c.id
JOIN referral r ON r.client_id = c.client_id AND r.receiver_id = c.recipient_id
WHERE r.id = {row} AND c.state = 'active' AND s.scope IN ('identity', 'needs')"""

# of a report: its authors; whom it was issued to, by a consent to the plan that is not of one need only
WROTE = f"""
SELECT COUNT(*) FROM report r JOIN "user" u ON u.organisation_id = r.organisation_id
WHERE u.id = {{user}} AND r.id = {{row}} AND {STAFF} AND {TIED.format(whose="r.client_id")}"""
ISSUED_TO = f"""
SELECT COUNT(*) FROM report r JOIN "user" u ON u.organisation_id = r.recipient_id
JOIN organisation a ON a.id = r.organisation_id
JOIN consent c ON c.client_id = r.client_id AND c.recipient_id = r.recipient_id
JOIN consent_scope s ON s.consent_id = c.id
WHERE u.id = {{user}} AND r.id = {{row}} AND {STAFF} AND r.state = 'issued' AND c.state = 'active' AND s.scope = 'plan'
  AND s.need = '' AND c.until_on >= '{{today}}' AND (c.recipient_user_id = u.id OR (c.recipient_user_id IS NULL
      AND (u.lead = {{true}} OR {TIED.format(whose="r.client_id")})))
  AND (u.role <> 'ngo' OR a.kind NOT IN ('municipality', 'probation') OR EXISTS (
      SELECT 1 FROM consent_scope o WHERE o.consent_id = c.id AND o.scope = 'authority_records'))"""

ASKED = f"""
SELECT COUNT(*) FROM consent c JOIN "user" u ON u.organisation_id = c.recipient_id
WHERE u.id = {{user}} AND c.id = {{row}} AND {STAFF}
  AND (u.lead = {{true}} OR u.id IN (c.recipient_user_id, c.asked_by_id) OR {TIED.format(whose="c.client_id")})"""
SECOND = f"""
SELECT COUNT(*) FROM emergency_access e JOIN "user" u ON u.organisation_id = e.organisation_id
WHERE u.id = {{user}} AND e.id = {{row}} AND {STAFF} AND u.lead = {{true}} AND u.id <> e.actor_id"""

# kind of a canary: queries of which one must find the reader; where it is a pair, the second must find two scopes
READ_BY = {
    "to a service": [SENT, (GOT, 1)], "lines": [SENT, (GOT, 0)], "conditions": [SENT, (GOT, 3)], "sender's": [SENT],
    "report": [WROTE, ISSUED_TO], "consent": [ASKED], "emergency": [SECOND],
}


def may(count, reader, token) -> bool:
    """Whether a reader who is no client may see a canary of one of these kinds; `count` asks a query."""
    for line in READ_BY[token.kind]:
        sql, level = line if isinstance(line, tuple) else (line, 0)
        if count(sql, reader, row=token.row, level=level) and (
                level < 3 or count(DETAILED, reader, row=token.row) == 2):
            return True
    return False


def release(cast, put) -> None:
    """Rows with canaries: `put(row, columns, client, kind, of)` writes them, `of` is the row that is judged."""
    pavel, nela = cast.pavel, cast.nela
    for client, author, receiver, columns in (
            (cast.karel, pavel, cast.ngo, {"level": 1, "state": ReferralState.SENT}),
            (cast.karel, pavel, cast.ngo, {"level": 3, "state": ReferralState.ACCEPTED, "worker": cast.nora}),
            (cast.karel, cast.kamila, cast.other_ngo, {"level": 1, "state": ReferralState.DECLINED,
                                                       "reason": ReferralReason.OTHER}),
            (cast.karel, nela, cast.other_ngo, {"level": 1, "state": ReferralState.DRAFT}),  # Nela has no tie any more
            (cast.karel, None, cast.ngo, {"level": 1, "state": ReferralState.SENT, "kind": ReferralKind.SELF}),
            (cast.cyril, cast.strange_prison, cast.other_ngo, {
                "level": 0, "state": ReferralState.CLOSED, "closing": Closing.EARLY,
                "closed_at": clock.now() - timedelta(days=31)})):
        _referral(put, client, author, receiver, columns)
    for author, recipient, state in (
            (cast.kamila, None, ReportState.DRAFT), (cast.kamila, cast.prison, ReportState.WITH_CLIENT),
            (cast.kamila, cast.probation, ReportState.ISSUED), (cast.kamila, cast.ngo, ReportState.ISSUED),
            (cast.kamila, cast.prison, ReportState.ISSUED)):
        _report(put, cast.karel, author, recipient, state)
    for consent in Consent.select():
        put(consent, ("purpose", "shown", "witness"), consent.client, "consent")
    row = EmergencyAccess(client=cast.karel, organisation=cast.municipality, actor=cast.klara,
                          until_at=clock.now() - timedelta(days=1))
    put(row, ("reason",), cast.karel, "emergency")


def _referral(put, client, author, receiver, columns):
    number = Referral.select().count()
    service = Service.create(organisation=receiver, slug=f"kanarek-{number}", name="Poradna", sort="p",
                             confidence=Confidence.VERIFIED)
    row = Referral(number=f"K-{number}", request_key=f"k{number}", client=client, author=author or client.user,
                   sender=author.organisation if author else None, service=service, receiver=receiver,
                   answer_by=clock.today(), sent_at=clock.now(), **columns)
    put(row, ("channel", "message"), client, "to a service")
    put(row, ("overlap_reason", "external"), client, "sender's")
    put(ReferralAnswer(referral=row, question="Odkud?"), ("answer",), client, "to a service", row)
    put(ReferralCondition(referral=row, condition="střízlivost", met=False), ("why",), client, "conditions", row)
    put(ReferralLine(referral=row, author=row.author, by_receiver=False), ("text",), client, "lines", row)


def _report(put, client, author, recipient, state):
    number = f"2020-{Report.select().count() + 1:04}" if state is ReportState.ISSUED else None
    row = Report(client=client, organisation=author.organisation, author=author, recipient=recipient, state=state,
                 number=number, issued_at=clock.now() if number else None)
    put(row, ("summary", "remark"), client, "report")
    put(ReportLine(report=row, need="housing", result="partly"), ("done", "left"), client, "report", row)

