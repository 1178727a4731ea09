"""Languages in which models are asked, as each is called in the reader's own; codes are BCP 47's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import pgettext_lazy

SPOKEN: dict[str, Any] = {
    "en": pgettext_lazy("language", "English"),
    "fil": pgettext_lazy("language", "Filipino"),
    "id": pgettext_lazy("language", "Indonesian"),
    "jv": pgettext_lazy("language", "Javanese"),
    "km": pgettext_lazy("language", "Khmer"),
    "lo": pgettext_lazy("language", "Lao"),
    "ms": pgettext_lazy("language", "Malay"),
    "my": pgettext_lazy("language", "Burmese"),
    "su": pgettext_lazy("language", "Sundanese"),
    "ta": pgettext_lazy("language", "Tamil"),
    "th": pgettext_lazy("language", "Thai"),
    "vi": pgettext_lazy("language", "Vietnamese"),
    "zh": pgettext_lazy("language", "Chinese"),
}
