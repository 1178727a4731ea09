"""ITU-R P.1812: the loss between an antenna and a place, 30 MHz to 6 GHz, over terrain, clutter, land and
sea.

Written from Recommendation ITU-R P.1812-6 (09/2021), Annex 1 and its Attachments; equation numbers are its
own. The story runs ``climate`` (what the air does), ``profile`` (what the ground does), ``diffraction`` and
``ducting`` (what each costs), ``combination`` (all of it together), ``path`` (one receiver) and ``sweep``
(all receivers of a radial).
"""
