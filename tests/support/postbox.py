"""A real SMTP server whose mails tests read."""
import email
import email.policy
from email.message import EmailMessage

from services import mail


class Postbox:
    """The handler of an aiosmtpd controller."""

    port = 0

    def __init__(self):
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        message.envelope_to = envelope.rcpt_tos
        self.mails.append(message)
        return "250 OK"

    def deliver(self) -> list[EmailMessage]:
        """Sends what is due, as the job does each minute; returns all that has arrived."""
        mail.deliver_due()
        return self.mails

    def to(self, name: str) -> list[EmailMessage]:
        """What arrived for one person of the cast."""
        return [message for message in self.mails if f"{name}@example.org" in message.envelope_to]

    @staticmethod
    def words(message: EmailMessage) -> str:
        """The plain text of a mail."""
        return message.get_body(("plain",)).get_content()
