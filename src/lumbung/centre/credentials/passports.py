"""The passport of a submission's model: all evidence on it that this centre shows to everybody, in one signed document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lumbung.centre.challenges.models import Challenge, shown_to_all
from lumbung.centre.credentials.badges import signing_key
from lumbung.centre.members.access import NotFound
from lumbung.centre.runs.keys import key_list, read_key
from lumbung.centre.runs.models import EvidenceRecord, NodeKey, Submission
from lumbung.centre.runs.selectors import hidden
from lumbung.proving.passport import Passport, Question, make_passport, question_of
from lumbung.talent.credentials.model_passport import Declared, issue_passport


@dataclass(frozen=True)
class Shown:
    """A submission with the evidence on the very same content, whoever handed it in, wherever it was judged, and judged anew.

    Attributes
    ----------
    submission : Submission
    records : list of EvidenceRecord
        Whole and counted, of challenges that everybody may see, not under embargo, signed with keys that are not
        revoked, in the order they came.
    """

    submission: Submission
    records: list[EvidenceRecord]

    def passport(self) -> Passport:
        """Compute what the evidence says."""
        return make_passport(*self._given())

    def document(self, now: datetime) -> dict[str, Any]:
        """Return the passport as a document that carries the evidence and is signed with the centre's key of today."""
        envelopes, keys, questions = self._given()
        team = self.submission.team
        return issue_passport(
            envelopes, keys, questions, signing_key(), made=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            declared=Declared(f"{self.submission.name} ({team.name})" if team else self.submission.name),
            key_list=key_list(now),
        )  # fmt: skip

    def _given(self) -> tuple[list[bytes], list[Any], dict[str, Question]]:
        keys = NodeKey.objects.filter(key_id__in={record.key_id for record in self.records})
        challenges = {record.run.challenge for record in self.records}
        questions = [question_of(one.content, one.digest) for one in challenges]
        return (
            [record.envelope.encode() for record in self.records],
            [read_key(key.public_key) for key in keys],
            {question.digest: question for question in questions},
        )


def is_in_a_passport(record: EvidenceRecord) -> bool:
    """Whether evidence that one may see stands in the passport of its submission, which everybody may see."""
    challenge = record.run.submission.phase.challenge
    return (
        record.complete
        and record.fallen is None
        and challenge.state != Challenge.State.DRAFT
        and not challenge.by_invitation
        and NodeKey.objects.filter(key_id=record.key_id, revoked_from=None).exists()
    )


def find_shown(token: str, now: datetime) -> Shown:
    """Return what everybody may know of a submission.

    Raises
    ------
    NotFound
        Also where nothing of it is shown to everybody: it is not known then that it is there.
    """
    submission = Submission.objects.select_related("team").filter(token=token).first()
    if submission is None:
        raise NotFound
    found = (
        EvidenceRecord.objects.counted()
        .filter(shown_to_all("run__challenge__"), run__submission__digest=submission.digest)
        .select_related("run__challenge", "run__node", "run__submission__phase")
        .order_by("received", "pk")
    )
    # Of a key that was revoked since, nothing inside the document shows what it signed before.
    revoked = set(NodeKey.objects.exclude(revoked_from=None).values_list("key_id", flat=True))
    records = [
        record
        for record in found
        if record.key_id not in revoked and not hidden(record.run.submission.phase, now)
    ]
    if not any(record.run.submission_id == submission.pk for record in records):
        raise NotFound
    return Shown(submission, records)
