"""A retrieval rule: the option of which numbers and words stand in the question most often; a later one wins ties."""

import re


def tokens(text):
    return re.findall(r"\w+", text.lower())


def solve(problem):
    answers = []
    for item in problem["items"]:
        question = tokens(item["prompt"].split("\nA. ")[0])
        figures = [
            sum(question.count(t) for t in tokens(o)) + 1e-3 * place
            for place, o in enumerate(item["options"])
        ]
        answers.append([float(f) for f in figures])
    return answers
