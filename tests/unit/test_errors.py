"""Messages that say whose table, which row, which file, and what to do."""

from taceflow.errors import ExclusionError, InputError, OwnFaultError


def test_a_message_names_patient_file_row_and_remedy():
    whole = InputError("no event", patient="P1", row=4, file="a.tsv", remedy="Fill it in")
    assert str(whole) == "patient P1: no event [a.tsv, row 4]. Fill it in"
    assert str(InputError("no event", row=4)) == "no event [row 4]"
    assert str(InputError("no event")) == "no event"


def test_of_a_damaged_picture_the_remedy_is_to_look_at_it():
    looked = ExclusionError("the mask is empty", stage="segmentation", patient="P1")
    assert looked.stage == "segmentation"
    assert str(looked).endswith(
        "empty. Open the mask over its CT in a viewer, then export it again on that CT"
    )
    own = ExclusionError("two scans", stage="imaging", remedy="Name one")
    assert (own.remedy, str(own)) == ("Name one", "two scans. Name one")
    assert ExclusionError("no time", stage="follow-up").remedy is None


def test_our_own_fault_is_nobody_elses():
    said = str(OwnFaultError("2 rows", file="t.tsv"))
    assert said.startswith("2 rows [t.tsv]. This is a fault of taceflow, not of your data")
