"""What people type where a number or an address belongs."""
import pytest

import identifiers


@pytest.mark.parametrize(("kind", "typed", "kept"), [
    ("company_number", "00212423", "00212423"), ("company_number", "212423", "00212423"),
    ("company_number", "002 12 423", "00212423"), ("company_number", "99000016", "99000016"),
    ("company_number", "99000017", None), ("company_number", "00212424", None), ("company_number", "", ""),
    ("company_number", "CZ00212423", None), ("company_number", "7103192745", None), ("company_number", "12", None),
    ("phone", "777 123 456", "+420 777 123 456"), ("phone", "00420777123456", "+420 777 123 456"),
    ("phone", "+420 (777) 123-456", "+420 777 123 456"), ("phone", "+421 905 123 456", "+421905123456"),
    ("phone", "116 123", "116123"), ("phone", "77712345", None), ("phone", "volejte Janu", None), ("phone", "", ""),
    ("phone", "+420 077 123 456", None),
    ("email", "jana@example.org", "jana@example.org"), ("email", "jana@", None), ("email", "jana example.org", None),
    ("email", "", ""), ("email", "jana@spolek.test", "jana@spolek.test"),
    ("web_address", "www.example.org", "https://www.example.org"), ("web_address", "javascript:alert(1)", None),
    ("web_address", "http://example.org/a?b=1", "http://example.org/a?b=1"), ("web_address", "příklad", None),
    ("web_address", "https://jan:heslo@example.org", None), ("web_address", "ftp://example.org", None),
    ("web_address", "http://[", None), ("web_address", "http://[a.cz", None), ("web_address", "https://a.cz<b>", None),
    ("web_address", "https://a.cz\\@b.cz", None),
    ("web_address", "https://a.cz?b", "https://a.cz?b"), ("web_address", "https://a.cz:999999", None),
    ("postal_code", "30635", "306 35"), ("postal_code", "306 35", "306 35"), ("postal_code", "3063", None),
    ("postal_code", "", ""),
])
def test_what_is_typed_is_kept_in_one_shape_or_refused(kind, typed, kept):
    assert getattr(identifiers, kind)(typed) == kept
    if kept:
        assert getattr(identifiers, kind)(kept) == kept
