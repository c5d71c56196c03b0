"""What a rule says when it refuses. The sentence is for the person on the other side of the screen."""


class RuleBroken(Exception):
    """A rule refused. `sentence` is told to the user; `field` is the form's field it belongs to, if any."""

    def __init__(self, sentence, field: str | None = None, **details):
        super().__init__(str(sentence))
        self.sentence = sentence
        self.field = field
        self.details = details


class Missing(Exception):
    """There is no such thing for this reader: foreign, erased and non-existent are the same."""


class Forbidden(Exception):
    """A write was attempted where none is allowed. A defect of ours, never a message to a user."""


class SealBroken(Exception):
    """A sealed value does not open: wrong key, wrong row, or somebody changed it."""
