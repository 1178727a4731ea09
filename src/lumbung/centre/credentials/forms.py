"""What people fill in on the pages of talent. A form checks its shape; what may be done is for the services to say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lumbung.centre.credentials.nation import badge_counts, measured
from lumbung.centre.credentials.road import Assumptions, names
from lumbung.centre.credentials.wording import SCENARIOS
from lumbung.centre.members.languages import house_language
from lumbung.centre.members.models import Organisation
from lumbung.talent.road.provinces import PROVINCES, name_in

# Each by its own name, as everywhere.
TEST_LANGUAGES = [("id", "Bahasa Indonesia"), ("zh", "简体中文"), ("en", "English")]


class StartForm(forms.Form):
    """A person starts the test."""

    language = forms.ChoiceField(
        label=_("Language of the questions"), choices=TEST_LANGUAGES, widget=forms.RadioSelect
    )
    province = forms.ChoiceField(
        label=_("Province"),
        required=False,
        choices=[],
        help_text=_("Only for the national picture, which shows no group of fewer than ten people."),
    )
    code = forms.CharField(
        label=_("Code of a supervised test"),
        required=False,
        max_length=20,
        help_text=_(
            "If somebody supervises you, they give you a code of your own. Otherwise leave this empty."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = house_language()
        names = [(number, name_in(here, number)) for number, _name, _people in PROVINCES]
        self.fields["province"].choices = [("", _("I would rather not say")), *names]  # type: ignore[attr-defined]


class BadgeForm(forms.Form):
    """A holder asks for a badge and says what it shows."""

    name = forms.CharField(
        label=_("Name on the badge"),
        required=False,
        max_length=80,
        help_text=_("Leave it empty and the badge names nobody: a random number stands in its place."),
    )
    language = forms.ChoiceField(label=_("Language of the badge"), choices=TEST_LANGUAGES)
    shared = forms.BooleanField(
        label=_("Whoever has the link may open the badge's page"), required=False, initial=True
    )


class RevokeForm(forms.Form):
    """Staff, or the holder, take a badge back."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


class ProgrammeForm(forms.Form):
    """An organisation creates a programme."""

    organisation = forms.ChoiceField(label=_("Organisation"))
    title = forms.CharField(label=_("Title"), min_length=3, max_length=120)
    about = forms.CharField(
        label=_("About"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Who it is for, what one learns, how long it takes."),
    )

    def __init__(self, *args: Any, organisations: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].choices = [(o.slug, o.name) for o in organisations]  # type: ignore[attr-defined]


class RoadForm(forms.Form):
    """A reader changes what the road assumes."""

    scenario = forms.ChoiceField(
        label=_("Scenario"), choices=[(name, SCENARIOS[name].title) for name in names()]
    )
    start = forms.ChoiceField(
        label=_("Who stands at the start"),
        required=False,
        choices=[
            ("measured", _("the assumed heads, at the ability measured here")),
            ("assumed", _("the assumed heads, at an assumed ability")),
            ("badges", _("only who holds a badge that names a level")),
        ],
        help_text=_("For the scenario that measures ability. Without measurements the assumption stands."),
    )
    places = forms.FloatField(
        label=_("Training places, as a multiple"), min_value=0, max_value=50, required=False
    )
    attrition = forms.FloatField(
        label=_("Leave the field each year, per cent"), min_value=0, max_value=40, required=False
    )
    decay = forms.FloatField(
        label=_("Lose skills each year, per cent"), min_value=0, max_value=40, required=False
    )
    ability = forms.FloatField(
        label=_("Mean ability at the start"), min_value=-3, max_value=3, required=False
    )

    def assumptions(self, now: datetime) -> Assumptions:
        """Return what was asked; fields left empty keep the scenario's values."""
        asked = self.cleaned_data
        start = asked["start"] or "measured"
        places = asked["places"]
        return Assumptions(
            asked["scenario"],
            1.0 if places is None else places,
            asked["attrition"],
            asked["decay"],
            asked["ability"],
            measured() if start == "measured" else None,
            tuple((*key, people) for key, people in badge_counts(now).items()) if start == "badges" else None,
        )
