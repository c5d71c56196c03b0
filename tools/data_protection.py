"""Writes docs/ochrana-udaju.md, for a data-protection officer, from data/dictionary.csv, models.py and policy.py.

    python tools/data_protection.py

A test compares the page with what this makes.
"""
import csv
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from flask import Flask
from flask_babel import Babel

import models
from db import SealedColumn
from models import Kind
from policy import SHARING, WORKING_KINDS, Takes
from services import drafts, erasure, retention

PAGE = ROOT / "docs" / "ochrana-udaju.md"
LEVELS = {
    "S4": "kde a kdy bude určitý člověk: návštěva s klientem, adresa, telefon",
    "S3": "zvláštní kategorie a už to, že někdo je klientem: jméno, potřeby, plán, záznamy, poznámky",
    "S2": "důvěra: souhlasy, odvolání, kdo se díval, nouzový přístup",
    "S1": "chod systému: účty, relace, klíče, e-maily na cestě",
    "S0": "smí vědět každý přihlášený: adresář, termíny, zaokrouhlené počty",
}
KINDS = {Kind.PRISON: "věznice", Kind.PROBATION: "probace", Kind.MUNICIPALITY: "město (kurátor)", Kind.NGO: "nezisková"}
TAKES = {Takes.NEVER: "nikdy", Takes.CONSENT_OR_AGREEMENT: "souhlas nebo dohoda",
         Takes.CONSENT_FOR_AUTHORITY_RECORDS: "jen souhlas, který jmenuje záznamy úřadů"}
OPENING = """# Ochrana údajů

Pro pověřence pro ochranu osobních údajů. Tabulky jsou vytvořené ze samotné aplikace
(`python tools/data_protection.py`); test hlídá, že se od ní neliší.

## Co aplikace nemá
Žádný sloupec pro trestný čin, žádné hodnocení ani pořadí lidí, žádné vyhledávání klientů jménem napříč organizacemi.
Bez klientů (`CLIENTS=off`) funguje adresář, návštěvy podle počtu lidí a přehledy: tak lze začít před posouzením vlivu.

## Z čeho se smí číst
1. **Vlastní záznam**: organizace čte, co o klientovi zapsala sama; vedoucí všechno, pracovník jen své klienty.
2. **Souhlas klienta**: jmenovaná organizace, jmenované části, od–do, nejvýš rok. Odvolání platí od příštího požadavku.
   Souhlas na papíře nebo s pomocí druhého platí čtrnáct dní (ve vězení se lhůta počítá od propuštění), pokud ho klient
   sám nepotvrdí.
3. **Dohoda organizací**: otevírá, co jmenuje, a jen u klientů, které mají obě strany. Od úřadu k neziskové organizaci
   nikdy nestačí.
4. **Nouzový přístup**: k záchraně života nebo zdraví, s písemným důvodem, na 72 hodin, druhý člověk potvrzuje do
   24 hodin, klient se o něm dočte.

Jiná cesta není. Koordinátor a správce nečtou o klientech nic; počty jsou zaokrouhlené na pět a malé ukázané jako „< 5“.
Každé čtení se zapisuje ve stejné transakci: není-li zápis, nejsou data. Klient vidí, kdo se díval, kdy a proč.
"""
STOLEN = """
## Co ukáže ukradená databáze bez klíče
Šifrované sloupce nic. Čitelné zůstanou náhodná čísla klientů, kódy, data, stavy, věznice a kraj: bez nich by nešly
počítat seznamy a hlídat pravidla. Hlavní klíč (`MASTER_KEY_FILE`) leží mimo data i zálohy; kdo má databázi
i klíč, přečte vše.
"""
ERASING = """
## Co se maže samo
{rules}

## Jak se člověk vymaže
Vedoucí organizace, která s klientem sama pracuje, na stránce *Ukončit práci s klientem → Klient žádá o vymazání*, ve
dvou krocích (napřed co zmizí a co zůstane, pak opsaný kód a heslo). Provozovatel nebo pověřenec příkazem
`flask --app app erase-client KÓD` a podruhé s `--yes`. Koordinátor a správce klienty nevidí, proto tu stránku nemají.

Zmizí:
{goes}

Zůstane, a proč:
{stays}

Kdo o člověku mohl číst ze souhlasu, z doporučení nebo s ním pracoval, dostane výzvu smazat, co si opsal, a odškrtne ji.
Koncepty jsou šifrované klíčem autora i klienta, zmizí tedy s klientem. Klíče stojí v databázi, takže **starší záloha je
ještě má**: kdo je vymazán, toho číslo se připíše do `erased.txt` v `DATA_DIR`, a `migrate` po obnově ze zálohy
vymaže každého, kdo v něm stojí, znovu. Soubor proto uchovávejte i mimo zálohy; jména v něm nejsou.
"""
MADE_BY = {
    "případy, se kterými už nikdo nepracuje": f"{retention.CASE_DAYS} dnů po konci práce poslední organizace",
    "lidé, o nichž je zapsáno, že zemřeli": f"{retention.DEAD_DAYS} dnů po zápisu; zprávy ustanou hned",
    "koncepty": f"{drafts.KEPT_DAYS} dnů od poslední změny",
    "odeslané e-maily a řádky přehledů": f"{retention.MAIL_DAYS} dnů",
    "skončená přihlášení a propadlé odkazy": f"{retention.SIGN_IN_DAYS} dnů",
    "žurnál (kdo co četl a změnil)": "nemaže se: nemá jména ani hodnoty, klient v něm čte, kdo se díval, a dokládá "
                                     "zneužití",
}


