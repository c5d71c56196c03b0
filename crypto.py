"""Sealed columns and their keys. AES-256-GCM from `cryptography`; no algorithm of our own.

A value is sealed under a *data key* (one for each client and each organisation), which is itself wrapped by the
*master key* from a file. The additional data binds a value to its table, column and row, so that a sealed value
that is moved elsewhere does not open.
"""
import hashlib
import hmac
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from errors import SealBroken

VERSION = b"\x01"
NONCE = 12
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs, none mistaken for another


class MasterKey:
    """The key that wraps data keys. `load` reads (and in demo makes) the file of 64 hex digits."""

    def __init__(self, secret: bytes):
        self._wrapping = hashlib.sha256(b"wrap" + secret).digest()
        self._lookup = hashlib.sha256(b"look-up" + secret).digest()

    @classmethod
    def load(cls, path: str) -> "MasterKey":
        return cls(bytes.fromhex(Path(path).read_text().strip()))

    def new_data_key(self, owner: str) -> bytes:
        """A fresh 256-bit data key, wrapped for `owner` (the public id of a client or an organisation)."""
        return _seal(self._wrapping, secrets.token_bytes(32), f"data-key|{owner}")

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        return _open(self._wrapping, wrapped, f"data-key|{owner}")

    def fingerprint(self, purpose: str, text: str) -> str:
        """A keyed digest by which a secret such as a card number is found without being kept. 64 hex digits."""
        return hmac.new(self._lookup, f"{purpose}|{text}".encode(), hashlib.sha256).hexdigest()


class Sealed(bytes):
    """The sealed bytes of a column. It cannot be printed, formatted or serialised by accident."""

    __slots__ = ()

    def __str__(self):
        raise TypeError("a sealed value was about to be printed; open it with files.reveal()")

    def __format__(self, spec):
        return self.__str__()

    __html__ = __str__

    def __repr__(self):
        return "<sealed>"


def seal(data_key: bytes, text: str, place: str) -> bytes:
    """`text` sealed for one place, written `table|column|row`."""
    return _seal(data_key, text.encode(), place)


def unseal(data_key: bytes, value: bytes, place: str) -> str:
    """The text of a sealed value; SealBroken where it was changed, moved, or the key is another."""
    return _open(data_key, value, place).decode()


def _seal(key: bytes, content: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, content, VERSION + place.encode())


def _open(key: bytes, value: bytes, place: str) -> bytes:
    value = bytes(value)
    try:
        return AESGCM(key).decrypt(value[1 : 1 + NONCE], value[1 + NONCE :], value[:1] + place.encode())
    except (InvalidTag, ValueError) as error:
        raise SealBroken(place) from error


def new_token() -> str:
    """A random address or one-time secret, 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a random token. It is long and random, so a plain digest suffices. 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_card_number() -> str:
    """Sixteen signs, 80 bits: what a client signs in with and what the QR holds."""
    return "".join(secrets.choice(ALPHABET) for _ in range(16))


def new_code() -> str:
    """Six signs with a check sign: names a client in lists, authorises nothing."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(5))
    return body + check_sign(body)


def read_code(typed: str) -> str | None:
    """A client's code however it is written; None where its signs cannot be one. Nobody is looked for."""
    code = "".join(typed.split()).upper().replace("-", "")
    whole = len(code) == 6 and not set(code) - set(ALPHABET)
    return code if whole and check_sign(code[:-1]) == code[-1] else None


def check_sign(body: str) -> str:
    """The check sign of a code: any one wrong sign, and any two swapped neighbours, show.

    Each sign is a number of the field with 32 elements, multiplied by a power of x for its place.
    """
    total = 0
    for sign in body:
        total = _times_x(total ^ ALPHABET.index(sign))
    return ALPHABET[total]


def _times_x(number: int) -> int:
    """The product with x modulo x^5 + x^2 + 1, by which x runs through all 31 numbers but zero."""
    return (number << 1) ^ (0b100101 if number & 0b10000 else 0)
