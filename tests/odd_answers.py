"""Odd answers: what strangers could send to judges, to the centre and into a node's outbox, made from what is right.

Each `Target` plays one odd thing and says what is wrong with how it was taken; nothing is wrong where it is refused as
whose it is, or taken. Chance comes from a `random.Random`, which Hypothesis can supply, and shrink.
"""

from __future__ import annotations

import base64
import copy
import importlib.util
import json
import random
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.node.folder import Accepted, NodeFolder, Settings
from lumbung.node.gate import Gate, parcel_of
from lumbung.node.line import CentreRefused
from lumbung.proving.case import Case
from lumbung.proving.catalogue import shipped_challenges
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.evidence import PAYLOAD_TYPE, FaultMark, Isolation, sign
from lumbung.proving.faults import Owner, RunFault, SubmissionFault
from lumbung.proving.job import Delivery, Job
from lumbung.proving.judge import find_judge
from lumbung.proving.keys import key_id
from lumbung.proving.run import Outcome, RunPlan, _played, conclude, fault_of, plan_run, task_of
from lumbung.proving.scaffold import new_challenge
from lumbung.proving.standing import single_score
from lumbung.proving.submission import read_submission
from lumbung.sandbox.faults import BoxFault
from lumbung.sandbox.wire import decode_frame, encode_frame

SOLUTIONS = Path(importlib.util.find_spec("lumbung").submodule_search_locations[0])
ONE_SHOT = "def solve(p): return {'id': p['keys'], 'prediction': [1.0] * len(p['keys'])}"
NAIVE = {
    "remote-villages": SOLUTIONS / "connectivity" / "solutions" / "most-populous",
    "connected-villages": SOLUTIONS / "connectivity" / "solutions" / "largest-in-turn",
    "fertiliser-and-water": SOLUTIONS / "farm" / "solutions" / "even-shares",
    "rice-window": SOLUTIONS / "farm" / "solutions" / "fixed-date",
    "resco": SOLUTIONS / "city" / "solutions" / "fixed-time",
}
NUMBERS = [0, -1, 1, 0.5, -0.0, 1e200, -1e200, 1.8e308, 5e-324, float("inf"), float("-inf"), float("nan"), 2**31, 2**63 - 1,
           -(2**63), 2**64 - 1]  # fmt: skip
TEXTS = [
    "",
    " ",
    "x" * 5000,
    "\0",
    "\u202eabc",
    "\ud7ff",
    "1e5",
    "nan",
    "../../etc",
    "<b>",
    "'; --",
    "０",
    "id",
]
KINDS = ["<f8", ">f4", "<f2", "<i8", "|i1", "<u8", "|b1", "<U4", "|S3", "<c16", "<M8[D]", "<m8[s]"]


def odd(rng: random.Random, depth: int = 0) -> Any:
    """Return something that nobody expects."""
    which = rng.randrange(10 if depth < 3 else 5)
    if which <= 1:
        return rng.choice(NUMBERS)
    if which == 2:
        return rng.choice(TEXTS)
    if which == 3:
        return rng.choice([None, True, False, b"", b"\xff" * 50, [], {}, [[]], [0.0] * 20_000])
    if which == 4:
        return _odd_array(rng)
    if which <= 6:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(5))]
    if which <= 8:
        return {rng.choice(TEXTS)[:40]: odd(rng, depth + 1) for _ in range(rng.randrange(4))}
    nested: Any = 1
    for _ in range(rng.choice([5, 60, 120])):
        nested = [nested] if rng.random() < 0.5 else {"a": nested}
    return nested


def _odd_array(rng: random.Random) -> np.ndarray:
    shape = rng.choice([(), (0,), (1,), (3,), (25,), (2, 2), (0, 5), (5, 0), (1, 1, 1, 1), (4000,)])
    kind = np.dtype(rng.choice(KINDS))
    array = np.zeros(shape, kind)
    if kind.kind in "fc" and array.size:
        array.flat[0] = rng.choice([1e300 if kind.itemsize > 4 else 1e4, np.nan, np.inf, -1.0])
    return array


