# expected: challenge judge_result
# says: case_name_with_spaces; Kota Bandung
from failing.guessing import Guessing
from lumbung.proving.case import make_case


class Judge(Guessing):
    def cases(self, challenge, folder):
        return [make_case("Kota Bandung", "Jawa Barat", 0, {"target": 3.0})]
