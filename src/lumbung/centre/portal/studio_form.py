"""What a host fills in to make a challenge from a table. The table itself is split in the browser (``studio.js``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.amending import MOST
from lumbung.centre.challenges.studio import FEWEST_BLOCKS, MOST_BLOCKS, TableChallenge
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.models import Organisation
from lumbung.centre.portal.forms import LANGUAGE_NAMES, MOMENT, TEXT_LABELS, words_in
from lumbung.centre.portal.templatetags.showing import SECTORS
from lumbung.proving.tables import METRICS
from lumbung.proving.text import Text

KINDS = {
    "number": _("numbers"),
    "label": _("classes"),
    "probability": _("0 or 1, answered as a probability"),
    "score": _("0 or 1, answered as a score that ranks"),
}


CHOSEN = (
    "sector", "licence", "legal_basis", "key", "target", "metric", "blocks", "daily_limit", "closes", "inputs", "truth",
    "by_invitation",
)  # fmt: skip
"""What goes into the challenge as it was chosen."""
RULES = ("organisation", "sector", "closes", "daily_limit", "licence", "legal_basis", "by_invitation")
"""The fields of the last step."""


def metrics_by_kind() -> list[tuple[str, Any, list[tuple[str, str]]]]:
    """Return every metric of tables by what the predicted column holds: the kind, its name, and metrics by name."""
    return [
        (
            wanted,
            label,
            [
                (name, metric.text.in_language(house_language()))
                for name, (_function, kind, metric) in METRICS.items()
                if kind == wanted
            ],
        )
        for wanted, label in KINDS.items()
    ]


class PublicPart(forms.FileField):
    """One table of the public part, as text."""

    def clean(self, data: Any, initial: Any = None) -> str:
        upload = super().clean(data, initial)
        if upload.size > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(
                _("The file is larger than the %(limit)d MiB allowed."),
                params={"limit": settings.UPLOAD_LIMIT >> 20},
            )
        try:
            return str(upload.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise forms.ValidationError(_("This is no text in UTF-8.")) from None


class StudioForm(forms.Form):
    """A host makes a challenge from a table."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    sector = forms.ChoiceField(label=_("Sector"), choices=tuple(SECTORS.items()), initial="tables")
    metric = forms.ChoiceField(label=_("How answers are scored"), choices=[(name, name) for name in METRICS])
    closes = forms.DateTimeField(
        label=_("Closes (UTC)"),
        input_formats=[MOMENT],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        help_text=_(
            "Until then the scores on the private rows stay hidden from everybody. It can be moved later."
        ),
    )
    daily_limit = forms.IntegerField(
        label=_("Submissions a team may have judged a day on the private rows"),
        min_value=1,
        max_value=100,
        initial=3,
    )
    licence = forms.CharField(
        label=_("Licence of the public data"),
        max_length=100,
        initial="CC-BY-4.0",
        help_text=_("What others may do with the rows everybody sees."),
    )
    legal_basis = forms.CharField(
        label=_("The article you rely on when scores leave your country"), max_length=200, required=False
    )
    by_invitation = forms.BooleanField(
        label=_("By invitation: only the teams and organisations I let in know of it"),
        required=False,
        help_text=_("You name them, or give them a link, once the draft is here. It can be changed later."),
    )
    key = forms.CharField(max_length=200, widget=forms.HiddenInput)
    target = forms.CharField(max_length=200, widget=forms.HiddenInput)
    blocks = forms.IntegerField(min_value=FEWEST_BLOCKS, max_value=MOST_BLOCKS, widget=forms.HiddenInput)
    inputs = PublicPart()
    truth = PublicPart()

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(o.slug, o.name) for o in organisations]  # type: ignore[attr-defined]
        for name, label in TEXT_LABELS.items():
            for code, language in LANGUAGE_NAMES.items():
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=f"{label}, {language}",
                    max_length=200 if name == "title" else MOST,
                    required=False,
                    widget=words_in(code, short=name == "title"),
                )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("title", "summary"):
            if not any(given.get(f"{name}_{code}") for code in LANGUAGE_NAMES):
                self.add_error(
                    f"{name}_{house_language()}",
                    _("Write it in one language at least."),
                )
        return given

    def texts(self, language: str) -> list[forms.BoundField]:
        """Return the fields for words in a language."""
        return [self[f"{name}_{language}"] for name in TEXT_LABELS]

    def wanted(self, organisation: Organisation) -> TableChallenge:
        """Return what `lumbung.centre.challenges.studio.pose_table` is asked."""
        given = self.cleaned_data
        return TableChallenge(
            title=self._text("title"),
            summary=self._text("summary"),
            description=self._text("description"),
            offer=self._text("offer"),
            terms=self._text("terms"),
            home=organisation.country,
            **{name: given[name] for name in CHOSEN},
        )

    def _text(self, name: str) -> Text:
        return Text(
            **{code: self.cleaned_data[f"{name}_{code}"].replace("\r\n", "\n") for code in LANGUAGE_NAMES}
        )