def changed(rng: random.Random, value: Any) -> Any:
    """Return *value* with one place of it made odd, wherever that is."""
    if rng.random() < 0.15 or not isinstance(value, dict | list | tuple) or not value:
        return odd(rng)
    if isinstance(value, dict):
        key = rng.choice(sorted(value, key=str))
        how = rng.randrange(8)
        if how == 0:
            return {name: one for name, one in value.items() if name != key}
        if how == 1:
            return {**value, rng.choice(TEXTS): odd(rng)}
        return {**value, key: changed(rng, value[key])}
    items, place, how = list(value), rng.randrange(len(value)), rng.randrange(8)
    if how == 0:
        return items[:place]
    if how == 1:
        return [*items, *items]
    if how == 2:
        return [*items, copy.copy(items[place])]
    return [*items[:place], changed(rng, items[place]), *items[place + 1 :]]


def noise(rng: random.Random, content: bytes) -> bytes:
    """Return *content* with a few bytes changed, cut or repeated."""
    found = bytearray(content)
    for _ in range(rng.randrange(1, 4)):
        place, how = rng.randrange(len(found) + 1), rng.randrange(4)
        if how == 0:
            del found[place:]
        elif how == 1 and place < len(found):
            found[place] = rng.randrange(256)
        elif how == 2:
            found[place:place] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        else:
            found[place:place] = found[max(0, place - rng.randrange(1, 40)) : place]
    return bytes(found)


# --------------------------------------------------------------------------------------------- judges


class OddGuest:
    """A solution that answers as *module* does, until one answer is odd; a sequential one ends soon after that."""

    def __init__(self, module: types.ModuleType, rng: random.Random) -> None:
        self.fault: SubmissionFault | None = None
        self._module, self._rng, self._until = module, rng, rng.randrange(3)
        self._left = 3

    def _ask(self, verb: str, payload: Any) -> Any:
        answer = getattr(self._module, verb, lambda _payload: None)(payload)
        if verb == "start":
            return answer
        self._until -= verb == "step"
        if verb == "step" and self._until >= 0:
            return answer
        self._left -= 1
        if self._left < 0:
            self.fault = SubmissionFault("exited", reason="enough")
            raise self.fault
        try:
            frame = encode_frame((1, "ok", changed(self._rng, answer)))
            if self._rng.random() < 0.15:
                frame = noise(self._rng, frame)
            return decode_frame(frame)[2]
        except BoxFault as fault:
            self.fault = SubmissionFault(fault.code, **fault.params)
            raise self.fault from fault

    def start(self, problem: Any) -> Any:
        return self._ask("start", problem)

    def step(self, observation: Any) -> Any:
        return self._ask("step", observation)

    def solve(self, problem: Any) -> Any:
        return self._ask("solve", problem)


class JudgeTarget:
    """One judge, on one public case of one challenge."""

    def __init__(self, name: str, folder: Path, naive: Path) -> None:
        self.name = name
        challenge = read_challenge(folder)
        phase = challenge.challenge.phases[0].id
        plan = plan_run(challenge, read_submission(naive), phase=phase, trust=True)
        case: Case = plan.cases[0]
        self.plan: RunPlan = msgspec.structs.replace(plan, cases=(case,), trust=True)
        self.task = task_of(self.plan, case)
        self.judge = find_judge(self.task.judge)
        if hasattr(self.judge, "prepare"):
            self.judge.prepare(case, self.task.options)
        self.module = _load(naive / "solution.py")

    def play(self, rng: random.Random) -> str:
        """Play one odd answer; return what is wrong with how it was taken, or nothing."""
        try:
            score = _played(self.judge, self.task, OddGuest(self.module, rng))  # type: ignore[arg-type]
        except (RunFault, ChallengeError) as error:
            fault = fault_of(error)
            return (
                ""
                if fault.owner is Owner.SUBMISSION
                else f"{fault.owner} {fault.code}: {fault.reason()[:300]}"
            )
        outcome = Outcome(score.case, score, None, Isolation("bubblewrap", "cgroup2"))
        now = datetime.now(UTC)
        evidence = conclude(self.plan, {score.case: outcome}, started=now, finished=now)
        sign(evidence, _KEY)
        single_score(evidence, self.plan.challenge.challenge.ranking)
        return ""


