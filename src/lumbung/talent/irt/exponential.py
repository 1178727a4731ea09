"""The exponential of numbers that are not positive, written so that a loop over it becomes SIMD code.

PyPI's numba has no vector mathematics library, and a call to the C library's ``exp`` keeps a loop scalar.
Method: ``exp(x) = 2^k exp(r)`` with ``|r| <= ln(2)/2`` (Cody and Waite 1980), a Taylor polynomial for
``exp(r)`` (degree 7 in single, 12 in double precision) and the factor ``2^k`` made from bits.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir

from lumbung.talent.compiled import intrinsic, njit, overload, types

# Adding 1.5 * 2^23 (or 2^52) rounds a small float to an integer that stands in the lowest bits of the sum.
_ROUND_SINGLE = np.float32(12582912.0)
_ROUND_DOUBLE = 6755399441055744.0
_LOG2E_SINGLE = np.float32(1.4426950408889634)
_LOG2E_DOUBLE = 1.4426950408889634
_LN2_HIGH_SINGLE = np.float32(0.693359375)
_LN2_LOW_SINGLE = np.float32(-2.12194440e-4)
_LN2_HIGH_DOUBLE = 6.93145751953125e-1
_LN2_LOW_DOUBLE = 1.42860682030941723212e-6
_SMALLEST_SINGLE = np.float32(-87.0)
_SMALLEST_DOUBLE = -708.0


@intrinsic
def _power_of_two_single(typingctx, rounded):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits = builder.bitcast(args[0], ir.IntType(32))
        biased = builder.add(bits, ir.Constant(ir.IntType(32), 127 - 0x4B400000))
        return builder.bitcast(builder.shl(biased, ir.Constant(ir.IntType(32), 23)), ir.FloatType())

    return types.float32(types.float32), codegen


@intrinsic
def _power_of_two_double(typingctx, rounded):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        bits = builder.bitcast(args[0], ir.IntType(64))
        biased = builder.add(bits, ir.Constant(ir.IntType(64), 1023 - 0x4338000000000000))
        return builder.bitcast(builder.shl(biased, ir.Constant(ir.IntType(64), 52)), ir.DoubleType())

    return types.float64(types.float64), codegen


_S = [np.float32(1 / f) for f in (5040, 720, 120, 24, 6, 2)]
_S7, _S6, _S5, _S4, _S3, _S2 = _S
_ONE = np.float32(1.0)


# No reassociation here: it would cancel the rounding constant.
@njit(cache=True, fastmath={"contract"}, forceinline=True)
def _exp_single(x):  # type: ignore[no-untyped-def]
    x = x if x > _SMALLEST_SINGLE else _SMALLEST_SINGLE
    rounded = x * _LOG2E_SINGLE + _ROUND_SINGLE
    k = rounded - _ROUND_SINGLE
    r = x - k * _LN2_HIGH_SINGLE - k * _LN2_LOW_SINGLE
    p = ((((((_S7 * r + _S6) * r + _S5) * r + _S4) * r + _S3) * r + _S2) * r + _ONE) * r + _ONE
    return p * _power_of_two_single(rounded)  # type: ignore[call-arg]


@njit(cache=True, fastmath={"contract"}, forceinline=True)
def _exp_double(x):  # type: ignore[no-untyped-def]
    x = x if x > _SMALLEST_DOUBLE else _SMALLEST_DOUBLE
    rounded = x * _LOG2E_DOUBLE + _ROUND_DOUBLE
    k = rounded - _ROUND_DOUBLE
    r = x - k * _LN2_HIGH_DOUBLE - k * _LN2_LOW_DOUBLE
    p = 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    return p * _power_of_two_double(rounded)  # type: ignore[call-arg]


def exp_nonpositive(x: float) -> float:
    """``exp(x)`` for ``x <= 0``, in the precision of ``x``, for use inside kernels.

    Parameters
    ----------
    x : float32 or float64
        Below -87 (single) or -708 (double) the result is that of the bound, a number near 1e-38 or 1e-308.

    Returns
    -------
    float32 or float64
        Relative error below 2e-7 (single) or 1e-15 (double).
    """
    return float(np.exp(x))


@overload(exp_nonpositive, inline="never")
def _exp_nonpositive(x):  # type: ignore[no-untyped-def]
    if x == types.float32:
        return lambda x: _exp_single(x)
    return lambda x: _exp_double(x)
