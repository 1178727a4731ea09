import a_package_that_nobody_installed  # noqa: F401


def solve(problem):
    return {"guess": 5}
