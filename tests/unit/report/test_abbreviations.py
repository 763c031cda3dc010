"""Abbreviations below a table: those in it, once, words only."""

from taceflow.report.abbreviations import with_abbreviations
from taceflow.wording.printed_table import Line, PrintedTable


def test_only_what_the_table_uses_is_spelled_out():
    lines = (Line(("TBIL (µmol/L)", "BCLC-B B2")), Line(("radiomics/icc.tsv", "ALT.x")))
    table = PrintedTable("T", ("", "AUC"), lines, ("By AFP. NR: not reached.",))
    assert with_abbreviations(table).notes[1:] == (
        "AFP: alpha-fetoprotein; AUC: area under the ROC curve; BCLC: Barcelona Clinic Liver "
        "Cancer; ROC: receiver operating characteristic; TBIL: total bilirubin.",
    )


def test_a_table_without_abbreviations_stays_as_it_is():
    table = PrintedTable("T", ("",), (Line(("Age (years)",)),))
    assert with_abbreviations(table) is table
