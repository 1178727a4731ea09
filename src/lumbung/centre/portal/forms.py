"""What people fill in. A form checks its shape; whether it may be done is for the services to say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.amending import MOST, OPTIONAL, PhaseChange
from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.members.models import ApiToken, Country, Organisation, Team
from lumbung.centre.portal.templatetags.showing import say
from lumbung.proving.challenge import EARLIEST, LATEST
from lumbung.proving.text import Text


class OrganisationForm(forms.Form):
    """An organisation registers."""

    name = forms.CharField(label=_("Name"), min_length=2, max_length=80)
    country = forms.ChoiceField(label=_("Country"), choices=Country.choices)
    kind = forms.ChoiceField(label=_("Kind"), choices=Organisation.Kind.choices)
    size = forms.ChoiceField(label=_("Size"), choices=Organisation.Size.choices)
    about = forms.CharField(
        label=_("About"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What others should know: what you do, what you look for."),
    )


class TeamForm(forms.Form):
    """A person founds a team."""

    name = forms.CharField(label=_("Team name"), min_length=2, max_length=80)
    organisations = forms.MultipleChoiceField(
        label=_("On behalf of"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(o.slug, o.name) for o in organisations]
        if choices:
            self.fields["organisations"].choices = choices  # type: ignore[attr-defined]
        else:
            self.fields["organisations"].widget = forms.MultipleHiddenInput()


class InviteForm(forms.Form):
    """A team invites a person."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)


class ArchiveField(forms.FileField):
    """A zip or tar, of a size the centre takes."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        upload = super().clean(data, initial)
        if upload and upload.size > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(
                _("The file is larger than the %(limit)d MiB allowed."),
                params={"limit": settings.UPLOAD_LIMIT >> 20},
            )
        return upload


_ARCHIVES = {"accept": ".zip,.tar,.gz,.tgz,.xz,.bz2"}


class SubmitForm(forms.Form):
    """A team hands a submission in."""

    team = forms.ChoiceField(label=_("Team"))
    phase = forms.ChoiceField(label=_("Phase"))
    name = forms.CharField(
        label=_("Name of this submission"),
        max_length=60,
        required=False,
        help_text=_("For your own use; it appears on the leaderboard."),
    )
    archive = ArchiveField(
        label=_("File"),
        help_text=_(
            "A zip or tar of the folder that holds solution.py or another program; or solution.py or a WebAssembly module "
            "(.wasm) itself; or a table of predictions as CSV or Parquet."
        ),
        widget=forms.ClearableFileInput(
            attrs=_ARCHIVES | {"accept": f"{_ARCHIVES['accept']},.py,.wasm,.csv,.parquet"}
        ),
    )

    agreed = forms.BooleanField(label=_("We agree to the terms of this challenge"))

    def __init__(
        self, *args: Any, teams: Iterable[Team], phases: Iterable[Phase], terms: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not terms:
            del self.fields["agreed"]
        self.fields["team"].choices = [(t.slug, t.name) for t in teams]  # type: ignore[attr-defined]
        self.fields["phase"].choices = [(p.slug, say(p.title)) for p in phases]  # type: ignore[attr-defined]


class PoseForm(forms.Form):
    """An owner poses a challenge, or a new version of one."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    archive = ArchiveField(
        label=_("File"),
        help_text=_(
            "A zip or tar of the challenge's folder, with challenge.toml. Private cases stay with your node."
        ),
        widget=forms.ClearableFileInput(attrs=_ARCHIVES),
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(o.slug, o.name) for o in organisations]  # type: ignore[attr-defined]


TEXT_LABELS = {
    "title": _("Title"),
    "summary": _("Summary"),
    "description": _("Description"),
    "offer": _("What a winner gets"),
    "terms": _("Terms that teams agree to"),
}
LANGUAGE_NAMES = {"en": _("in English"), "id": _("in Indonesian"), "zh": _("in Chinese")}
MOMENT = "%Y-%m-%dT%H:%M"


def words_in(code: str, *, short: bool) -> forms.Widget:
    """A field for words in a language of their own, which browsers and readers aloud are told."""
    language = {"zh": "zh-Hans"}.get(code, code)
    return forms.Textarea(attrs={"rows": 1 if short else 3, "lang": language})


