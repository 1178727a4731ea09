"""LTE and NR downlinks: from transmitted power and loss to RSRP, SINR and bits per second.

Every number carries its source. What no standard fixes (the gap between a real receiver and Shannon's bound)
is taken from 3GPP's own system studies and said so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Technology = Literal["lte", "nr"]

THERMAL_NOISE = -174.0
"""Thermal noise density [dBm/Hz] at 290 K."""

LTE_RESOURCE_BLOCKS: dict[float, int] = {1.4: 6, 3.0: 15, 5.0: 25, 10.0: 50, 15.0: 75, 20.0: 100}
"""Channel bandwidth [MHz] -> resource blocks (3GPP TS 36.101 Table 5.6-1)."""

NR_RESOURCE_BLOCKS: dict[int, dict[float, int]] = {
    15: {5.0: 25, 10.0: 52, 15.0: 79, 20.0: 106, 25.0: 133, 30.0: 160, 40.0: 216, 50.0: 270},
    30: {
        5.0: 11, 10.0: 24, 15.0: 38, 20.0: 51, 25.0: 65, 30.0: 78, 40.0: 106, 50.0: 133, 60.0: 162,
        80.0: 217, 90.0: 245, 100.0: 273,
    },
}  # fmt: skip
"""Subcarrier spacing [kHz] -> channel bandwidth [MHz] -> resource blocks (3GPP TS 38.101-1 Table 5.3.2-1)."""

CQI_64QAM = (
    0.1523, 0.2344, 0.3770, 0.6016, 0.8770, 1.1758, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223, 3.9023, 4.5234,
    5.1152, 5.5547,
)  # fmt: skip
"""Spectral efficiency [bit/s/Hz] of CQI 1 to 15 (3GPP TS 36.213 Table 7.2.3-1; TS 38.214 Table 5.2.2.1-2)."""
CQI_256QAM = (
    0.1523, 0.3770, 0.8770, 1.4766, 1.9141, 2.4063, 2.7305, 3.3223, 3.9023, 4.5234, 5.1152, 5.5547, 6.2266,
    6.9141, 7.4063,
)  # fmt: skip
"""The same with 256QAM (3GPP TS 36.213 Table 7.2.3-2; TS 38.214 Table 5.2.2.1-3)."""

SHANNON_SHARE = 0.6
"""Part of Shannon's bound a downlink reaches (3GPP TR 36.942 Annex A.1)."""
LOWEST_SINR = -10.0
"""Below this SINR [dB] there is no downlink (3GPP TR 36.942 Annex A.1)."""
NR_OVERHEAD = 0.14
"""Share of NR downlink resources without user data, below 6 GHz (3GPP TS 38.306 section 4.1.2)."""
# LTE: three control symbols of fourteen, and the reference symbols of two antenna ports outside them, 12 of
# the 168 resource elements of a block pair (3GPP TS 36.211 sections 6.7 and 6.10.1).
LTE_OVERHEAD = (3 * 12 + 12) / 168


class CellularError(ValueError):
    """A carrier or budget that the standards do not know."""


@dataclass(frozen=True)
class Carrier:
    """A downlink carrier.

    frequency [MHz]; bandwidth [MHz]; subcarrier_spacing [kHz], 15 for LTE; downlink_share: part of the time
    that belongs to the downlink, 1 for FDD; layers: spatial layers sent to one user; modulation: largest
    order in the CQI table.

    Examples
    --------
    >>> from lumbung import connectivity
    >>> connectivity.Carrier(frequency=700, bandwidth=10).layers
    1
    """

    technology: Technology = "lte"
    frequency: float = 900.0
    bandwidth: float = 10.0
    subcarrier_spacing: int = 15
    downlink_share: float = 1.0
    layers: int = 1
    modulation: Literal["64QAM", "256QAM"] = "64QAM"

    def __post_init__(self) -> None:
        if self.technology == "lte":
            known = LTE_RESOURCE_BLOCKS
            if self.subcarrier_spacing != 15:
                raise CellularError(f"LTE has a subcarrier spacing of 15 kHz, not {self.subcarrier_spacing}")
        elif self.technology == "nr":
            if self.subcarrier_spacing not in NR_RESOURCE_BLOCKS:
                raise CellularError(
                    f"subcarrier spacing {self.subcarrier_spacing} kHz; below 6 GHz NR has 15 or 30 here"
                )
            known = NR_RESOURCE_BLOCKS[self.subcarrier_spacing]
        else:
            raise CellularError(f"technology is {self.technology!r}; expected 'lte' or 'nr'")
        if self.bandwidth not in known:
            raise CellularError(
                f"{self.technology.upper()} has no channel of {self.bandwidth:g} MHz at "
                f"{self.subcarrier_spacing} kHz; expected one "
                f"of {', '.join(f'{width:g}' for width in known)}"
            )

    @property
    def resource_blocks(self) -> int:
        if self.technology == "lte":
            return LTE_RESOURCE_BLOCKS[self.bandwidth]
        return NR_RESOURCE_BLOCKS[self.subcarrier_spacing][self.bandwidth]

    @property
    def subcarriers(self) -> int:
        return 12 * self.resource_blocks

    @property
    def symbols_per_second(self) -> float:
        """Resource elements of one subcarrier in a second: 14 symbols a slot, slots of 1 ms x 15 / spacing."""
        return 14.0 * 1000.0 * self.subcarrier_spacing / 15.0

    @property
    def overhead(self) -> float:
        return LTE_OVERHEAD if self.technology == "lte" else NR_OVERHEAD


