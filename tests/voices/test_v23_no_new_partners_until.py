"""V23, its part in the book: some prisons add no more partners. The button is disabled with the day; one can wait."""
from datetime import date, timedelta

LAST_DAY = date(2027, 8, 31)


def test_v23_the_start_is_closed_until_a_day_and_who_waits_is_told(cast, sign_in, travel, postbox):
    pavel, cecilie = sign_in("pavel"), sign_in("strange_ngo")
    pavel.send("/cooperation/new-partners", page="/cooperation/new-partners", until=LAST_DAY.isoformat())
    book = cecilie.get(f"/book/{cast.prison.public_id}")
    assert "nepřijímá nové partnery do 31. 8. 2027" in book.text.replace("\xa0", " ")
    page = f"/cooperation/start/{cast.prison.public_id}"
    shown = cecilie.get(page)
    disabled = [button for button in shown.page.all("button") if "disabled" in button.attributes]
    assert len(disabled) == 1 and "Začít spolupráci" in shown.text and "Upozornit mě" in shown.text
    assert cecilie.send(page, event="start").status == 422, "the server says no too"
    cecilie.send(page, page=page, event="wait")
    assert "číslo 1" in cecilie.follow().text
    assert "Ukázkový spolek Čtvrtá šance" in pavel.get("/cooperation/looking-for").text
    pavel.send("/cooperation/new-partners/open")
    (mail,) = [mail for mail in postbox.deliver() if mail["To"] == "strange_ngo@example.org"]
    assert page in mail.get_content()
    travel.shift(timedelta(minutes=1))
    assert "znovu přijímají partnery" in cecilie.get("/").text
    cecilie.send(page, page=page, event="start")
    assert "zájem" in cecilie.follow().text
