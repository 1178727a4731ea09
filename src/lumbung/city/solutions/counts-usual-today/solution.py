"""What is usual then, times how far today is from usual: an old rule of thumb of traffic centres.

Today's factor is the last hour's count over what is usual for that hour. Chance makes it uncertain, the more the fewer
vehicles pass, so it is drawn towards 1 by as many vehicles as chance is worth; and with the minutes ahead it fades, since
events end.
"""

# Vehicles of "as usual" that are mixed into the last hour; how much of today's factor is left after so many minutes.
USUAL = 20.0
LEFT = {5: 0.9, 15: 0.8, 30: 0.65, 60: 0.45}


def solve(problem):
    inputs = problem["inputs"]
    predictions = []
    for row in range(len(inputs["id"])):
        hour = sum(float(inputs[f"c{k}"][row]) for k in range(1, 13))
        factor = (hour + USUAL) / (float(inputs["usual_hour"][row]) + USUAL)
        left = LEFT[int(inputs["horizon_min"][row])]
        predictions.append(float(inputs["usual_then"][row]) * (1 + left * (factor - 1)))
    return {"id": inputs["id"], "prediction": predictions}