_KEY = Ed25519PrivateKey.generate()


def _load(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"naive_{path.parent.name.replace('-', '_')}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def judge_targets(folder: Path, only: str = "") -> Iterator[JudgeTarget]:
    """Yield every judge: ours by the shipped challenges, and the one of prediction tables with each of its metrics."""
    naive = folder / "naive"
    naive.mkdir()
    (naive / "solution.py").write_text(ONE_SHOT)
    for metric in ("mae", "rmse", "accuracy", "roc_auc", "log_loss"):
        if only in f"tables {metric}":
            yield JudgeTarget(f"tables {metric}", _table_challenge(folder / metric, metric), naive)
    for name, path in shipped_challenges().items():
        if name in NAIVE and only in name:
            yield JudgeTarget(name, path, NAIVE[name])


def _table_challenge(folder: Path, metric: str) -> Path:
    new_challenge(folder)
    toml = folder / "challenge.toml"
    text = toml.read_text().replace('metrics = ["mae", "rmse"]', f'metrics = ["{metric}"]')
    higher = metric in ("accuracy", "roc_auc")
    text = text.replace('metric = "mae"', f'metric = "{metric}"')
    toml.write_text(text.replace('better = "lower"', 'better = "higher"') if higher else text)
    if metric in ("accuracy", "roc_auc", "log_loss"):
        for path in folder.rglob("truth*.csv"):
            head, *rows = path.read_text().splitlines()
            path.write_text(
                "\n".join([head, *(f"{row.split(',')[0]},{n % 2}" for n, row in enumerate(rows)), ""])
            )
    return folder


# --------------------------------------------------------------------------------------------- deliveries


class DeliveryTarget:
    """What a node sends: a result, a renewal, that it holds, what its ledger says; changed in one place, signed anew.

    Parameters
    ----------
    league : League
        Of ``small_league``; each example is undone.
    """

    name = "deliveries"

    def __init__(self, league: Any) -> None:
        self.node = league.node()
        self.node.api.client.raise_request_exception = False
        self.jobs: dict[str, Job] = {}
        for phase in ("practice", "final"):
            assert league.submit(phase=phase).status_code == 201
            self.jobs[phase] = self.node.lease()

    def play(self, rng: random.Random) -> str:
        """Send one odd message; return what is wrong with how it was taken, or nothing."""
        from django.db import transaction

        job = self.jobs[rng.choice(sorted(self.jobs))]
        verb, body = self._message(rng, job)
        with transaction.atomic():
            mark = transaction.savepoint()
            address = "/node/ledger" if verb == "ledger" else f"/node/runs/{job.run}/{verb}"
            answer = self.node.api("POST", address, body)
            wrong = self._wrong(job, verb, answer)
            transaction.savepoint_rollback(mark)
        return wrong

    def _message(self, rng: random.Random, job: Job) -> tuple[str, bytes]:
        verb = rng.choice(["result", "result", "result", "renew", "held", "ledger"])
        right: dict[str, Any] = _ledger(job) if verb == "ledger" else {"lease": job.lease}
        if verb == "renew":
            right |= {"finished": 1, "total": 5, "case": "all/0"}
        if verb == "result":
            right |= {"envelope": self._envelope(rng, job), "log": "", "pictures": [], "words": ""}
            right["bits"] = rng.choice([0.0, 40.2])
            right["fault"] = rng.choice([None, {"owner": "submission", "code": "raised"}])
        body = changed(rng, right) if rng.random() < 0.4 else right
        try:
            content = msgspec.json.encode(body)
        except (TypeError, UnicodeEncodeError, msgspec.MsgspecError):
            content = json.dumps(body, default=str).encode("utf-8", "replace")
        return verb, noise(rng, content) if rng.random() < 0.15 else content

    def _envelope(self, rng: random.Random, job: Job) -> str:
        piece = self.node.evidence(job, {"all": [1.0, 2.0, 3.0, 4.0, 5.0]})
        outer = json.loads(sign(piece, self.node.key))
        statement = json.loads(base64.b64decode(outer["payload"]))
        part = rng.choice(["predicate", "predicate", "predicate", ""])
        statement = (
            {**statement, "predicate": changed(rng, statement["predicate"])}
            if part
            else changed(rng, statement)
        )
        try:
            payload = msgspec.json.encode(statement)
        except (TypeError, UnicodeEncodeError, msgspec.MsgspecError):
            payload = json.dumps(statement, default=str).encode("utf-8", "replace")
        told = b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
        signature = base64.b64encode(self.node.key.sign(told)).decode()
        signed = {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key_id(self.node.key.public_key()), "sig": signature}],
        }
        return json.dumps(changed(rng, signed) if rng.random() < 0.1 else signed, default=str)

    def _wrong(self, job: Job, verb: str, answer: Any) -> str:
        from lumbung.centre.runs.models import Run

        if answer.status_code >= 500:
            return f"{verb} answered {answer.status_code}: {answer.content[:200]!r}"
        run = Run.objects.get(token=job.run)
        refused = verb == "result" and answer.status_code == 422
        if refused and (run.state != "faulted" or not run.fault_code):
            return f"refused, and the run is {run.state}"
        if (
            verb == "result"
            and answer.status_code == 200
            and run.state not in ("scored", "faulted", "queued")
        ):
            return f"taken, and the run is {run.state}"
        return ""


