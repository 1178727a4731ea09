"""What people fill in on the pages of cooperation. Whether it may be done is for the services to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from lumbung.centre.challenges.models import Challenge, shown_to_all
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.models import Country, Organisation
from lumbung.centre.partners.long_choices import LongCheckboxes, LongSelect
from lumbung.centre.partners.models import Spoken
from lumbung.cooperation.facilities.calendars import Span
from lumbung.cooperation.matching.names import REQUIREMENTS, SECTORS, name_of
from lumbung.proving.text import Text

ZONES = (
    "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura", "Asia/Shanghai", "Asia/Bangkok", "Asia/Ho_Chi_Minh",
    "Asia/Kuala_Lumpur", "Asia/Singapore", "Asia/Manila", "Asia/Phnom_Penh", "Asia/Vientiane", "Asia/Yangon",
    "Asia/Brunei", "Asia/Dili", "UTC",
)  # fmt: skip
_NAMES = forms.CheckboxSelectMultiple


def _named(codes: Iterable[str]) -> Callable[[], list[tuple[str, str]]]:
    """Choices named in the language of whoever reads the form."""
    return lambda: [(code, _capital(name_of(code, house_language()))) for code in codes]  # type: ignore[arg-type]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def challenge_choices() -> list[tuple[str, str]]:
    """The challenges everybody may see, by their title in the reader's language; the newest version speaks."""
    found: dict[str, str] = {}
    for challenge in Challenge.objects.filter(shown_to_all()).order_by("slug", "-version"):
        found.setdefault(challenge.slug, Text(**challenge.record["title"]).in_language(house_language()))
    return list(found.items())


class ListingForm(forms.Form):
    """What needs and offers have in common."""

    words = forms.CharField(
        label=_("In your own words"),
        min_length=20,
        max_length=1200,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "In whatever language you think in. Say what for, how much, where; one matter per entry."
        ),
    )
    language = forms.ChoiceField(label=_("Written in"), choices=Spoken.choices)
    countries = forms.MultipleChoiceField(
        label=_("Partners only from"), choices=Country.choices, widget=_NAMES, required=False,
        help_text=_("None chosen: from anywhere."),
    )  # fmt: skip
    places = forms.IntegerField(label=_("How many partners"), min_value=1, max_value=100, initial=1)


class NeedForm(ListingForm):
    """An organisation looks for something."""

    sector = forms.ChoiceField(label=_("Sector"), choices=_named(SECTORS))
    requires = forms.MultipleChoiceField(
        label=_("A partner must bring"), choices=_named(REQUIREMENTS), widget=_NAMES, required=False
    )
    budget = forms.IntegerField(
        label=_("Budget, in US dollars"),
        min_value=0,
        max_value=10**12,
        required=False,
        help_text=_("Empty: no matter."),
    )
    challenge = forms.ChoiceField(
        label=_("The challenge that states the same problem"), required=False,
        choices=lambda: [("", "–"), *challenge_choices()],
    )  # fmt: skip
    field_order = ("words", "language", "sector", "requires", "countries", "places", "budget", "challenge")

    def clean_budget(self) -> int:
        return self.cleaned_data["budget"] or 0


class OfferForm(ListingForm):
    """An organisation brings something."""

    sectors = forms.MultipleChoiceField(
        label=_("Sectors"), choices=_named(SECTORS), widget=_NAMES, required=False,
        help_text=_("None chosen: any sector."),
    )  # fmt: skip
    provides = forms.MultipleChoiceField(
        label=_("You bring"), choices=_named(REQUIREMENTS), widget=_NAMES, required=False
    )
    price = forms.IntegerField(
        label=_("Price of one engagement, in US dollars"), min_value=0, max_value=10**12, required=False,
        help_text=_("Empty: to be agreed."),
    )  # fmt: skip
    field_order = ("words", "language", "sectors", "provides", "countries", "places", "price")

    def clean_price(self) -> int:
        return self.cleaned_data["price"] or 0