def page() -> str:
    """The whole page as Markdown."""
    return "\n".join([OPENING, *_levels(), *_matrix(), *_tables(), *_sealed(), STOLEN, _erasing()])


def rows() -> list[dict]:
    """The dictionary: one line a table with table, level, why, kept, who."""
    with (ROOT / "data" / "dictionary.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _erasing() -> str:
    with force_czech():
        return ERASING.format(rules=_list(f"{what}: {when}" for what, when in MADE_BY.items()),
                              goes=_list(erasure.WHAT_GOES), stays=_list(erasure.WHAT_STAYS))


def _list(lines) -> str:
    return "\n".join(f"- {line}" for line in lines)


@contextmanager
def force_czech():
    """The words of the application in Czech, without the application."""
    app = Flask("words", root_path=str(ROOT))
    Babel(app, default_locale="cs", default_translation_directories=str(ROOT / "translations"))
    with app.test_request_context():
        yield


def _levels():
    yield "## Stupně citlivosti"
    yield from (f"- **{level}** {words}" for level, words in LEVELS.items())


def _matrix():
    yield "\n## Kdo čte čí záznam\nŘádek zapsal, sloupec čte; vlastní záznamy vždy.\n"
    yield "| zapsala | " + " | ".join(KINDS[kind] for kind in WORKING_KINDS) + " |"
    yield "|---" * (len(WORKING_KINDS) + 1) + "|"
    for owner in WORKING_KINDS:
        yield f"| {KINDS[owner]} | " + " | ".join(TAKES[SHARING[owner, reader]] for reader in WORKING_KINDS) + " |"


def _tables():
    """Tables of one purpose together, the most sensitive first."""
    together = {}
    for row in rows():
        together.setdefault((row["level"], row["why"], row["kept"], row["who"]), []).append(row["table"])
    yield "\n## Co se uchovává\n\n| stupeň | k čemu | jak dlouho | kdo to vidí | tabulky |\n|---|---|---|---|---|"
    for (level, why, kept, who), tables in sorted(together.items(), key=lambda item: item[0][0], reverse=True):
        yield f"| {level} | {why} | {kept} | {who} | {', '.join(f'`{table}`' for table in tables)} |"


def _sealed():
    yield "\n## Šifrované sloupce\n"
    for model in models.MODELS:
        columns = [field.name for field in model._meta.sorted_fields if isinstance(field, SealedColumn)]
        if columns:
            yield f"- `{model._meta.table_name}`: {', '.join(columns)}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
