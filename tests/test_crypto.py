"""Codes, card numbers, seals."""
import itertools

import pytest

from crypto import ALPHABET, MasterKey, check_sign, new_card_number, new_code, seal, unseal
from errors import SealBroken

KEY = bytes(range(32))


def test_a_code_shows_any_one_wrong_sign_and_any_swap_of_neighbours():
    for _time in range(40):
        code = new_code()
        for place, sign in itertools.product(range(5), ALPHABET):
            if sign != code[place]:
                assert check_sign(code[:place] + sign + code[place + 1:5]) != code[5]
        for place in range(4):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2:5]
            assert swapped == code[:5] or check_sign(swapped) != code[5]


def test_card_numbers_have_sixteen_signs_that_nobody_mistakes():
    numbers = {new_card_number() for _time in range(200)}
    assert len(numbers) == 200 and all(len(number) == 16 and set(number) <= set(ALPHABET) for number in numbers)


@pytest.mark.parametrize("place", ["client|name|b", "client|born|a", "user|name|a"])
def test_a_sealed_value_opens_only_in_its_place(place):
    value = seal(KEY, "Karel", "client|name|a")
    assert unseal(KEY, value, "client|name|a") == "Karel"
    with pytest.raises(SealBroken):
        unseal(KEY, value, place)


def test_a_data_key_is_its_owner_s():
    master = MasterKey(b"secret")
    wrapped = master.new_data_key("karel")
    assert len(master.unwrap(wrapped, "karel")) == 32
    with pytest.raises(SealBroken):
        master.unwrap(wrapped, "cyril")
    with pytest.raises(SealBroken):
        MasterKey(b"another").unwrap(wrapped, "karel")
