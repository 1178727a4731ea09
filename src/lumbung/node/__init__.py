"""One country's judge: it asks the centre for work, judges on data that stays here, and signs what may leave.

It only ever asks (so it works behind a firewall and over bad lines), keeps results on disk until they are delivered,
and refuses to start where its sandbox does not hold.
"""
