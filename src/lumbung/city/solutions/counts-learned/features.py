"""What the learned forecast looks at; the same for training and for answering."""

# Vehicles of "as usual" that are mixed into an hour's count before it becomes a factor.
USUAL = 20.0
NAMES = (
    "usual",
    "usual x today",
    "usual x upstream",
    "last quarter",
    "last hour",
    "last count",
    "upstream quarter",
    "one",
)


def features(past, usual_then, usual_hour, above, above_hour, above_usual):
    """Numbers of one question: *past* are twelve counts, *above* the last three upstream, the newest last."""
    hour = sum(past)
    today = (hour + USUAL) / (usual_hour + USUAL)
    upstream = (above_hour + USUAL) / (above_usual + USUAL)
    return [
        usual_then,
        usual_then * today,
        usual_then * upstream,
        sum(past[-3:]) / 3,
        hour / 12,
        past[-1],
        sum(above) / 3,
        1.0,
    ]
