"""Company numbers, telephones, addresses of pages and mail, postal codes: what people type, as the book keeps it.

Each function gives the cleaned text (empty stays empty) or None where it is not such a thing. No Flask.
"""
import re

from email_validator import EmailNotValidError, validate_email
from stdnum.cz import dic

__all__ = ["company_number", "email", "is_company_number", "phone", "postal_code", "web_address"]

LOOSE = re.compile(r"[\s()/.\-\u2010-\u2015]+")
CZECH_PHONE = re.compile(r"(?:(?:\+|00)420)?([1-9]\d{8})")
FOREIGN_PHONE = re.compile(r"(?:\+|00)(?!420)([1-9]\d{6,14})")
SHORT_PHONE = re.compile(r"1\d{2,5}")  # emergency and helplines
NO_HOST = r"\s/@:?#<>\"'`\\\[\]{}|^"  # signs that a host cannot have
WEB = re.compile(rf"https?://[^{NO_HOST}]+\.[^{NO_HOST}.]{{2,}}(?::\d{{1,5}})?(?:[/?#][^\s<>\"]*)?", re.IGNORECASE)
POSTAL_CODE = re.compile(r"(\d{3})(\d{2})")


def company_number(typed: str) -> str | None:
    """IČO: eight digits, the last of which checks the others; zeros that a spreadsheet took off are put back."""
    digits = LOOSE.sub("", typed)
    digits = digits.zfill(8) if digits.isdecimal() and len(digits) >= 6 else digits
    return digits if not digits or is_company_number(digits) else None


def is_company_number(digits) -> bool:
    """Any first digit may stand: only a tax number (DIČ) does not begin with 9."""
    eight = len(digits) == 8 and digits.isascii() and digits.isdecimal()
    return eight and dic.calc_check_digit_legal(digits[:-1]) == digits[-1]


def phone(typed: str) -> str | None:
    """`777 123 456` → `+420 777 123 456`; foreign numbers keep their digits, helplines (116 123) their few."""
    bare = LOOSE.sub("", typed)
    if czech := CZECH_PHONE.fullmatch(bare):
        nine = czech[1]
        return f"+420 {nine[:3]} {nine[3:6]} {nine[6:]}"
    if foreign := FOREIGN_PHONE.fullmatch(bare):
        return f"+{foreign[1]}"
    return bare if not bare or SHORT_PHONE.fullmatch(bare) else None


def email(typed: str) -> str | None:
    """An address that mail could be sent to; whether it exists is not asked."""
    if not typed:
        return ""
    try:
        return validate_email(typed, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return None


def web_address(typed: str) -> str | None:
    """Nothing but http and https, for it becomes a link; `www.example.org` gets the https:// people leave out."""
    if not typed:
        return ""
    whole = typed if "://" in typed else f"https://{typed}"
    return whole if WEB.fullmatch(whole) else None


def postal_code(typed: str) -> str | None:
    """`30635` → `306 35`."""
    bare = LOOSE.sub("", typed)
    match = POSTAL_CODE.fullmatch(bare)
    return f"{match[1]} {match[2]}" if match else "" if not bare else None
