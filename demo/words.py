"""Words that invented things are made of: names of people, what workers write, parts of the demo password."""
from pathlib import Path

# Given names and surnames that agree in gender; nobody is meant.
MEN = [
    "Adam", "Aleš", "Bohumil", "Dalibor", "David", "Dušan", "Emil", "Filip", "František", "Ivan", "Jakub", "Jan",
    "Jaromír", "Jiří", "Josef", "Kamil", "Ladislav", "Libor", "Luboš", "Lukáš", "Marek", "Martin", "Michal", "Milan",
    "Miroslav", "Ondřej", "Patrik", "Pavel", "Petr", "Radek", "Richard", "Roman", "Stanislav", "Štěpán", "Tomáš",
    "Václav", "Viktor", "Vladimír", "Vojtěch", "Zdeněk",
]
MEN_SURNAMES = [
    "Bartoň", "Beran", "Brabec", "Čáp", "Čech", "Chalupa", "Daněk", "Dušek", "Fiala", "Havel", "Holub", "Horák",
    "Hruška", "Janda", "Jelínek", "Kadlec", "Kavka", "Konečný", "Kos", "Kříž", "Kubát", "Lípa", "Malý", "Mašek",
    "Mráz", "Ptáček", "Říha", "Růžička", "Sedlák", "Sova", "Stránský", "Šimek", "Toman", "Vaněk", "Veselý", "Vlk",
    "Zajíc", "Zelenka", "Zeman", "Žák",
]
WOMEN = ["Alena", "Dana", "Eliška", "Eva", "Hana", "Ivana", "Jana", "Lenka", "Lucie", "Marie", "Martina", "Monika",
         "Petra", "Renata", "Šárka", "Tereza", "Věra", "Zuzana"]
WOMEN_SURNAMES = ["Bartoňová", "Beranová", "Čechová", "Dušková", "Fialová", "Holubová", "Hrušková", "Jandová",
                  "Kadlecová", "Konečná", "Křížová", "Malá", "Mrázová", "Ptáčková", "Říhová", "Sovová", "Šimková",
                  "Veselá", "Zelenková", "Žáková"]

NOTES_BETTER = [
    "Volal sám, má za sebou první výplatu. Ubytovna zaplacená na měsíc dopředu.",
    "Přišel včas, chce řešit dluhy po pořádku. Dohodli jsme se na soupisu exekucí.",
    "Bydlí u sestry, vztahy klidné. Chodí na terapii každý týden.",
    "Nastoupil do skladu na zkušební dobu. Říká, že ho práce drží.",
    "Doklady má vyřízené, dávky už chodí. Zůstává vyřešit lékař.",
]
NOTES_SAME = [
    "Zatím beze změny, čeká na vyjádření úřadu práce.",
    "Telefonát krátký, slíbil přijít příští týden osobně.",
    "Bydlení má do konce měsíce, potom neví. Hledáme dál.",
    "Na ubytovně je nespokojený, ale platí. Práce jen nárazově.",
    "Má zájem o dluhovou poradnu, domluvíme doprovod.",
]
NOTES_WORSE = [
    "Přišel o ubytování, spí po známých. Hledáme místo v azylovém domě.",
    "Z práce odešel, mluví o návratu k pití. Nabídl jsem kontakt na terapeuta, zatím nechce.",
    "Na účet mu sáhla exekuce, nemá na jídlo. Vyřizujeme mimořádnou okamžitou pomoc.",
    "Nepřišel na schůzku, bere telefon jen občas. Zní unaveně.",
]
NEXT_STEPS = [
    "Zavolat na ubytovnu a ověřit volné místo.", "Doprovodit na úřad práce.", "Sepsat přehled exekucí.",
    "Domluvit první schůzku s terapeutem.", "Vyřídit průkaz pojištěnce.", "Ozvat se po nástupu do práce.",
]
PURPOSES_OF_VISIT = [
    "Příprava na propuštění: bydlení", "Příprava na propuštění: práce", "Dluhy a exekuce", "První rozhovor",
    "Pokračování poradenství", "Domluva na dni propuštění", "Podpora v abstinenci",
]
PURPOSES_OF_GROUP = ["Skupina: jak vyjít s penězi", "Skupina: hledání práce", "Beseda o službách po propuštění"]


def for_passwords() -> list[str]:
    """Short words without diacritics that are easy to read aloud."""
    return Path(__file__).with_name("password_words.txt").read_text().split()

# What clients wrote themselves behind their link
SAID = ["Jde to, díky.", "Práci mám, ale výplata nestačí na nájem.", "Pořád čekám na doklady."]
