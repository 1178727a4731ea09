"""Item response theory: how answers, items and abilities hang together.

The story in order: answers are packed (`packing`, `dense`, `sparse`), an item's curves turn parameters into
probabilities (`curves`), expectation and maximisation alternate (`expectation`, `maximisation`,
`acceleration`) until `calibration` has item parameters; `errors`, `item_fit` and `model_fit` say how good
they are; `ability` scores people; `functioning` compares groups; `linking` joins forms.

Symbols as published: theta ability, a slope, d intercept, b difficulty (``b = -d / a``), c lower asymptote.
The logistic curve is used without the constant 1.7.
"""
