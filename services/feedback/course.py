"""The course of one person: how each need went from one follow-up to the next, in both voices, silence as a gap."""
from dataclasses import dataclass, field
from datetime import date

import clock
from models import Client, Need, NeedState, Prompt, PromptState, Scope, Step
from policy import readable_prompts
from services import files

HEIGHTS = {Step.CRISIS: 1, Step.POOR: 2, Step.UNSURE: 3, Step.GOOD: 4, Step.STEADY: 5}
TOP = 6
SILENT = (PromptState.UNANSWERED, PromptState.NOT_REACHED, PromptState.DECLINED)


@dataclass(frozen=True)
class Point:
    """How one need stood on one day, as one voice says. `height` is 0 to TOP, None where there is nothing to place."""

    row: object
    by_client: bool
    organisation: str

    @property
    def height(self) -> int | None:
        if self.row.state is NeedState.MET:
            return TOP
        if self.row.state is NeedState.NEEDED:
            return 0
        return HEIGHTS.get(self.row.step)


@dataclass
class Moment:
    """One follow-up: its day, and what is known of it; `silent` where it was asked and nobody answered."""

    on: date
    milestone: int | None
    state: PromptState | None = None
    points: dict[Need, list[Point]] = field(default_factory=dict)

    @property
    def silent(self) -> bool:
        return self.state in SILENT and not self.points


@dataclass(frozen=True)
class Course:
    moments: list[Moment]
    needs: list[Need]

    @property
    def charted(self) -> list[Need]:
        """Needs of which there is something to draw: of those not needed there is not."""
        return [need for need in self.needs if any(point.height is not None for moment in self.moments
                                                   for point in moment.points.get(need, []))]


def course(entries: list[files.Entry], last: int = 5) -> Course:
    """The course over the `last` follow-ups in which something was observed, the oldest first."""
    moments = [moment for moment in _moments(entries, []) if moment.points][-last:]
    return Course(moments, _needs(moments))


def of_client(actor, public_id: str) -> tuple[files.ClientFile, Course | None]:
    """The whole course of a client, gaps too; None where its reader may not see how they fare. Raises Missing."""
    file = files.open_file(actor, public_id, Scope.IDENTITY, Scope.FOLLOW_UP, what="feedback.course")
    if file[Scope.FOLLOW_UP].closed:
        return file, None
    client = Client.get(Client.public_id == public_id)
    prompts = list(readable_prompts(actor, client.id).order_by(Prompt.due_on, Prompt.id))
    moments = _moments(file[Scope.FOLLOW_UP].value, [row for row in prompts if row.state in SILENT])
    return file, Course(moments, _needs(moments))


def _needs(moments) -> list[Need]:
    return [need for need in Need if any(need in moment.points for moment in moments)]


def _moments(entries, silent) -> list[Moment]:
    """Entries by their follow-up, each voice's newest version over the one before; then those without an answer."""
    found: dict[object, Moment] = {}
    for entry in sorted(entries, key=lambda each: (each.at, each.number)):
        moment = found.setdefault(entry.prompt or f"entry {entry.public_id}",
                                  Moment(clock.local(entry.at).date(), entry.milestone))
        for row in entry.needs:
            if not row.unchanged:
                others = [point for point in moment.points.get(row.need, []) if point.by_client != entry.by_client]
                moment.points[row.need] = sorted([*others, Point(row, entry.by_client, entry.organisation)],
                                                 key=lambda point: point.by_client)
    for prompt in silent:
        found.setdefault(prompt.id, Moment(prompt.due_on, prompt.milestone)).state = prompt.state
    return sorted(found.values(), key=lambda moment: moment.on)
