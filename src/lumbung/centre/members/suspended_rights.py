"""What a suspended person may still do: have a file of their data, and delete the account. No door opens for it.

Suspension ends every way to sign in, and the rights of the law on personal data do not end with it. So who asks for
them is written to at the account's own address; the key in that letter opens these two acts, for a day, and nothing else.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.db.models import QuerySet

from lumbung.centre.members.access import NotFound
from lumbung.centre.members.models import Suspension, User

LASTS = timedelta(days=1)
_SALT = "lumbung.centre.members.suspended_rights"


def suspended_account(email: str) -> User | None:
    """Return the suspended person who has an address, if there is one."""
    found = _suspensions().filter(person__email__iexact=email.strip()).first()
    return found.person if found else None


def key_for(person: User) -> str:
    """Return the key that goes into the letter; it is of this suspension alone.

    Raises
    ------
    NotFound
        The person is not suspended.
    """
    found = _suspensions().filter(person=person).first()
    if found is None:
        raise NotFound
    return signing.dumps(found.pk, salt=_SALT)


def holder_of(key: str) -> User:
    """Return the suspended person to whom a key was sent.

    Raises
    ------
    NotFound
        It is none, older than a day, or the suspension was lifted or the account deleted.
    """
    try:
        number = signing.loads(key, salt=_SALT, max_age=LASTS)
    except signing.BadSignature:
        raise NotFound from None
    found = _suspensions().filter(pk=number).first()
    if found is None or found.person is None:
        raise NotFound
    return found.person


def _suspensions() -> QuerySet[Suspension]:
    return Suspension.objects.filter(lifted=None, person__is_active=False).select_related("person")
