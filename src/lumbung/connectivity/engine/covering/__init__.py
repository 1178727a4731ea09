"""Where to build so that the most people are reached, with a proof of how good the plan is.

Read in this order: ``problem`` (what is asked), ``instance`` and ``discs`` (where it comes from), ``merging``,
``dominance`` and ``reduction`` (smaller at no loss), ``greedy`` and ``interchange`` (a good plan), ``oddsets``,
``relaxation`` and ``bound`` (the proof), ``remainder`` and ``search`` (until they meet), ``target``
(least cost for a coverage asked for), ``checkpoint`` (going on tomorrow).
"""
