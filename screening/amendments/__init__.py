"""What an amendment changes: two versions of a trial compared by meaning, with patients who show each difference."""

from screening.amendments.comparing import amendment, versions
from screening.amendments.flips import Flip, flips
from screening.amendments.model import Amended, Amendment, Kind, Witness

__all__ = ["Amended", "Amendment", "Flip", "Kind", "Witness", "amendment", "flips", "versions"]
