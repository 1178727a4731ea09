def start(problem):
    return None


def step(observation):
    while True:
        pass
