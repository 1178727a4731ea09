"""The road to the target: how many talents, by which definition, where and when, and the cheapest plan that
gets there.

`scenario` says what is assumed and where each number comes from; `flow` moves whole people from year to year
and loses none; `uncertainty` repeats that under other assumptions; `competence` turns measured abilities and
verified credentials into starting stocks; `plan` finds the cheapest training plan; `picture` draws it.
"""
