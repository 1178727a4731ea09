"""Does the centre's mail go out? One letter is sent to who asks, and what fails is said with what to do about it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class MailCheck:
    """What came of it.

    Attributes
    ----------
    sent : bool
        Whether the letter was handed to a mail server; whether it arrives is seen in the inbox alone.
    said : str
        What happened and, where it failed, what to do.
    technical : str
        What the server or the network said, in its own words.
    """

    sent: bool
    said: str
    technical: str = ""


def check_mail(to: str) -> MailCheck:
    """Send a letter to *to*, and say what happened."""
    if "filebased" in settings.EMAIL_BACKEND:
        return MailCheck(
            False,
            _(
                "No mail server is named: letters are written into the folder %(folder)s. Set LUMBUNG_EMAIL_URL."
            )
            % {"folder": settings.EMAIL_FILE_PATH},
        )
    letter = EmailMessage(
        _("[Lumbung] This centre's mail goes out"),
        _("You asked this centre to send itself a letter. It did, and you read it.") + "\n",
        settings.DEFAULT_FROM_EMAIL,
        [to],
    )
    try:
        get_connection().send_messages([letter])
    except OSError as error:  # smtplib's errors are too
        return MailCheck(False, _advice(error), f"{type(error).__name__}: {error}"[:400])
    return MailCheck(
        True,
        _("A mail server took the letter to %(to)s, from %(sender)s. If it does not arrive within minutes, look "
          "among the unwanted mail and at the SPF and DKIM records of the sender's domain.")
        % {"to": to, "sender": settings.DEFAULT_FROM_EMAIL},
    )  # fmt: skip


def _advice(error: OSError) -> str:
    server = {"host": settings.EMAIL_HOST, "port": settings.EMAIL_PORT}
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("The mail server refused the name or the password in LUMBUNG_EMAIL_URL.")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _("The mail server takes no mail from the address in LUMBUNG_FROM.")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _("The mail server takes no mail for your address from here.")
    if isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return (
            _("The mail server at %(host)s:%(port)d offers no encryption that can be trusted (STARTTLS).")
            % server
        )
    if isinstance(error, socket.gaierror):
        return _("No machine is found by the name %(host)s, which LUMBUNG_EMAIL_URL gives.") % server
    if isinstance(error, ConnectionRefusedError | TimeoutError):
        return _("Nobody answers at %(host)s:%(port)d. Is the port right, and open to this machine?") % server
    return _("The mail server at %(host)s:%(port)d did not take the letter.") % server
