"""Many patients at once: the predicates of a trial as SQL over a store, decided exactly as the interpreter decides.

    predicates ─▶ atoms on slots of results ─▶ one integer per atom ─▶ connectives ─▶ verdict      (`compiler`)
    store ─▶ signatures: every distinct (test, unit, range, method …) on record, judged once in Python  (`store`)

What can be known without a patient's numbers and dates (units, methods, codes) is worked out at compile time, per
signature, with the interpreter's own functions; only numbers and dates are left to SQL. What SQL cannot decide the
same way is refused by name (`RefusedError`), never approximated; a single cell that it would have to guess is
marked, and the interpreter settles it (`asking`).
"""

from screening.batch.problems import BatchError, RefusedError

__all__ = ["BatchError", "RefusedError"]
