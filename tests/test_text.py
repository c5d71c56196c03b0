"""Text as people type it: cleaning, folding, Czech order, stems."""

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from text import clean_text, fold, search_words, sort_key, stem, words

MUNICIPALITIES = Path(__file__).parents[1] / "data" / "municipalities.csv"


# --- cleaning -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("  Věznice   Valdice ", "Věznice Valdice"),
        ("Ve\u030cznice", "Věznice"),
        ("a\x00b", "ab"),
        ("a\x07\x1bb", "ab"),
        ("jeden\r\ndva\rtři\nčtyři", "jeden dva tři čtyři"),
        ("jeden\x0bdva\x0ctři\x85čtyři\u2028pět\u2029šest", "jeden dva tři čtyři pět šest"),
        ("jeden\tdva", "jeden dva"),
        ("ne\u200bvi\u200ddi\u2060tel\ufeffné", "neviditelné"),
        ("dopis\u202efdp.exe", "dopisfdp.exe"),
        ("\u2066a\u2069", "a"),
        ("děl\u00adící", "dělící"),
        ("Nela\u3164\u115f", "Nela"),
        ("půl \ud83d", "půl"),
        ("e\u200b\u030c", "ě"),
        ("22.\u00a011.\u00a02026", "22.\u00a011.\u00a02026"),
        ("🙂 § 69", "🙂 § 69"),
        ("", ""),
        (None, ""),
        (" \n\t\u200b ", ""),
    ],
)
def test_one_line_is_what_can_be_seen(typed, kept):
    assert clean_text(typed) == kept


def test_paragraphs_keep_one_empty_line():
    typed = "První  řádek \r\ndruhý\u2028třetí\n\n\n\n  další\todstavec\x00\n"
    assert clean_text(typed, lines=True) == "První řádek\ndruhý\ntřetí\n\ndalší odstavec"


@pytest.mark.parametrize("limit, kept", [(7, "Věznice"), (8, "Věznice"), (9, "Věznice V"), (0, "")])
def test_the_limit_counts_characters_and_leaves_no_space_at_the_end(limit, kept):
    assert clean_text("Věznice Valdice", limit=limit) == kept


@given(st.text(), st.booleans(), st.none() | st.integers(0, 20))
def test_cleaning_twice_changes_nothing(typed, lines, limit):
    once = clean_text(typed, lines=lines, limit=limit)
    assert clean_text(once, lines=lines, limit=limit) == once


