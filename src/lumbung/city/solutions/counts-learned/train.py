"""Trains the weights: `python train.py CHALLENGE_FOLDER`, a second on one core.

Every quarter hour of every day of `history.csv` is a question; what is usual is the mean of the *other* days of its kind, as it
will be for days to come. Ridge regression; its penalty is the one that errs least on days left out, six at a time.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np
from features import features

HORIZONS = (5, 15, 30, 60)
PENALTIES = (1.0, 10.0, 100.0, 1000.0)


def read(folder):
    """Counts by day, detector and five minutes; which days are weekends; each detector's upstream ones."""
    with open(folder / "history.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    with open(folder / "detectors.csv", newline="", encoding="utf-8") as file:
        detectors = {row["detector"]: row["upstream"].split() for row in csv.DictReader(file)}
    names = list(detectors)
    days = sorted({int(row[0]) for row in rows})
    counts = np.zeros((len(days), len(names), len(rows[0]) - 3))
    weekend = np.zeros(len(days), bool)
    for row in rows:
        counts[int(row[0]), names.index(row[2])] = [float(cell) for cell in row[3:]]
        weekend[int(row[0])] = row[1] == "1"
    return counts, weekend, [[names.index(name) for name in detectors[d]] for d in names]


def questions(counts, weekend, upstream, horizon):
    """Features, answers, and the day of each."""
    seen, answers, days = [], [], []
    for day in range(len(counts)):
        others = [d for d in range(len(counts)) if d != day and weekend[d] == weekend[day]]
        usual = counts[others].mean(axis=0)
        for now in range(12, counts.shape[2] - horizon // 5 + 1, 3):
            at = now + horizon // 5 - 1
            for k, above in enumerate(upstream):
                hour = slice(now - 12, now)
                seen.append(
                    features(
                        list(counts[day, k, hour]),
                        usual[k, at],
                        usual[k, hour].sum(),
                        list(counts[day, above, now - 3 : now].sum(axis=0)),
                        counts[day, above, hour].sum(),
                        usual[above, hour].sum(),
                    )
                )
                answers.append(counts[day, k, at])
                days.append(day)
    return np.array(seen), np.array(answers), np.array(days)


def ridge(seen, answers, penalty):
    """Weights that err least in squares, drawn towards 0 but for the constant."""
    draw = np.eye(seen.shape[1]) * penalty
    draw[-1, -1] = 0.0
    return np.linalg.solve(seen.T @ seen + draw, seen.T @ answers)


def main():
    folder = Path(sys.argv[1])
    counts, weekend, upstream = read(folder)
    weights = {}
    for horizon in HORIZONS:
        seen, answers, days = questions(counts, weekend, upstream, horizon)
        errors = {}
        for penalty in PENALTIES:
            wrong = []
            for part in range(4):
                left = days % 4 == part
                found = ridge(seen[~left], answers[~left], penalty)
                wrong.append(np.abs(seen[left] @ found - answers[left]).mean())
            errors[penalty] = float(np.mean(wrong))
        best = min(errors, key=errors.get)
        print(f"{horizon} min: penalty {best:g}, error {errors[best]:.3f} on days left out")
        weights[str(horizon)] = [round(float(w), 5) for w in ridge(seen, answers, best)]
    (Path(__file__).parent / "weights.json").write_text(json.dumps(weights, indent=1) + "\n")


if __name__ == "__main__":
    main()
