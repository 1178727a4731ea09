"""Exponential, logarithm, arc tangent and their kin without branches, so that loops over them become vector code.

The compiler has no vector versions of the C library's functions, and a call ends vectorisation. These are additions,
multiplications and bit casts, accurate to about one unit in the last place over the ranges the engines need. They run
eight lanes at a time. But for the exponential they are Taylor series after an exact range reduction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from lumbung.kernels.compiling import FINITE, FUSED, inlined

LN10 = math.log(10.0)
_LOG2_E = 1.4426950408889634
# fdlibm's split of ln 2: the high part ends in zeros, so its product with a whole exponent is exact.
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
# Adding 1.5 x 2^52 (2^23) rounds to a whole number and leaves that number in the low bits of the sum.
_ROUNDER = 6755399441055744.0
_ROUNDER_SINGLE = np.float32(12582912.0)
_LOWEST, _HIGHEST = -708.0, 709.0
_TWO_52 = 4503599627370496.0
_TWO_52_BITS = 0x4330000000000000
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_EXPONENT_BIAS = 2048


def _to_bits(typing_context: Any, number: Any) -> Any:
    """Reinterpret a float64 as int64."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), code


def _to_float(typing_context: Any, bits: Any) -> Any:
    """Reinterpret an int64 as float64."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), code


def _to_power_of_two_single(typing_context: Any, rounded: Any) -> Any:
    """Return 2**n as float32 for a float32 that holds n plus 1.5 * 2^23."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(32))
        biased = builder.add(bits, ir.Constant(ir.IntType(32), 127 - 0x4B400000))
        return builder.bitcast(builder.shl(biased, ir.Constant(ir.IntType(32), 23)), ir.FloatType())

    return types.float32(types.float32), code


_bits_of: Any = intrinsic(_to_bits)
_float_of: Any = intrinsic(_to_float)
_power_of_two_single: Any = intrinsic(_to_power_of_two_single)


# FUSED and no more: reassociation would cancel the rounder.
@inlined(arithmetic=FUSED)
def exp(x: float) -> float:
    """Return e**x within about one unit in the last place; x is held to [-708, 709].

    Reduce to |r| <= ln 2 / 2, evaluate a polynomial, shift the exponent in. The polynomial of degree 11 interpolates
    e**r at the Chebyshev nodes of that interval; its own relative error is 1.7e-17. Below -708 the result stays at
    e**-708, which is 3e-308 and not zero.
    """
    x = x if x > _LOWEST else _LOWEST
    x = x if x < _HIGHEST else _HIGHEST
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = x - n * _LN2_HIGH
    r = r - n * _LN2_LOW
    p = 2.511004920481866e-08
    p = p * r + 2.763265472252779e-07
    p = p * r + 2.755724088722987e-06
    p = p * r + 2.4801485441561313e-05
    p = p * r + 0.00019841269890076403
    p = p * r + 0.0013888888952352863
    p = p * r + 0.008333333333319589
    p = p * r + 0.04166666666648795
    p = p * r + 0.1666666666666668
    p = p * r + 0.5000000000000019
    p = p * r + 1.0
    p = p * r + 1.0
    return float(_float_of(_bits_of(p) + (_bits_of(shifted) << 52)))


_LOG2_E_SINGLE = np.float32(_LOG2_E)
_LN2_HIGH_SINGLE = np.float32(0.693359375)
_LN2_LOW_SINGLE = np.float32(-2.12194440e-4)
_LOWEST_SINGLE = np.float32(-87.0)
_S7, _S6, _S5, _S4, _S3, _S2 = (np.float32(1 / f) for f in (5040, 720, 120, 24, 6, 2))
_ONE = np.float32(1.0)


@inlined(arithmetic=FUSED)
def exp_single(x: np.float32) -> np.float32:
    """Return e**x in single precision for x up to 88, with a relative error below 2e-7; x is held to -87 or more.

    The Taylor polynomial of degree 7 after the same reduction (Cody and Waite 1980).
    """
    x = x if x > _LOWEST_SINGLE else _LOWEST_SINGLE
    rounded = x * _LOG2_E_SINGLE + _ROUNDER_SINGLE
    k = rounded - _ROUNDER_SINGLE
    r = x - k * _LN2_HIGH_SINGLE - k * _LN2_LOW_SINGLE
    p = ((((((_S7 * r + _S6) * r + _S5) * r + _S4) * r + _S3) * r + _S2) * r + _ONE) * r + _ONE
    return p * _power_of_two_single(rounded)  # type: ignore[no-any-return]


