"""The job behind an import: where it fails, the page says why, and nothing half-written is left."""
import io
from datetime import timedelta

import pytest

from importers import reading
from models import Import, ImportRow, ImportState, Organisation, Service
from services import import_compare, import_jobs, import_undo, import_write, imports, journal
from tests.test_importing import NUMBERS, confirm, line, send, xlsx


class OutOfOrder(Exception):
    """An error of ours that nobody foresaw."""


def breaks(*_args, **_more):
    raise OutOfOrder


def book() -> tuple:
    return Organisation.select().count(), Service.select().count(), ImportRow.select().count()


def page_of(sign_in, run) -> str:
    return sign_in("kora").get(f"/imports/{run.public_id}").text


@pytest.mark.parametrize("module, name", [(reading, "read"), (import_compare, "compare")])
def test_an_error_of_ours_while_reading_is_told_and_does_not_stop_the_next_file(app, cast, sign_in, monkeypatch,
                                                                                module, name):
    before = book()
    with monkeypatch.context() as broken:
        broken.setattr(module, name, breaks)
        with pytest.raises(OutOfOrder):  # the queue writes it into its log
            send(cast.kora, xlsx(line("Nový spolek", NUMBERS[0])))
    run = Import.get()
    assert run.state is ImportState.FAILED and book() == before and not imports.path_of(run).exists()
    assert "Něco se pokazilo na naší straně" in page_of(sign_in, run)
    assert import_jobs.work_due() == 0
    assert send(cast.kora, xlsx(line("Jiný spolek", NUMBERS[1]))).state is ImportState.READY


@pytest.mark.parametrize("module, name", [(import_write, "_finish"), (journal, "wrote")])
def test_an_error_at_the_end_of_writing_leaves_nothing_half_written(app, cast, sign_in, monkeypatch, module, name):
    run = send(cast.kora, xlsx(line("Nový spolek", NUMBERS[0]), line("Další spolek", NUMBERS[1])))
    before = Organisation.select().count()
    imports.confirm(cast.kora, run.public_id)
    with monkeypatch.context() as broken:
        broken.setattr(module, name, breaks)
        with pytest.raises(OutOfOrder):
            import_jobs.work_due()
    run = imports.find(cast.kora, run.public_id)
    assert (run.state, Organisation.select().count()) == (ImportState.FAILED, before)
    assert "Něco se pokazilo na naší straně" in page_of(sign_in, run)


def test_an_error_while_taking_back_leaves_the_import_to_be_taken_back(app, cast, sign_in, monkeypatch):
    """Told as a whole import that was not undone: its rows are what an undo needs, so they stay."""
    run = confirm(cast.kora, send(cast.kora, xlsx(line("Nový spolek", NUMBERS[0]))))
    with monkeypatch.context() as broken:
        broken.setattr(import_undo, "_put_back", breaks)
        imports.undo(cast.kora, run.public_id)
        with pytest.raises(OutOfOrder):
            import_jobs.work_due()
    run = imports.find(cast.kora, run.public_id)
    assert run.state is ImportState.DONE and Organisation.select().where(Organisation.name == "Nový spolek").exists()
    assert ImportRow.select().where(ImportRow.run == run.id).count() == 1
    assert "Nic jsme nevrátili" in page_of(sign_in, run)
    import_jobs.work_due()
    imports.undo(cast.kora, run.public_id)
    import_jobs.work_due()
    assert imports.find(cast.kora, run.public_id).state is ImportState.UNDONE


def test_an_error_of_the_search_does_not_take_back_what_was_written(app, cast, sign_in, monkeypatch):
    run = send(cast.kora, xlsx(line("Nový spolek", NUMBERS[0])))
    with monkeypatch.context() as broken:
        broken.setattr(import_write, "reindex", breaks)
        with pytest.raises(OutOfOrder):
            confirm(cast.kora, run)
    assert imports.find(cast.kora, run.public_id).state is ImportState.DONE
    import_jobs.work_due()
    assert imports.find(cast.kora, run.public_id).done == 100
    assert "Nový spolek" in sign_in("kora").get("/book?q=nový spolek").text


# Where nothing works in the background

@pytest.mark.parametrize("beats, ago, said", [(False, 0, True), (True, 0, False), (True, 59, False), (True, 61, True)])
def test_a_file_that_nobody_goes_on_with_says_so(app, cast, sign_in, travel, beats, ago, said):
    import_jobs.sign_of_life().unlink(missing_ok=True)
    if beats:
        import_jobs.beat()
        travel.shift(timedelta(seconds=ago))
    kora = sign_in("kora")
    assert ("poslaný soubor bude čekat" in kora.get("/imports").text) is said
    run = imports.send(cast.kora, io.BytesIO(xlsx(line("Nový spolek", NUMBERS[0]))), "seznam.xlsx")
    page = kora.get(f"/imports/{run.public_id}")
    assert ("neběží práce na pozadí" in page.text) is said
    assert bool(page.page.all("progress")) is not said
    assert any(each["href"] == f"/imports/{run.public_id}" for each in page.page.all("a"))
    import_jobs.sign_of_life().unlink(missing_ok=True)


def test_two_clicks_on_confirming_write_once(app, cast, sign_in):
    run, kora = send(cast.kora, xlsx(line("Nový spolek", NUMBERS[0]))), sign_in("kora")
    here = f"/imports/{run.public_id}"
    data = kora.get(here).page
    values = data.values(data.form(f"{here}/confirm"))
    assert [kora.post(f"{here}/confirm", values).status for _click in range(2)] == [303, 422]
    import_jobs.work_due()
    assert kora.post(f"{here}/confirm", values).status == 422
    import_jobs.work_due()
    assert Organisation.select().where(Organisation.name == "Nový spolek").count() == 1
    assert imports.find(cast.kora, run.public_id).state is ImportState.DONE
