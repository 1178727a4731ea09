"""Where the next towers should stand: the tool a planner uses on their own data.

Read in this order: ``candidates`` (the planner's tables), ``reach`` (who would hear which site), ``backhaul`` (how its
traffic gets out), ``study`` (the plan and its proof), ``reasons`` (why there, and why not elsewhere), ``plan_files`` and
``plan_picture`` (what is handed on). ``instances`` solves the published covering instances.
"""

from __future__ import annotations

from lumbung.connectivity.siting.instances import SitingError as SitingError
from lumbung.connectivity.siting.instances import search as search
from lumbung.connectivity.siting.instances import solve_instance as solve_instance
