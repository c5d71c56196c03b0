"""The measure of how hard a Czech text is to read."""
import pytest

import readability

PLAIN = "Můžete u nás bydlet až rok. Platíte nájem. Přijďte, promluvíme si. Pomůžeme vám najít práci."
OFFICIAL = ("Poskytovatel zajišťuje v souladu s ustanovením zákona o sociálních službách ambulantní formu odborného "
            "sociálního poradenství osobám ohroženým sociálním vyloučením, přičemž individuální plánování průběhu "
            "poskytované služby je realizováno prostřednictvím kvalifikovaných sociálních pracovníků.")


@pytest.mark.parametrize(("word", "count"), [
    ("dům", 1), ("vlk", 1), ("prst", 1), ("vítr", 2), ("auto", 2), ("dluhy", 2), ("bydlení", 3), ("poradna", 3),
    ("ubytování", 5), ("z", 1), ("loučení", 3), ("prostřednictvím", 4), ("ulice", 3), ("Brno", 2)])
def test_syllables_as_czechs_count_them(word, count):
    assert readability.syllables(word) == count


def test_a_plain_text_is_easy_and_an_official_one_is_hard():
    plain, official = readability.read(PLAIN), readability.read(OFFICIAL)
    assert (plain.level, plain.sentences, plain.longest) == ("easy", 4, "")
    assert official.level == "hard" and official.difficulty > 2 * plain.difficulty
    assert official.longest and "kvalifikovaných" in official.long_words
    assert all(readability.syllables(word) >= readability.LONG for word in official.long_words)


def test_cutting_a_sentence_makes_it_easier():
    whole = "Pomůžeme vám s dluhy a s exekucí a napíšeme s vámi dopis na úřad a půjdeme tam s vámi."
    cut = "Pomůžeme vám s dluhy a s exekucí. Napíšeme s vámi dopis na úřad. Půjdeme tam s vámi."
    assert readability.read(cut).difficulty < readability.read(whole).difficulty


def test_numbers_dates_and_abbreviations_end_no_sentence():
    assert readability.read("Přijďte 3. 12. v 10 hod. s sebou mějte např. občanku").sentences == 1


@pytest.mark.parametrize("text", ["", "   ", "123 456", "…"])
def test_nothing_is_said_of_what_has_no_words(text):
    assert readability.read(text) is None