class TextsForm(forms.Form):
    """A title in three languages."""

    title_en = forms.CharField(label=_("Title in English"), max_length=120)
    title_id = forms.CharField(label=_("Title in Indonesian"), max_length=120)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120)

    def title(self) -> Text:
        """The title, once the form is valid."""
        return Text(*(self.cleaned_data[f"title_{language}"].strip() for language in ("en", "id", "zh")))


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Between which a day can mean something here: 0026 and 20266 are slips of the hand."""


def _day(**more: Any) -> forms.DateField:
    bounds = {"min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date", **bounds}),
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
        **more,
    )


def _clock(**more: Any) -> forms.TimeField:
    return forms.TimeField(
        widget=forms.TimeInput(attrs={"type": "time", "step": 900}, format="%H:%M"), **more
    )


class FacilityForm(TextsForm):
    """Staff offer something to book."""

    host = forms.ChoiceField(label=_("Host"), widget=LongSelect)
    units = forms.IntegerField(
        label=_("Units"), min_value=1, max_value=500, initial=1, help_text=_("Cards, benches, desks, plots.")
    )
    zone = forms.ChoiceField(label=_("Time zone"), choices=[(zone, zone) for zone in ZONES])
    days = forms.TypedMultipleChoiceField(
        label=_("Open on"), coerce=int, widget=_NAMES, required=False, help_text=_("None chosen: always open."),
        choices=list(enumerate((
            _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
        ))),
    )  # fmt: skip
    opens = _clock(label=_("Opens at"), initial="09:00")
    closes = _clock(label=_("Closes at"), initial="17:00")
    resource = forms.SlugField(
        label=_("Grants of"), max_length=32, required=False,
        help_text=_("The resource whose grants pay for it, for instance gpu. Empty: no grant is asked for."),
    )  # fmt: skip
    node = forms.ChoiceField(
        label=_("Node"), required=False,
        help_text=_("With a node, runs it judges draw on the same grants."),
    )  # fmt: skip
    run_hours = forms.FloatField(
        label=_("Hours set aside for a run"), min_value=0.01, max_value=1000, initial=1,
        help_text=_("Until its evidence says what it used."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, hosts: Iterable[Organisation], nodes: Iterable[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].choices = [(each.slug, each.name) for each in hosts]  # type: ignore[attr-defined]
        self.fields["node"].choices = [("", "–"), *((name, name) for name in nodes)]  # type: ignore[attr-defined]


class BookingForm(forms.Form):
    """Somebody books, on the facility's own wall clock."""

    token = forms.CharField(max_length=20, widget=forms.HiddenInput)
    organisation = forms.ChoiceField(label=_("For"))
    day = _day(label=_("Day"))
    start = _clock(label=_("From"))
    hours = forms.FloatField(label=_("Hours"), min_value=0.25, max_value=336, initial=1)
    units = forms.IntegerField(label=_("Units"), min_value=1, max_value=500, initial=1)

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(o.slug, o.name) for o in organisations]  # type: ignore[attr-defined]
        self.fields["hours"].widget.attrs["step"] = "0.25"

    def span(self, zone: str) -> Span:
        """When, once the form is valid."""
        asked = self.cleaned_data
        start = datetime.combine(asked["day"], asked["start"], ZoneInfo(zone))
        end = start.astimezone(ZoneInfo("UTC")) + timedelta(minutes=round(60 * asked["hours"]))
        return Span(start, end.astimezone(ZoneInfo(zone)))


class ClosureForm(forms.Form):
    """Whoever hosts closes for a time."""

    first = _day(label=_("From"))
    last = _day(label=_("Up to and including"))


class GrantForm(forms.Form):
    """Staff grant hours."""

    organisation = forms.ChoiceField(label=_("Organisation"), widget=LongSelect)
    resource = forms.ChoiceField(label=_("Resource"))
    hours = forms.FloatField(label=_("Hours"), min_value=0.01, max_value=10**7)
    expires = _day(label=_("Valid until"))
    project = forms.ChoiceField(label=_("For the project"), required=False)

    def __init__(
        self, *args: Any, organisations: Iterable[Organisation], resources: Iterable[str],
        projects: Iterable[tuple[str, str]], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        choices = {
            "organisation": [(o.slug, o.name) for o in organisations],
            "resource": [(name, name) for name in resources],
            "project": [("", "–"), *projects],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]


class ReportForm(forms.Form):
    """A grantee reports."""

    report = forms.CharField(
        label=_("Progress report"), max_length=8000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What the hours were used for, what came out, what is next."),
    )  # fmt: skip


class NoteForm(forms.Form):
    """Staff write down what came of following up."""

    note = forms.CharField(label=_("Note"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class MilestoneForm(forms.Form):
    """Something promised, by when."""

    title = forms.CharField(label=_("Milestone"), max_length=120)
    due = _day(label=_("Due"))


class PublicationForm(forms.Form):
    """Something that came out of a project."""

    title = forms.CharField(label=_("Title"), max_length=200)
    address = forms.URLField(label=_("Address"), max_length=300, assume_scheme="https")
    on = _day(label=_("Published"))


class SeasonForm(TextsForm):
    """Staff announce a season."""

    opens = _day(label=_("Opens"))
    closes = _day(label=_("Closes"))
    joint_only = forms.BooleanField(
        label=_("Only for teams that join at least two countries"), required=False
    )


class AgreementForm(TextsForm):
    """Staff write down what was signed."""

    parties = forms.ModelMultipleChoiceField(
        label=_("Between"),
        queryset=Organisation.objects.filter(approved=True),
        widget=LongCheckboxes,
        to_field_name="slug",
    )
    signed = _day(label=_("Signed on"))
    until = _day(label=_("In force until"), required=False)
    address = forms.URLField(
        label=_("Where its text can be read"), max_length=300, required=False, assume_scheme="https"
    )


class PromiseForm(TextsForm):
    """Staff write down what an agreement promises."""

    due = _day(label=_("Due"))


class TrackForm(TextsForm):
    """Staff add a track."""

    challenges = forms.MultipleChoiceField(label=_("Challenges"), choices=challenge_choices, widget=_NAMES)
