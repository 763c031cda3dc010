"""What a fitted study is for and what it is not for, in the words of card and patients' pages."""

RESEARCH = (
    "Research: to predict survival in other patients of the same kind, to validate the models "
    "elsewhere, and to compare them with others."
)

NO_DECISION = (
    "No decision about a patient: not the choice of a treatment, not its timing, not what the "
    "patient is told. It is no medical device, and nobody has approved it."
)
