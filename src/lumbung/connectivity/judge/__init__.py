"""The judges of connectivity: ``connectivity.siting`` asks where towers go, ``connectivity.rollout`` which come in which year, for whom
at what speed."""

from lumbung.connectivity.judge.rollout import RolloutJudge
from lumbung.connectivity.judge.siting import SitingJudge

__all__ = ["RolloutJudge", "SitingJudge"]
