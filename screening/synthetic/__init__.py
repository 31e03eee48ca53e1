"""Facts and patients made to order, for boundary sheets, property tests and witnesses; never data of a real person.

from screening import synthetic
ann = synthetic.patient("A-1", synthetic.result("alt", 88, day=date(2026, 3, 2), uln=40), birth_date=date(1961, 3, 4))
json.dumps(synthetic.native(ann))       # a file that `screening screen` reads back as the same patient
"""

from screening.synthetic.facts import CANONICAL, event, recordable, reference, result
from screening.synthetic.people import native, patient
from screening.synthetic.records import Entry, entry, kind_of

__all__ = ["CANONICAL", "Entry", "entry", "event", "kind_of", "native", "patient", "recordable", "reference", "result"]
