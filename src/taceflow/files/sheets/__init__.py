"""Tables that people make: text and workbooks, read without guessing, with the rows they see."""
