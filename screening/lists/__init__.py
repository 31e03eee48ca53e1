"""What users want from a batch: who is nearest, what is missing, what each criterion costs, from and until when.

with open_results("out.parquet") as results:
    for row in ranked(results, top=20).table("ranked").records():
        print(row)
"""

from screening.lists.attrition import attrition
from screening.lists.curve import curve
from screening.lists.nearmisses import near_misses
from screening.lists.overview import overview
from screening.lists.problems import ListError
from screening.lists.ranking import ranked
from screening.lists.recheck import Source
from screening.lists.results import Results, open_results
from screening.lists.tables import Answer, Column, Provenance, Table
from screening.lists.validity import dates
from screening.lists.worklist import worklist

__all__ = [
    "Answer",
    "Column",
    "ListError",
    "Provenance",
    "Results",
    "Source",
    "Table",
    "attrition",
    "curve",
    "dates",
    "near_misses",
    "open_results",
    "overview",
    "ranked",
    "worklist",
]
