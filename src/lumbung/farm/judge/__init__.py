"""The judges of the farm: ``farm.planting`` asks when to plant what, ``farm.inputs`` who gets fertiliser and water, and when."""

from lumbung.farm.judge.inputs import InputsJudge
from lumbung.farm.judge.planting import PlantingJudge

__all__ = ["InputsJudge", "PlantingJudge"]
