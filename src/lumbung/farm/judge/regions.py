"""Regions as cases and as a picture: those that need no file, and a node's own folders ``regions/NAME/``."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lumbung.farm.calendar.sites import SitesError, read_sites
from lumbung.farm.challenge.advising import Region, Rules, built_in_sites
from lumbung.farm.challenge.year_picture import mean_year
from lumbung.proving.case import Case, make_case
from lumbung.proving.challenge import ChallengeError
from lumbung.proving.challenge_picture import frames, sheet
from lumbung.proving.digest import digest_file


def region_cases(
    folder: Path, names: Sequence[str], built_in: Mapping[str, Region], rules: Mapping[str, str]
) -> list[Case]:
    """List every hidden year of the regions named; folders of one's own stand before those built in.

    Parameters
    ----------
    folder
        Of the challenge, or of a node's private cases.
    names, built_in
    rules
        What else the digest of a case stands for.

    Raises
    ------
    ChallengeError
        A region nobody knows, or a folder that cannot be read.
    """
    own, cases = own_regions(folder), []
    for name in names:
        if name in own:
            region, place, digests = own[name]
        elif name in built_in:
            region, place, digests = built_in[name], None, {}
        else:
            known = ", ".join([*own, *built_in])
            raise ChallengeError(
                "options.regions", repr(name), f"a folder below {folder / 'regions'}, or {known}"
            )
        for seed, year in enumerate(range(region.hidden[0], region.hidden[1] + 1)):
            inputs = {"region": name, "folder": "" if place is None else str(place), "year": year}
            of_case = {**digests, "year": str(year), **rules, "region": repr(region)}
            cases.append(make_case(f"{name}/{seed:02d}", name, seed, inputs, of_case))
    return cases


def own_regions(folder: Path) -> dict[str, tuple[Region, Path, dict[str, str]]]:
    """Return the regions below ``regions/``: each with its folder and the digests of its files."""
    base = folder / "regions"
    if not base.is_dir():
        return {}
    return {place.name: read_region(place) for place in sorted(base.iterdir()) if place.is_dir()}


def read_region(folder: Path) -> tuple[Region, Path, dict[str, str]]:
    """Read ``region.toml``; `ChallengeError` names the file and what it lacks."""
    path = folder / "region.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        region = Region(
            folder.name,
            int(raw["decision"]),
            int(raw["habitual"]),
            tuple(int(m) for m in raw["months"]),
            (int(raw["past"][0]), int(raw["past"][1])),
            (int(raw["hidden"][0]), int(raw["hidden"][1])),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ChallengeError(
            str(path), f"{type(error).__name__}: {error}", "decision, habitual, months, past and hidden"
        ) from error
    # A year between the blocks: the last season of the past must have ended before the first hidden one begins.
    if not region.past[0] <= region.past[1] < region.hidden[0] - 1 or region.hidden[0] > region.hidden[1]:
        raise ChallengeError(
            str(path),
            f"past {region.past}, hidden {region.hidden}",
            "a hidden block at least two years after the past",
        )
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return region, folder, {str(p.relative_to(folder)): digest_file(p) for p in files}


def drawn_regions(
    folder: Path,
    names: Sequence[str],
    built_in: Mapping[str, Region],
    rules: Rules,
    season: Callable[[Region], Sequence[int]],
) -> str:
    """Draw the mean year of each region's past: rain, temperature, and the months of its *season*; hidden years are left out.

    Raises
    ------
    ChallengeError
        A region nobody knows, or sites that cannot be read.
    """
    own, parts = own_regions(folder), []
    for name, frame in zip(names, frames(len(names)), strict=False):
        try:
            if name in own:
                region, place, _ = own[name]
                sites = list(read_sites(place / "sites.csv", place).sites.values())
            else:
                region = built_in[name]
                sites = built_in_sites(region, rules)
        except KeyError:
            known = ", ".join([*own, *built_in])
            raise ChallengeError("options.regions", repr(name), f"one of {known}") from None
        except SitesError as error:
            raise ChallengeError(str(folder / "regions" / name), str(error), "a table of sites") from error
        parts += mean_year([site.weather for site in sites], region.past, season(region), *frame)
    return sheet(parts)
