"""Crop varieties: those we hold as tables, and those a user brings in a WOFOST YAML file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

CROPS = ("rice", "maize", "soybean", "cassava", "potato")


class VarietyError(ValueError):
    """A variety nobody knows, or a crop file that cannot be read."""


@dataclass(frozen=True, eq=False)
class Variety:
    """A crop variety: WOFOST parameters by name, tables as lists x, y, x, y, ...

    Those of WOFOST 8.1, which have NMAXLV_TB and its like in place of AMAXTB, grow with nitrogen; those of 7.2 without.

    Examples
    --------
    >>> from lumbung import farm
    >>> early = farm.variety("IR72").changed(TSUM1=1000)
    >>> early, early.parameters["TSUM1"]  # C d
    (<Variety 'Rice_IR72' of rice>, 1000)
    """

    name: str
    crop: str
    parameters: Mapping[str, Any] = field(repr=False)
    source: str = ""

    def __repr__(self) -> str:
        return f"<Variety {self.name!r} of {self.crop}>"

    @cached_property
    def arrays(self):  # type: ignore[no-untyped-def]
        """The variety as the engine reads it, checked (:func:`lumbung.farm.engine.parameters.crop_arrays`)."""
        from lumbung.farm.engine.nitrogen.parameters import nitrogen_crop_arrays
        from lumbung.farm.engine.parameters import crop_arrays

        read = nitrogen_crop_arrays if self.knows_nitrogen else crop_arrays
        return read(self.parameters, self.name)

    @property
    def knows_nitrogen(self) -> bool:
        """Whether these are parameters of WOFOST 8.1, whose growth hangs on nitrogen."""
        return "NMAXLV_TB" in self.parameters

    @property
    def can_be_sown(self) -> bool:
        """Whether emergence after sowing is described; where not, a season starts at emergence or transplanting."""
        return float(self.parameters.get("TSUMEM", 0.0)) > 0.0

    def changed(self, **parameters: Any) -> Variety:
        """Return a copy with other values for some parameters, e.g. ``CO2=560`` [ppm].

        Raises
        ------
        VarietyError
            When a parameter would have no effect: no such name, or carbon dioxide without the tables through which it acts.
        """
        from lumbung.farm.engine.nitrogen.parameters import known_nitrogen_parameters
        from lumbung.farm.engine.parameters import CO2_TABLES, known_crop_parameters

        merged = {**self.parameters, **parameters}
        known = known_crop_parameters()
        if self.knows_nitrogen:
            known = (known - {"AMAXTB"}) | known_nitrogen_parameters()
        unknown = sorted(set(parameters) - known)
        if unknown:
            near = get_close_matches(unknown[0].upper(), known, 3)
            raise VarietyError(
                f"{self.name}: {unknown[0]} would have no effect, no parameter of a variety is called so"
                + (f"; did you mean {' or '.join(near)}?" if near else "")
            )
        lacking = [name for name in CO2_TABLES if merged.get(name) is None]
        if parameters.get("CO2") is not None and lacking:
            raise VarietyError(
                f"{self.name}: CO2 acts through the tables {', '.join(CO2_TABLES)}, and {', '.join(lacking)} "
                "is missing; give it too (WOFOST 7.3 publishes them, 7.2 does not)"
            )
        return Variety(self.name, self.crop, merged, self.source)


@cache
def _table(crop: str) -> dict[str, Variety]:
    folder = files("lumbung.farm") / "tables"
    table = tomllib.loads((folder / f"{crop}.toml").read_text(encoding="utf-8"))
    found = {
        name: Variety(name, crop, {**table["shared"], **own}, table["source"])
        for name, own in table["varieties"].items()
    }
    regional = folder / f"{crop}_regional.toml"
    if regional.is_file():
        for name, own in tomllib.loads(regional.read_text(encoding="utf-8"))["varieties"].items():
            base = found[own["base"]]
            sums = {"TSUM1": own["TSUM1"], "TSUM2": own["TSUM2"]}
            source = f"{base.name} with the duration its breeders state, not fitted to trials: {own['about']}"
            found[name] = Variety(name, crop, {**base.parameters, **sums}, source)
    return found


@cache
def _nitrogen_table(crop: str) -> dict[str, Variety]:
    """Return the varieties of a crop with the parameters WOFOST 8.1 adds; none where it publishes no whole set."""
    text = (files("lumbung.farm") / "tables" / "nitrogen.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    if crop not in table["crops"]:
        return {}
    found = {}
    for name, base in _table(crop).items():
        own = table["varieties"].get(name, {})
        added = {**table["shared"], **table["crops"][crop], **own}
        kept = {key: value for key, value in base.parameters.items() if key != "AMAXTB"}
        found[name] = Variety(name, crop, {**kept, **added}, f"{base.source}; nitrogen: {table['source']}")
    return found


def varieties(crop: str = "rice", *, nitrogen: bool = False) -> dict[str, Variety]:
    """Return our varieties of a crop by name: published parameter sets, and varieties of the region built on them.

    What a variety rests on stands in its ``source``. With ``nitrogen`` they carry the parameters of WOFOST 8.1; maize has
    none, because its leaf nitrogen is not published.

    Raises
    ------
    VarietyError
        When we hold no table of the crop.

    Examples
    --------
    >>> from lumbung import farm
    >>> list(farm.varieties("maize"))[:2]
    ['Maize_VanHeemst_1988', 'Grain_maize_201']
    """
    if crop not in CROPS:
        raise VarietyError(f"no table of {crop!r}; there are {', '.join(CROPS)}")
    return dict(_nitrogen_table(crop) if nitrogen else _table(crop))


def variety(name: str, *, nitrogen: bool = False) -> Variety:
    """Return one of our varieties by name; case, blanks and dashes do not matter, nor whether the crop stands before it.

    With ``nitrogen`` it carries the parameters of WOFOST 8.1.

    Raises
    ------
    VarietyError
        Lists the names there are, and asks whether a near one is meant; or says that its nitrogen is not published.

    Examples
    --------
    >>> from lumbung import farm
    >>> farm.variety("ir 72")
    <Variety 'Rice_IR72' of rice>
    >>> farm.variety("IR72", nitrogen=True).knows_nitrogen
    True
    """
    known = {n: v for crop in CROPS for n, v in varieties(crop, nitrogen=nitrogen).items()}
    wanted = _plain(name)
    if nitrogen:
        unfed = {_plain(n) for crop in CROPS for n in _table(crop) if n not in known}
        if wanted in unfed:
            raise VarietyError(
                f"{name} cannot grow with nitrogen: WOFOST 8.1 publishes no whole set of parameters for its crop. "
                f"Those that have one: {', '.join(crop for crop in CROPS if _nitrogen_table(crop))}; a set of your own can "
                "be read with read_crop_yaml"
            )
    for known_name, found in known.items():
        if wanted in (_plain(known_name), _plain(known_name).removeprefix("rice")):
            return found
    near = get_close_matches(wanted, {_plain(n): n for n in known}, 1, 0.7)
    meant = {_plain(n): n for n in known}[near[0]] if near else ""
    raise VarietyError(
        f"no variety {name!r}; "
        + (f"do you mean {meant}? " if meant else "")
        + f"there are {', '.join(known)}"
    )


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def read_crop_yaml(path: Path | str) -> dict[str, Variety]:
    """Read the varieties of a WOFOST crop parameter file (YAML, as published for WOFOST 7.2 and 8.1).

    Raises
    ------
    VarietyError
        When the file is no YAML or has no ``CropParameters`` with ``Varieties``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import farm
    >>> _ = Path("rice.yaml").write_text('''CropParameters:
    ...   Varieties:
    ...     early:
    ...       TSUM1: [1000.0, temperature sum from emergence to anthesis, C.d]
    ... ''')
    >>> farm.read_crop_yaml("rice.yaml")["early"].parameters
    {'TSUM1': 1000.0}
    """
    import yaml

    path = Path(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        entries = content["CropParameters"]["Varieties"]
        source = content.get("Metadata", {}).get("Title", "")
        return {
            name: Variety(
                name,
                path.stem,
                {key: value[0] for key, value in entry.items() if isinstance(value, list)},
                f"{path.name}: {source}",
            )
            for name, entry in entries.items()
        }
    except yaml.YAMLError as error:
        raise VarietyError(f"{path}: no YAML: {error}") from error
    except (KeyError, TypeError, AttributeError):
        raise VarietyError(
            f"{path}: expected CropParameters with Varieties, each parameter as [value, description, unit]"
        ) from None
