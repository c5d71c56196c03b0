"""The steps of one co-operation, copied from the prison's checklist, and whose turn it is."""
from datetime import timedelta

import clock
from models import CooperationState, CooperationStep, Party
from services import prisons

ANSWER_DAYS = 14  # in which a prison answers interest, and confirms what is ready


def copy_checklist(row):
    """Each start copies the prison's checklist as it is that day."""
    CooperationStep.delete().where(CooperationStep.cooperation == row.id).execute()
    for number, step in enumerate(prisons.checklist(row.prison_id), 1):
        CooperationStep.create(cooperation=row, position=number, name=step.name, document=step.document,
                               signatory=step.signatory, turn=step.turn, limit_days=step.limit_days)


def set_clock(row):
    """Whose turn it is, since when, until when; an open step's clock begins when the one before it is done."""
    step = open_step(row) if row.state is CooperationState.NEGOTIATING else None
    if step:
        step.begun_at = step.begun_at or clock.now()
        step.save(only=[CooperationStep.begun_at])
        row.turn, row.turn_since = step.turn, step.begun_at
        row.due_on = clock.local(step.begun_at).date() + timedelta(days=step.limit_days)
    elif row.state in {CooperationState.INTEREST, CooperationState.NEGOTIATING}:
        row.turn, row.turn_since, row.due_on = Party.PRISON, clock.now(), clock.today() + timedelta(days=ANSWER_DAYS)
    else:
        row.turn = row.turn_since = row.due_on = None


def steps_of(row):
    return CooperationStep.select().where(CooperationStep.cooperation == row.id).order_by(CooperationStep.position)


def open_step(row) -> CooperationStep | None:
    return steps_of(row).where(CooperationStep.done_at.is_null()).first()


def last_done(row) -> CooperationStep | None:
    return steps_of(row).where(CooperationStep.done_at.is_null(False)).order_by(CooperationStep.position.desc()).first()
