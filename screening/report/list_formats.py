"""The formats of lists by name, apart from what makes them: they are asked for before anything is loaded."""

STREAMS = ("text", "json", "csv", "html")
"""Formats that can go to standard output."""

FORMATS = (*STREAMS, "xlsx", "parquet")
