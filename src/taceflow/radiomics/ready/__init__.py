"""Tables of features made elsewhere."""
