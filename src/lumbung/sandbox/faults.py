"""Who is at fault when a box ends badly: the submission (a verdict) or the platform (never shown as theirs)."""

from __future__ import annotations

from typing import Literal, get_args

FaultCode = Literal[
    "crashed",
    "raised",
    "exited",
    "timed_out",
    "out_of_memory",
    "malformed_message",
    "message_too_long",
    "log_flood",
    "no_entry_point",
    "not_readable",
    "program_unusable",
]
FAULT_CODES: tuple[FaultCode, ...] = get_args(FaultCode)

_SENTENCES: dict[FaultCode, str] = {
    "crashed": "the solution crashed with {signal}",
    "raised": "the solution raised {error}",
    "exited": "the solution ended by itself: {reason}",
    "timed_out": "the solution used more than its {seconds:g} s ({which})",
    "out_of_memory": "the solution needed more than its {limit_bytes:,} bytes of memory",
    "malformed_message": "the solution sent a message that cannot be read: {reason}",
    "message_too_long": "the solution sent a message of {length:,} bytes; at most {limit_bytes:,} are allowed",
    "log_flood": "the solution wrote more than {limit_bytes:,} bytes to its standard output and error",
    "no_entry_point": "the submission has no entry point: {reason}",
    "not_readable": "the submission cannot be read: {reason}",
    "program_unusable": "the program {where} cannot run: found {found}, expected {expected}",
}


class BoxFault(Exception):
    """The submission's fault. Once raised, the box is dead and every further question raises it again.

    Parameters
    ----------
    code
        One of :data:`FAULT_CODES`; people's languages are chosen from it further up.
    params
        Details for the sentence, by code: ``crashed`` signal; ``raised`` error, trace; ``exited`` reason, exit_code;
        ``timed_out`` which ("start", "message", "total", "cpu"), seconds; ``out_of_memory`` limit_bytes;
        ``malformed_message`` reason; ``message_too_long`` length, limit_bytes; ``log_flood`` limit_bytes;
        ``no_entry_point`` and ``not_readable`` reason; ``program_unusable`` where, found, expected.
    log
        What the solution had printed, as far as kept.
    """

    def __init__(
        self, code: FaultCode, params: dict[str, str | int | float] | None = None, log: str = ""
    ) -> None:
        self.code: FaultCode = code
        self.params: dict[str, str | int | float] = dict(params or {})
        self.log = log
        super().__init__(_SENTENCES[code].format(**self.params))

    def __reduce__(
        self,
    ) -> tuple[type[BoxFault], tuple[FaultCode, dict[str, str | int | float], str]]:
        """Travel whole between processes."""
        return (type(self), (self.code, self.params, self.log))


class SandboxUnavailable(RuntimeError):
    """The platform's fault: no sandbox could be had here. The message says what to install or allow."""


class RequestTooLong(ValueError):
    """The question put to the solution exceeds the message limit: the challenge's fault, not the solution's."""