@given(st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Lu", "Mn"])), st.booleans())
def test_nothing_unseen_passes(typed, lines):
    kept = clean_text(typed, lines=lines)
    unseen = [c for c in kept if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert set(unseen) <= ({"\n"} if lines else set())
    kept.encode()


# --- folding and words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed, folded",
    [("Žďár nad Sázavou", "zdar nad sazavou"), ("PŘÍLIŠ ŽLUŤOUČKÝ KŮŇ", "prilis zlutoucky kun"),
     ("ve\u030cznice", "veznice"), ("Straße", "strasse"), ("½ \ufb01", "1\u20442 fi"), ("İ", "i"),
     (None, "")],
)  # fmt: skip
def test_folding_takes_off_marks_and_case(typed, folded):
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing(typed):
    assert fold(fold(typed)) == fold(typed)


def test_words_are_letters_and_numbers():
    typed = "Most k naději, z.s. – PPPZ (§ 37 odst. 3); Frýdek-Místek_2"
    assert " ".join(words(typed)) == "most k nadeji z s pppz 37 odst 3 frydek mistek 2"


# --- Czech order ----------------------------------------------------------------------------------------


def test_czech_order_has_c_with_a_hook_after_c_and_ch_after_h():
    names = ["Cheb", "Aš", "Čáslav", "Žatec", "Hodonín", "Cvikov", "Ústí", "Zlín", "Ivančice",
             "cukrovar"]  # fmt: skip
    assert sorted(names, key=sort_key) == [
        "Aš", "cukrovar", "Cvikov", "Čáslav", "Hodonín", "Cheb", "Ivančice", "Ústí", "Zlín", "Žatec",
    ]  # fmt: skip


def test_the_key_does_not_depend_on_how_a_letter_is_composed():
    assert sort_key("Žďár") == sort_key(unicodedata.normalize("NFD", "Žďár"))


@given(st.text())
def test_the_key_is_plain_hexadecimal(typed):
    assert set(sort_key(typed)) <= set("0123456789abcdef")


# --- stems ----------------------------------------------------------------------------------------------

WORD_FORMS = """
dluhy dluh dluhu dluhů dluhem dluhům dluzích dluhová dluhové dluhového dluhovou
Ostrava Ostravy Ostravě Ostravu Ostravou
Valdice Valdic Valdicích Valdicím Valdicemi
věznice věznici věznic věznicích věznicím věznicemi
bydlení bydlením bydleních
práce práci prací pracích
závislost závislosti závislostí závislostem závislostech závislostmi
služba služby službě službu službou služeb službám službách službami
rodina rodiny rodině rodin rodinám rodinách rodinné rodinný rodinného
domov domova domově domovy domovů
dům domu domy domů domech domem
byt byty bytu bytů bytem bytech
poradna poradny poradně poradnu poraden poradnách
poradenství poradenstvím
exekuce exekuci exekucí exekucemi
drogy drog drogám drogové drogových
návštěva návštěvy návštěvu návštěv návštěvách návštěvou
sociální sociálních sociálního sociálnímu sociálním sociálními
klient klienta klientovi klienti klientů klientům klientech klientem
mentor mentora mentorem mentoři mentorů
žena ženy žen ženám ženách ženami
muž muže muži mužů mužům
matka matky matce matku matek matkám
zaměstnání zaměstnáním zaměstnáních
ubytovna ubytovny ubytovně ubytoven ubytovnách
azyl azylový azylového azylovém
léčba léčby léčbě léčbu léčeb
psychiatrická psychiatrické psychiatrický psychiatrických
soud soudu soudem soudy soudů
program programy programu programem programů programech
systém systémy systému
""".strip().splitlines()


@pytest.mark.parametrize("forms", WORD_FORMS, ids=lambda forms: forms.split()[0])
def test_forms_of_a_word_share_a_stem(forms):
    assert len({stem(fold(form)) for form in forms.split()}) == 1


# nominative and locative (where?), as people write them
TOWNS_WHERE = {
    "Benešov": "Benešově", "Beroun": "Berouně", "Blansko": "Blansku", "Brno": "Brně",
    "Bruntál": "Bruntálu", "Břeclav": "Břeclavi", "Čáslav": "Čáslavi", "Česká Lípa": "České Lípě",
    "České Budějovice": "Českých Budějovicích", "Český Krumlov": "Českém Krumlově", "Děčín": "Děčíně",
    "Domažlice": "Domažlicích", "Dvůr Králové nad Labem": "Dvoře Králové nad Labem",
    "Frýdek-Místek": "Frýdku-Místku", "Havlíčkův Brod": "Havlíčkově Brodě", "Hodonín": "Hodoníně",
    "Horšovský Týn": "Horšovském Týně", "Hradec Králové": "Hradci Králové", "Hustopeče": "Hustopečích",
    "Cheb": "Chebu", "Chrudim": "Chrudimi", "Jablonec nad Nisou": "Jablonci nad Nisou", "Jičín": "Jičíně",
    "Jihlava": "Jihlavě", "Jindřichův Hradec": "Jindřichově Hradci", "Kadaň": "Kadani",
    "Karlovy Vary": "Karlových Varech", "Karviná": "Karviné", "Klatovy": "Klatovech",
    "Kraslice": "Kraslicích",
    "Kroměříž": "Kroměříži", "Kuřim": "Kuřimi", "Kutná Hora": "Kutné Hoře", "Liberec": "Liberci",
    "Litomyšl": "Litomyšli", "Litovel": "Litovli", "Louny": "Lounech",
    "Mariánské Lázně": "Mariánských Lázních",
    "Mladá Boleslav": "Mladé Boleslavi", "Most": "Mostě", "Náchod": "Náchodě", "Nová Paka": "Nové Pace",
    "Nové Město na Moravě": "Novém Městě na Moravě", "Nový Bor": "Novém Boru", "Nymburk": "Nymburce",
    "Odry": "Odrách", "Olomouc": "Olomouci", "Opava": "Opavě", "Orlová": "Orlové", "Ostrava": "Ostravě",
    "Ostrov": "Ostrově", "Pardubice": "Pardubicích", "Písek": "Písku", "Plzeň": "Plzni",
    "Poděbrady": "Poděbradech", "Polička": "Poličce", "Praha": "Praze", "Přelouč": "Přelouči",
    "Příbram": "Příbrami", "Rokycany": "Rokycanech", "Rožnov pod Radhoštěm": "Rožnově pod Radhoštěm",
    "Semily": "Semilech", "Slaný": "Slaném", "Stod": "Stodě", "Strakonice": "Strakonicích",
    "Světlá nad Sázavou": "Světlé nad Sázavou", "Svitavy": "Svitavách", "Tábor": "Táboře", "Telč": "Telči",
    "Teplice": "Teplicích", "Trhové Sviny": "Trhových Svinech", "Trutnov": "Trutnově", "Třebíč": "Třebíči",
    "Třeboň": "Třeboni", "Třinec": "Třinci", "Uherské Hradiště": "Uherském Hradišti",
    "Ústí nad Labem": "Ústí nad Labem", "Valašské Klobouky": "Valašských Kloboukách", "Vlašim": "Vlašimi",
    "Vsetín": "Vsetíně", "Vysoké Mýto": "Vysokém Mýtě", "Zábřeh": "Zábřehu", "Zlín": "Zlíně",
    "Znojmo": "Znojmě", "Žatec": "Žatci", "Žďár nad Sázavou": "Žďáře nad Sázavou",
    "Železný Brod": "Železném Brodě",
}  # fmt: skip


def town_names():
    with open(MUNICIPALITIES, encoding="utf-8", newline="") as handle:
        return [row["name"] for row in csv.DictReader(handle)]


def stems(value):
    return [stem(word) for word in words(value)]


@pytest.mark.parametrize("name", TOWNS_WHERE)
def test_a_town_is_found_by_where_it_is(name):
    assert stems(name) == stems(TOWNS_WHERE[name])
    for word in words(TOWNS_WHERE[name]):
        assert search_words(word) & search_words(name), word


def test_the_table_of_towns_names_real_ones():
    assert set(TOWNS_WHERE) <= set(town_names())


def test_different_towns_keep_different_stems():
    """Words of town names that meet are forms of one word (Brno and of Brno, new and new), nothing else."""
    by_stem = {}
    for word in {word for name in town_names() for word in words(name)}:
        by_stem.setdefault(stem(word), set()).add(word)
    assert {frozenset(met) for met in by_stem.values() if len(met) > 1} == {
        frozenset({"ceska", "ceske", "cesky"}),
        frozenset({"nova", "nove", "novy"}),
        frozenset({"moravska", "moravske", "moravsky"}),
        frozenset({"morave", "moravou"}),
        frozenset({"brno", "brna"}),
        frozenset({"uherske", "uhersky"}),
    }


@pytest.mark.parametrize(
    "one, other",
    [("Ostrov", "Ostrava"), ("dluhy", "dlouhý"), ("práce", "právo"), ("věznice", "vězni"), ("léky", "léčba"),
     ("domov", "dům"), ("mentor", "mentoring"), ("Most", "mostecký"), ("byt", "bytost"), ("soud", "soused")],
)  # fmt: skip
def test_other_words_do_not_meet(one, other):
    assert not search_words(one) & search_words(other)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20))
def test_a_stem_has_three_letters_and_is_not_longer_than_its_word(word):
    assert min(len(word), 3) <= len(stem(word)) <= len(word)


@given(st.text())
def test_anything_can_be_searched(typed):
    assert search_words(typed) >= set(words(typed))