def exp_either(x: float) -> float:
    """Return e**x in the precision of ``x``, float32 or float64, for kernels that are compiled for both."""
    return float(np.exp(x))


# What stands behind it in a kernel is part of what the kernel reaches: see `reach`.
exp_either.single, exp_either.double = exp_single, exp  # type: ignore[attr-defined]


@overload(exp_either, inline="never")
def _exp_either(x):  # type: ignore[no-untyped-def]  # numba compares the signatures
    if x == types.float32:
        return lambda x: exp_single(x)
    return lambda x: exp(x)


@inlined(arithmetic=FINITE)
def log(x: float) -> float:
    """Return the natural logarithm of a positive normal number."""
    bits = _bits_of(x)
    shift = (bits - _SQRT_HALF_BITS) & -4503599627370496  # the exponent field alone
    m = _float_of(bits - shift)  # in [sqrt(1/2), sqrt(2))
    biased = (shift >> 52) + _EXPONENT_BIAS
    k = _float_of(biased | _TWO_52_BITS) - (_TWO_52 + _EXPONENT_BIAS)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    # log(1+f) = 2 atanh(s) = 2s + 2s sum z^j/(2j+1), |s| <= 0.172: the next term is below 2e-18
    t = 2.0 / 21.0
    t = t * z + 2.0 / 19.0
    t = t * z + 2.0 / 17.0
    t = t * z + 2.0 / 15.0
    t = t * z + 2.0 / 13.0
    t = t * z + 2.0 / 11.0
    t = t * z + 2.0 / 9.0
    t = t * z + 2.0 / 7.0
    t = t * z + 2.0 / 5.0
    t = t * z + 2.0 / 3.0
    # 2s = f - s f, which keeps the leading term exact
    return float(k * _LN2_HIGH + (f - (s * f - (s * z * t + k * _LN2_LOW))))


@inlined(arithmetic=FINITE)
def log10(x: float) -> float:
    """Return the decimal logarithm of a positive normal number."""
    return log(x) * (1.0 / LN10)


@inlined(arithmetic=FINITE)
def exp10(x: float) -> float:
    """Return 10**x."""
    return exp(x * LN10)


@inlined(arithmetic=FINITE)
def power(x: float, y: float) -> float:
    """Return x**y for a positive x."""
    return exp(y * log(x))


@inlined(arithmetic=FINITE)
def tanh(x: float) -> float:
    """Return the hyperbolic tangent (absolute accuracy; the model subtracts it from 1)."""
    return 1.0 - 2.0 / (exp(2.0 * x) + 1.0)


@inlined(arithmetic=FINITE)
def _atan_eighth(t: float) -> float:
    """Arc tangent for |t| <= tan(pi/16): sixteen terms of the Gregory series, the next below 3e-18."""
    z = t * t
    s = -1.0 / 23.0
    s = s * z + 1.0 / 21.0
    s = s * z - 1.0 / 19.0
    s = s * z + 1.0 / 17.0
    s = s * z - 1.0 / 15.0
    s = s * z + 1.0 / 13.0
    s = s * z - 1.0 / 11.0
    s = s * z + 1.0 / 9.0
    s = s * z - 1.0 / 7.0
    s = s * z + 1.0 / 5.0
    s = s * z - 1.0 / 3.0
    return t + t * z * s


@inlined(arithmetic=FINITE)
def atan(x: float) -> float:
    """Return the arc tangent in radians, by halving the angle three times."""
    t = x / (1.0 + math.sqrt(1.0 + x * x))
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    return 8.0 * _atan_eighth(t)


@inlined(arithmetic=FINITE)
def acos(z: float) -> float:
    """Return the arc cosine in radians for -1 <= z <= 1 (held to it)."""
    z = min(max(z, -1.0), 1.0)
    t = math.sqrt(1.0 - z) / (math.sqrt(1.0 + z) + math.sqrt(2.0))  # tan of a quarter of the angle
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    return 16.0 * _atan_eighth(t)


@inlined(arithmetic=FINITE)
def sin_small(x: float) -> float:
    """Return the sine for |x| <= pi/6: the Taylor series to x^17."""
    z = x * x
    s = 1.0 / 355687428096000.0
    s = s * z - 1.0 / 1307674368000.0
    s = s * z + 1.0 / 6227020800.0
    s = s * z - 1.0 / 39916800.0
    s = s * z + 1.0 / 362880.0
    s = s * z - 1.0 / 5040.0
    s = s * z + 1.0 / 120.0
    s = s * z - 1.0 / 6.0
    return x + x * z * s
