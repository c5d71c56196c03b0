"""The card of a client and the slip with which they activate their own application."""
from dataclasses import dataclass
from datetime import date

import clock
from services import accounts, files


@dataclass(frozen=True)
class Slip:
    """What is printed once and kept nowhere: the code, the number of the card, the word of the slip, its last day."""

    code: str
    card: str
    word: str
    until_on: date


def slip(actor, public_id: str) -> Slip:
    """A new card and slip; older ones die. For who works with the client. Raises Missing."""
    client = files.own_client_of(actor, public_id)
    card, word = accounts.activation_slip(actor, client)
    return Slip(client.code, card, word, clock.today() + accounts.ACTIVATION_LASTS)