class AmendForm(forms.Form):
    """An owner changes words, times and limits of a challenge in place."""

    def __init__(self, *args: Any, challenge: Challenge, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._phases = list(challenge.phases.all())
        for name, label in TEXT_LABELS.items():
            stood = challenge.record.get(name) or {}
            for code, language in LANGUAGE_NAMES.items():
                self.fields[f"{name}_{code}"] = forms.CharField(
                    label=f"{label}, {language}",
                    max_length=MOST,
                    required=name not in OPTIONAL and bool(stood.get(code)),
                    initial=stood.get(code, ""),
                    widget=words_in(code, short=name == "title"),
                )
        for number, phase in enumerate(self._phases):
            self._add_phase(number, phase)
        self.fields["why"] = forms.CharField(
            label=_("Why"),
            max_length=500,
            required=False,
            help_text=_("Everybody sees it beside the change."),
        )

    def _add_phase(self, number: int, phase: Phase) -> None:
        for name, label in (("opens", _("opens (UTC)")), ("closes", _("closes (UTC)"))):
            self.fields[f"{name}_{number}"] = forms.DateTimeField(
                label=f"{say(phase.title)}: {label}",
                required=False,
                initial=getattr(phase, name),
                input_formats=[MOMENT, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
                widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
                validators=[MinValueValidator(EARLIEST), MaxValueValidator(LATEST - timedelta(seconds=1))],
            )
        self.fields[f"daily_limit_{number}"] = forms.IntegerField(
            label=f"{say(phase.title)}: {_('daily limit')}",
            min_value=1,
            max_value=2**31 - 1,
            initial=phase.daily_limit,
        )

        self._add_together(number, phase)

    def _add_together(self, number: int, phase: Phase) -> None:
        title = say(phase.title)
        self.fields[f"together_{number}"] = forms.ChoiceField(
            label=f"{title}: {_('accounts counted together')}",
            choices=[("", _("nobody but each team and each person")), *Phase.Together.choices],
            required=False,
            initial=phase.together,
            help_text=_(
                "Against one person or body under many accounts. Who shows neither such an organisation nor such an address "
                "cannot take part then."
            ),
        )
        for name, label in (
            ("together_daily", _("submissions a day of all that are counted together")),
            ("together_teams", _("their teams on private cases, at most")),
        ):
            self.fields[f"{name}_{number}"] = forms.IntegerField(
                label=f"{title}: {label}",
                min_value=1,
                max_value=2**31 - 1,
                required=False,
                initial=getattr(phase, name),
            )

    def changes(self) -> dict[str, Any]:
        """Return what `lumbung.centre.challenges.amending.amend` is asked."""
        given = self.cleaned_data
        texts = {
            name: Text(**{code: given[f"{name}_{code}"].replace("\r\n", "\n") for code in LANGUAGE_NAMES})
            for name in TEXT_LABELS
        }
        phases = {
            phase.slug: PhaseChange(
                opens=_kept(given[f"opens_{number}"], phase.opens),
                closes=_kept(given[f"closes_{number}"], phase.closes),
                daily_limit=given[f"daily_limit_{number}"],
                together=given[f"together_{number}"],
                together_daily=given[f"together_daily_{number}"],
                together_teams=given[f"together_teams_{number}"],
            )
            for number, phase in enumerate(self._phases)
        }
        return {"texts": texts, "phases": phases, "why": given["why"]}


def _kept(given: datetime | None, stood: datetime | None) -> datetime | None:
    """Return what stood there where a form, which shows minutes, gives the same minute back."""
    same = (
        given is not None
        and stood is not None
        and given.replace(second=0) == stood.replace(second=0, microsecond=0)
    )
    return stood if same else given


class AdoptForm(forms.Form):
    """An owner adopts a solution."""

    terms = forms.CharField(
        label=_("Terms"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Where it goes to work, for how long, for what price, who owns what."),
    )
    contact = forms.EmailField(label=_("Contact"), max_length=254)


class AccountForm(forms.Form):
    """How a person is called and written to."""

    name = forms.CharField(
        label=_("Your name"), max_length=80, required=False, help_text=_("As your team mates see you.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    wants_answers = forms.BooleanField(
        label=_("Letters about answers to my questions, and about questions on challenges I manage"),
        required=False,
    )
    wants_digest = forms.BooleanField(
        label=_("A letter a day with what I have not read yet, where there is anything"), required=False
    )


class TokenForm(forms.Form):
    """A person makes an API token."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Where you will use it, for instance: laptop.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=ApiToken.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=["read", "submit"],
    )
    days = forms.IntegerField(label=_("Valid for (days)"), min_value=1, max_value=3650, initial=90)


_KEY_HINT = _("So that you tell your keys apart, for instance: phone.")


class AddKeyForm(AddWebAuthnForm):
    """A person adds a passkey or a security key; the field's name is in their language."""

    name = forms.CharField(label=_("Name"), max_length=60, required=False, help_text=_KEY_HINT)


class RenameKeyForm(EditWebAuthnForm):
    """A person names a key anew."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_KEY_HINT)
