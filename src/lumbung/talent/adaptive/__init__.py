"""The adaptive test: each next item is the one that says most about this person.

`pool` holds the items ready for choosing; `selection` chooses (information, content balance, exposure
control); `stopping` says when it is enough; `session` is one person's test, which survives a cut line;
`simulation` lets generated people take it before real ones do; `exposure` finds Sympson-Hetter parameters.
"""
