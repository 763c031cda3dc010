"""What breaks a schema, in words that name no schema."""

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from taceflow.wording.schema_words import in_words, shown


def said(rule, value, *, of_cell=False):
    validator = Draft202012Validator(rule, format_checker=FormatChecker(["regex"]))
    (error,) = validator.iter_errors(value)
    return in_words(error, of_cell=of_cell)


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ({"type": "number"}, "3,5", "'3,5' is no number (a decimal comma: write 3.5)"),
        ({"type": ["integer", "null"]}, True, "true is no whole number or null"),
        ({"minimum": 0}, -9, "-9 is below 0 (a code for missing? Leave the cell empty)"),
        ({"minimum": 0}, -0.5, "-0.5 is below 0"),
        ({"exclusiveMaximum": 10}, 10, "10 is not below 10"),
        ({"enum": ["female", "male"]}, "m", "'m' is none of female, male; did you mean 'male'?"),
        (
            {"enum": ["male", "female"]},
            "Frau",
            "'Frau' is none of male, female; did you mean 'female'?",
        ),
        ({"enum": ["female", "male"]}, 1, "1 is none of female, male (a code: write the word)"),
        ({"enum": [0, 1]}, "nein", "'nein' is none of 0, 1 (write 1 for yes, 0 for no)"),
        (
            {"enum": [0, 1], "description": "1: died"},
            2,
            "2 is none of 0, 1 (coded 1 and 2? Then the 1s change too: write 1: died)",
        ),
        ({"enum": [0, 1], "description": "1: died"}, 3, "3 is none of 0, 1 (1: died)"),
        ({"required": ["event"]}, {}, "'event' is empty"),
        ({"maxLength": 2}, "abc", "'abc' has more than 2 characters"),
    ],
)
def test_a_cell(rule, value, words):
    assert said(rule, value, of_cell=True) == words


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ({"type": "string"}, 12, '12 is no text (put it between quotation marks: "12")'),
        ({"minimum": 0}, -9, "-9 is below 0"),
        (
            {"format": "regex"},
            "*",
            "'*' is no regular expression (nothing to repeat at position 0)",
        ),
        ({"pattern": "^P", "x-form": "begin with P"}, "Q", "'Q' cannot stand here: begin with P"),
        ({"minItems": 2}, [1], "[1] has 1 entry: at least 2 are needed"),
        ({"uniqueItems": True}, [1, 1], "[1, 1] has an entry twice"),
        (
            {"enum": ["log_rank"], "x-renamed": {"maxstat": "log_rank"}},
            "maxstat",
            "'maxstat' is none of log_rank; it has another name now: write log_rank",
        ),
    ],
)
def test_a_key(rule, value, words):
    assert said(rule, value) == words


def test_values_are_shown_as_they_are_written():
    assert [shown(one) for one in ("a", None, True, 1.5, [1])] == [
        "'a'",
        "null",
        "true",
        "1.5",
        "[1]",
    ]
