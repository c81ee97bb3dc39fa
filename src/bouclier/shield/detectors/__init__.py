"""The table's entries, one module per family; `patterns` puts them together."""
