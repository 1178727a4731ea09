/* Times in the reader's own zone, which each of them names; the time in UTC stays as a hint. Days stay days. */
"use strict";

function toOwnZone(within) {
  // Written as the page writes them (see members/languages.py): English here is the region's, day before month.
  const language = document.documentElement.lang;
  const locale = language === "en" ? "en-GB" : language;
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" });
  const hour = new Intl.DateTimeFormat(locale, {
    hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const between = language.startsWith("zh") ? " " : ", ";
  for (const time of within.querySelectorAll("time[datetime*='T']:not([title])")) {
    const moment = new Date(time.dateTime);
    time.title = time.textContent.trim();
    time.textContent = [day.format(moment), hour.format(moment)].join(between);
  }
}

toOwnZone(document);
document.addEventListener("htmx:afterSwap", () => toOwnZone(document));
