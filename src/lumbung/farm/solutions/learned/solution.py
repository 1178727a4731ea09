"""The learned adviser: a small neural network that corrects what the past says of each start and variety.

It was trained on millions of simulated seasons in invented climates (train.py) to predict how starts and varieties
will differ from a weighted mean over past years, given the forecast, how yield went with rain, the neighbours in time, and how few
years there are. Its weights lie beside it, some twenty kilobytes.
"""

import os

import numpy as np

LIMIT = 6.0  # standard deviations; beyond, the network has seen too little to be trusted


class Solution:
    def __init__(self):
        here = os.path.dirname(os.path.abspath(__file__))
        with np.load(os.path.join(here, "weights.npz")) as stored:
            self.layers = [(stored[f"w{k}"], stored[f"b{k}"]) for k in range(len(stored.files) // 2 - 1)]
            self.centre, self.width = stored["centre"], stored["width"]

    def solve(self, problem):
        return {name: self.advise(problem, site) for name, site in problem["sites"].items()}

    def advise(self, problem, site):
        table, mean, scale = features(problem, site)
        score = mean + scale * self.correction(table).reshape(mean.shape)
        variety, start = np.unravel_index(int(np.argmax(score)), score.shape)
        return {"start": problem["starts"][start], "variety": site["varieties"][variety]}

    def correction(self, table):
        values = np.clip((table - self.centre) / self.width, -LIMIT, LIMIT)
        for number, (weight, bias) in enumerate(self.layers):
            values = values @ weight + bias
            if number < len(self.layers) - 1:
                values = np.maximum(values, 0.0)
        return values[:, 0]


def features(problem, site):
    """Return features of every variety and start (rows), the mean they correct, and the scale of yields.

    The mean is weighted by the forecast, smoothed, net of the price of water, shape (varieties, starts).
    """
    past, forecast = site["hindcast"], problem["forecast"]
    net = np.asarray(past["yield"], float) - problem["water_price"] * np.asarray(past["irrigation"], float)
    varieties, starts, years = net.shape
    rain = np.asarray(past["season_rain"], float)
    share = third_weights(rain, forecast)
    mean = smoothed(net @ share)
    scale = max(float(mean.max()), 500.0)
    y = net / scale
    z = (rain - rain.mean()) / max(rain.std(), 1e-9)
    slope = (y * z).mean(-1)
    deviation = y.std(-1)
    signal = forecast["above"] - forecast["below"]
    m = y.mean(-1)
    weighted = y @ share
    ordered = np.sort(y, axis=-1)
    wet = after_start(site, problem["starts"])

    def shifted(values, by):
        return np.pad(values, ((0, 0), (3, 3)), mode="edge")[:, 3 + by : 3 + by + starts]

    def whole(value):
        return np.full((varieties, starts), float(value))

    columns = [
        m,
        weighted - m,
        deviation,
        slope,
        slope * signal,
        slope / np.maximum(deviation, 0.02),
        ordered[..., max(years // 5 - 1, 0)] - m,
        ordered[..., -1 - max(years // 5 - 1, 0)] - m,
        *(shifted(m, by) - m for by in (-3, -2, -1, 1, 2, 3)),
        shifted(weighted - m, -1),
        shifted(weighted - m, 1),
        m.max(0, keepdims=True) - m,
        whole(signal),
        whole(abs(signal)),
        whole(1.0 / years),
        whole(site["irrigated"]),
        np.broadcast_to(wet[0], (varieties, starts)),
        np.broadcast_to(wet[1], (varieties, starts)),
        whole(site["soil"]["SMFCF"] - site["soil"]["SMW"]),
    ]
    return np.stack([c.ravel() for c in columns], axis=1), mean, scale


def smoothed(mean):
    """Average neighbouring starts a little: the best of many noisy means is lucky more often than good."""
    padded = np.pad(mean, ((0, 0), (1, 1)), mode="edge")
    return 0.25 * padded[:, :-2] + 0.5 * padded[:, 1:-1] + 0.25 * padded[:, 2:]


def third_weights(rain, forecast):
    order = np.argsort(rain, kind="stable")
    share = np.zeros(len(order))
    third = np.empty(len(order), int)
    third[order] = 3 * np.arange(len(order)) // len(order)
    for k, name in enumerate(("below", "normal", "above")):
        if (third == k).any():
            share[third == k] = forecast[name] / (third == k).sum()
    return share / share.sum()


def after_start(site, starts):
    """Mean past rain of the first and second fifty days after each start [m]."""
    first = np.datetime64(site["past"]["first_day"])
    total = np.concatenate([[0.0], np.cumsum(np.asarray(site["past"]["rain"], float))]) / 1e3
    years = site["hindcast"]["years"]
    days = np.array(starts, "datetime64[D]")
    months = days.astype("datetime64[M]")
    inside = days - months.astype("datetime64[D]")
    rows = []
    for year in years:
        shift = year - int(starts[0][:4])
        at = ((months + 12 * shift).astype("datetime64[D]") + inside - first).astype(int)
        at = np.clip(at, 0, len(total) - 1)
        middle, end = np.minimum(at + 50, len(total) - 1), np.minimum(at + 100, len(total) - 1)
        rows.append([total[middle] - total[at], total[end] - total[middle]])
    return np.mean(rows, axis=0)
