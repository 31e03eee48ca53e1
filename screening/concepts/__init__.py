"""Conditions, drugs, procedures, allergies and states: their names in texts and their codes in records.

All knowledge is data in rules/concepts/*.toml (one file a topic), rules/oncotree.toml and rules/modifiers.toml.
ICD-10 and ATC are prefix-hierarchical, so a code stands for itself and its descendants:

- a recorded code below one of the concept's codes, and not below an excluded one: "yes";
- a recorded code above one of them (C79.3 for C79.31, bare Z94 where Z94.7 is out): "possible", as is any code
  listed in `icd10_possible`;
- history codes (Z85.3) are "yes" as well, and `past_only` tells that they speak of the past.

Names are written once. In rules, "{liver,hepatic} metastasis" stands for both alternatives and "{@ca}" for the
file's macro; `by_name` adds, by rule and not by listing: plurals of the last word and of the word before
"of/to/in/with/from", spaces for hyphens, American for British spelling, and forms of the possessive "'s".
"""

from screening.concepts.codes import Code, Verdict, oncotree_parents
from screening.concepts.matching import (
    is_malignancy,
    is_other_malignancy,
    is_secondary,
    lies_within,
    matches,
    narrower,
    past_only,
    recognised,
)
from screening.concepts.model import Concept, Modifier, catalogue, code_prefixes, expand, modifiers
from screening.concepts.names import (
    by_case_name,
    by_name,
    modifiers_by_name,
    narrower_names,
    not_names,
    variants,
    weak_names,
)

__all__ = [
    "Code",
    "Concept",
    "Modifier",
    "Verdict",
    "by_case_name",
    "by_name",
    "catalogue",
    "code_prefixes",
    "expand",
    "is_malignancy",
    "is_other_malignancy",
    "is_secondary",
    "lies_within",
    "matches",
    "modifiers",
    "modifiers_by_name",
    "narrower",
    "narrower_names",
    "not_names",
    "oncotree_parents",
    "past_only",
    "recognised",
    "variants",
    "weak_names",
]
