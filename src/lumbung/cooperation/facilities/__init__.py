"""Facilities: processors, laboratories, offices and test fields, shared fairly and booked without conflict.

Every module is state in, decision out; the time is passed in. `usage` counts from signed evidence, `fair_share` ranks
who has had least, `calendars`, `grants` and `bookings` decide one wish, `stores` make that decision safe when many
wish at once, `leasing` says who goes next and why the others wait, `schedules` plans a whole week with proof.
"""