def _ledger(job: Job) -> dict[str, Any]:
    account = {"scope": "team", "name": job.team, "results": 2, "figures": 1, "bits": 40.2}
    budget = {"challenge": 4096.0, "organisation": 256.0, "team": 128.0, "person": 128.0}
    return {
        "challenge": job.challenge,
        "begun": "2026-01-01T12:00:00Z",
        "budget": budget,
        "accounts": [account],
    }


# --------------------------------------------------------------------------------------------- the outbox


class OutboxTarget:
    """What may lie in a node's folders: parcels in outbox and held, and the settings, damaged in one place."""

    name = "outbox"

    def __init__(self, folder: Path) -> None:
        self.folder = NodeFolder(folder)
        self.rule = Accepted("sha256:" + "0" * 64, "per-case", 1, 4)
        job = Job(
            "run-00000000", "lease-0000", "toy", 1, "sha256:" + "0" * 64, "sha256:" + "1" * 64, "final", True,
            "sha256:" + "2" * 64, "sha256:" + "3" * 64, 60.0, datetime.now(UTC),
        )  # fmt: skip
        delivery = Delivery(job.lease, "{}", FaultMark(Owner.SUBMISSION, "raised"), "", (), "")
        self.right = msgspec.to_builtins(parcel_of(job, delivery, pictures=("<svg/>",)))

    def play(self, rng: random.Random) -> str:
        """Let one odd file lie there, and the node start; return what is wrong, or nothing."""
        self.folder.write_settings(Settings("node-a", "ID", "http://x", 1, {"toy": self.rule}))
        shelf = rng.choice(["outbox", "held"])
        path = self.folder.path / shelf / "run-00000000.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(changed(rng, self.right), default=str).encode("utf-8", "replace")
        path.write_bytes(noise(rng, content) if rng.random() < 0.5 else content)
        gate = Gate(self.folder, _Taking(rng), lambda _said: None)  # type: ignore[arg-type]
        gate.open()
        for run in gate.held.waiting():
            gate.give_word(run, veto=rng.random() < 0.5)
        gate.open()
        left = [*gate.outbox.waiting(), *gate.held.waiting()]
        for folder in ("outbox", "held", "refused", "vetoed", "ledger"):
            for file in (self.folder.path / folder).glob("*"):
                file.unlink()
        return f"left behind: {left}" if left else ""


class _Taking:
    """A centre that takes or refuses whatever comes."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def _answer(self, *_told: object) -> None:
        if self._rng.random() < 0.3:
            raise CentreRefused(self._rng.choice([400, 409, 422]), "no")

    deliver = held = _answer

    def picture(self, svg: bytes) -> str:
        self._answer(svg)
        return "sha256:" + "4" * 64


def wrong_with(play: Callable[[random.Random], str], rng: random.Random) -> str:
    """Play one example; return what is wrong with how it was taken. Whatever is raised is wrong."""
    try:
        return play(rng)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} at {Path(place.filename).name}:{place.lineno}"[:400]
