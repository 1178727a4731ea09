"""Kernels: numeric loops compiled to machine code, in one way for every engine, and the functions they share.

- `compiling`: the decorators ``kernel``, ``step`` and ``inlined``, and the rules of arithmetic they state
- `elementary`: exponential, logarithm and their kin, written so that loops over them become vector code
- `reach`: what a compiled kernel depends on, as a digest
- `store`: where machine code is kept between processes

The room imports nothing of ours and knows no science. Importing it loads nothing; `compiling` and `elementary` load
numba, so engines import them inside their own lazily imported modules.
"""