@dataclass(frozen=True)
class Budget:
    """What is added and taken between the power amplifier and the receiver.

    power: of the whole carrier at the amplifier [dBm]; feeder_loss [dB]; receiver_gain [dBi]; body_loss [dB];
    noise_figure [dB]; indoor_loss [dB], 0 outdoors (``building_entry_loss`` gives one); load: part of the
    time neighbours send. The defaults are Report ITU-R M.2292's for rural macro cells (46 dBm in 10 MHz,
    feeder 3 dB, body 4 dB, terminal -3 dBi, load 50 %) and 3GPP TR 36.942's noise figure of 9 dB.
    """

    power: float = 46.0
    feeder_loss: float = 3.0
    receiver_gain: float = -3.0
    body_loss: float = 4.0
    noise_figure: float = 9.0
    indoor_loss: float = 0.0
    load: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.load <= 1.0:
            raise CellularError(f"load is {self.load:g}; it is a part of the time, 0 to 1")

    def fixed_gain(self, carrier: Carrier) -> float:
        """Return one subcarrier's power less all fixed losses [dBm]: RSRP before antenna gain and path loss."""
        return (
            self.power
            - 10.0 * math.log10(carrier.subcarriers)
            - self.feeder_loss
            + self.receiver_gain
            - self.body_loss
            - self.indoor_loss
        )

    def noise(self, carrier: Carrier) -> float:
        """Return the noise in one subcarrier [dBm]."""
        return THERMAL_NOISE + 10.0 * math.log10(carrier.subcarrier_spacing * 1e3) + self.noise_figure


def rsrp(carrier: Carrier, budget: Budget, gain: ArrayLike, loss: ArrayLike) -> NDArray[np.float64]:
    """Return the reference signal received power [dBm] (per resource element, 3GPP TS 36.214 section 5.1.1).

    gain: of the antenna towards the receiver [dBi]; loss: basic transmission loss [dB].
    """
    return np.asarray(budget.fixed_gain(carrier) + np.asarray(gain, float) - np.asarray(loss, float))


def sinr(
    carrier: Carrier, budget: Budget, serving: ArrayLike, others: ArrayLike = -np.inf
) -> NDArray[np.float64]:
    """Return the signal to interference and noise ratio [dB].

    serving: RSRP of the serving cell [dBm]; others: sum of the RSRPs of all other cells of the same carrier
    [dBm], which count for the share of time they send.
    """
    noise = 10.0 ** (0.1 * budget.noise(carrier))
    interference = budget.load * 10.0 ** (0.1 * np.asarray(others, float))
    return np.asarray(np.asarray(serving, float) - 10.0 * np.log10(noise + interference))


def efficiencies(carrier: Carrier) -> tuple[float, ...]:
    """Return the spectral efficiency [bit/s/Hz] of CQI 1 to 15."""
    return CQI_64QAM if carrier.modulation == "64QAM" else CQI_256QAM


def cqi_thresholds(carrier: Carrier) -> NDArray[np.float64]:
    """Return the SINR [dB] from which each CQI 1 to 15 can be used: its efficiency within 0.6 of Shannon's bound."""
    needed = 10.0 * np.log10(2.0 ** (np.asarray(efficiencies(carrier)) / SHANNON_SHARE) - 1.0)
    return np.maximum(needed, LOWEST_SINR)


def channel_quality(carrier: Carrier, ratio: ArrayLike) -> NDArray[np.int64]:
    """Return the CQI index, 0 (no downlink) to 15, for SINRs [dB]; 0 where the SINR is unknown."""
    known = np.nan_to_num(np.asarray(ratio, float), nan=-np.inf)
    return np.asarray(np.searchsorted(cqi_thresholds(carrier), known, side="right"))


def rate_of_one(carrier: Carrier) -> float:
    """Return the rate [Mbit/s] of a whole carrier at an efficiency of 1 bit/s/Hz, less overhead."""
    elements = carrier.subcarriers * carrier.symbols_per_second
    return elements * (1.0 - carrier.overhead) * carrier.downlink_share * carrier.layers * 1e-6


def throughput(carrier: Carrier, ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the rate [Mbit/s] of a cell with one user at an SINR [dB].

    The whole bandwidth at the efficiency of its CQI, less overhead.
    """
    efficiency = np.concatenate([[0.0], efficiencies(carrier)])[channel_quality(carrier, ratio)]
    return np.asarray(efficiency * rate_of_one(carrier))


def rsrp_for(carrier: Carrier, budget: Budget, rate: float) -> float:
    """Return the RSRP [dBm] that gives a rate [Mbit/s] without interference; infinite where no CQI does."""
    thresholds = cqi_thresholds(carrier)
    rates = throughput(carrier, thresholds + 1e-9)
    enough = np.flatnonzero(rates >= rate)
    return float(thresholds[enough[0]] + budget.noise(carrier)) if enough.size else math.inf
