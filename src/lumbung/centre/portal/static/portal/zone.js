/* Times in the reader's own zone, which each of them names; the time in UTC stays as a hint. Days stay days. */
"use strict";

function toOwnZone(within) {
  const write = new Intl.DateTimeFormat(document.documentElement.lang, {
    day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
  });
  for (const time of within.querySelectorAll("time[datetime*='T']:not([title])")) {
    time.title = time.textContent.trim();
    time.textContent = write.format(new Date(time.dateTime));
  }
}

toOwnZone(document);
document.addEventListener("htmx:afterSwap", () => toOwnZone(document));
