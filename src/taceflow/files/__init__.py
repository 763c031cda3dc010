"""Files and tables: written whole, read back checked, and what a schema says of them."""
