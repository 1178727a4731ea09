"""An exponential that LLVM can run on eight seasons at once.

The C library's ``exp`` is a call, and a call ends vectorisation. This one is additions, multiplications and two
bit casts: reduce to |r| <= ln 2 / 2, evaluate a polynomial, shift the exponent in.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from lumbung.farm.engine.jit import smooth

_LOG2_E = 1.4426950408889634
_LN2_HIGH = (
    6.93147180369123816490e-01  # fdlibm's split of ln 2: the high part ends in zeros, so n * high is exact
)
_LN2_LOW = 1.90821492927058770002e-10
_SHIFTER = (
    6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer and leaves that integer in the low bits
)
_LOWEST = -708.0


@intrinsic
def _bits(typingctx, value):  # type: ignore[no-untyped-def]
    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), build


@intrinsic
def _from_bits(typingctx, value):  # type: ignore[no-untyped-def]
    def build(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), build


@smooth
def exp(x: float) -> float:
    """Return e**x for x up to 709, within about one unit in the last place.

    The polynomial of degree 11 interpolates e**r at the Chebyshev nodes of |r| <= ln 2 / 2; its own relative error
    is 1.7e-17. Below -708 the result stays at e**-708, which is 3e-308 and not zero.
    """
    x = x if x > _LOWEST else _LOWEST
    shifted = x * _LOG2_E + _SHIFTER
    n = shifted - _SHIFTER
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
    return _from_bits(_bits(p) + (_bits(shifted) << 52))  # type: ignore[call-arg]
