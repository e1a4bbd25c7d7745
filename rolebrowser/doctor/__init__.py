"""Why can't I connect: every check of the road, also past a failure, with evidence and a fix.

Above `connect`, which stops at the first thing that fails: here the rest is looked at too, and the
cause named. What a finding is and which of them is the likely cause: `finding`; the order of the
checks and who carries them out: `examination`.
"""

from rolebrowser.doctor.examination import examine
from rolebrowser.doctor.finding import Cause, CheckName, Diagnosis, Finding

__all__ = ["Cause", "CheckName", "Diagnosis", "Finding", "examine"]
