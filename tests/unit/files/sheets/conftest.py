"""Workbooks to read, and messages to read them by."""

import zipfile

import pytest
from openpyxl import Workbook

from taceflow.errors import InputError
from taceflow.files.sheets.read import read_sheet


@pytest.fixture
def workbook():
    """Write sheets of rows; the first row of each is its header."""

    def write(path, *sheets, formulas=()):
        book = Workbook()
        book.remove(book.active)
        for title, rows in sheets:
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        for cell, formula in formulas:
            book.worksheets[0][cell] = formula
        book.save(path)
        return book

    return write


@pytest.fixture
def refused():
    """The message of a table that cannot be read."""

    def read(path, schema="patients"):
        with pytest.raises(InputError) as raised:
            read_sheet(path, schema)
        assert path.name in str(raised.value)
        return str(raised.value)

    return read


@pytest.fixture
def rewritten():
    """Write a workbook again, its parts as a function of their names and content returns them."""

    def write(path, change):
        with zipfile.ZipFile(path) as source:
            parts = {name: source.read(name) for name in source.namelist()}
        with zipfile.ZipFile(path, "w") as target:
            for name, content in parts.items():
                target.writestr(name, change(name, content))

    return write
