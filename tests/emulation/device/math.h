// Arithmetic that the device has and <cmath> has not.
//
// Limits: the accurate host functions stand in for the fast intrinsics and for the device's own
// library, so results agree to a tolerance, not to the bit.  Correctly rounded operations
// (__fadd_rn, __fmaf_rn …) are exact.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

// Names that glibc keeps for itself.
#define __expf(x) expf(x)
#define __exp10f(x) exp10f(x)
#define __logf(x) logf(x)
#define __log2f(x) log2f(x)
#define __log10f(x) log10f(x)
#define __sinf(x) sinf(x)
#define __cosf(x) cosf(x)
#define __tanf(x) tanf(x)
#define __powf(x, y) powf(x, y)
#define __sincosf(x, s, c) sincosf(x, s, c)

inline float rsqrtf(float x) {
  return 1 / std::sqrt(x);
}
inline double rsqrt(double x) {
  return 1 / std::sqrt(x);
}
inline float __fdividef(float x, float y) {
  return x / y;
}
inline float __saturatef(float x) {
  return x >= 0 ? (x <= 1 ? x : 1) : 0;  // NaN gives 0
}

// The reduction of x to [-1, 1] is exact, so that whole and half turns give exact zeros.
inline void sincospif(float x, float* sine, float* cosine) {
  const double turn = std::remainder(static_cast<double>(x), 2.0);
  const double quarters = std::round(2 * turn), rest = (turn - quarters / 2) * M_PI;
  const double s = std::sin(rest), c = std::cos(rest);
  const int quarter = static_cast<int>(quarters) & 3;
  *sine = static_cast<float>(quarter == 0 ? s : quarter == 1 ? c : quarter == 2 ? -s : -c);
  *cosine = static_cast<float>(quarter == 0 ? c : quarter == 1 ? -s : quarter == 2 ? -c : s);
}
inline float sinpif(float x) {
  float sine, cosine;
  sincospif(x, &sine, &cosine);
  return sine;
}
inline float cospif(float x) {
  float sine, cosine;
  sincospif(x, &sine, &cosine);
  return cosine;
}

inline float __fadd_rn(float x, float y) {
  return x + y;
}
inline float __fsub_rn(float x, float y) {
  return x - y;
}
inline float __fmul_rn(float x, float y) {
  return x * y;
}
inline float __fdiv_rn(float x, float y) {
  return x / y;
}
inline float __fmaf_rn(float x, float y, float z) {
  return std::fma(x, y, z);
}
inline float __frcp_rn(float x) {
  return 1 / x;
}
inline float __fsqrt_rn(float x) {
  return std::sqrt(x);
}
inline float __frsqrt_rn(float x) {
  return static_cast<float>(1 / std::sqrt(static_cast<double>(x)));
}

namespace gan::emulation {

// A conversion to an integer: it saturates, and NaN gives 0.
template <class Integer>
Integer to_integer(double rounded) {
  constexpr double low = std::numeric_limits<Integer>::min(),
                   high = std::numeric_limits<Integer>::max();
  if (std::isnan(rounded)) return 0;
  return static_cast<Integer>(rounded < low ? low : rounded > high ? high : rounded);
}

}  // namespace gan::emulation

inline int __float2int_rn(float x) {
  return gan::emulation::to_integer<int>(std::nearbyint(x));
}
inline int __float2int_rz(float x) {
  return gan::emulation::to_integer<int>(std::trunc(x));
}
inline int __float2int_rd(float x) {
  return gan::emulation::to_integer<int>(std::floor(x));
}
inline int __float2int_ru(float x) {
  return gan::emulation::to_integer<int>(std::ceil(x));
}
inline unsigned __float2uint_rn(float x) {
  return gan::emulation::to_integer<unsigned>(std::nearbyint(x));
}
inline unsigned __float2uint_rz(float x) {
  return gan::emulation::to_integer<unsigned>(std::trunc(x));
}
inline float __int2float_rn(int x) {
  return static_cast<float>(x);
}
inline float __uint2float_rn(unsigned x) {
  return static_cast<float>(x);
}
inline float __uint_as_float(unsigned x) {
  return std::bit_cast<float>(x);
}
inline float __int_as_float(int x) {
  return std::bit_cast<float>(x);
}
inline unsigned __float_as_uint(float x) {
  return std::bit_cast<unsigned>(x);
}
inline int __float_as_int(float x) {
  return std::bit_cast<int>(x);
}

inline unsigned __umulhi(unsigned x, unsigned y) {
  return static_cast<unsigned>(std::uint64_t{x} * y >> 32);
}
inline int __popc(unsigned x) {
  return std::popcount(x);
}
inline int __popcll(unsigned long long x) {
  return std::popcount(x);
}
inline int __clz(int x) {
  return std::countl_zero(static_cast<unsigned>(x));
}
inline int __ffs(int x) {
  return __builtin_ffs(x);
}
inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int i = 0; i < 32; ++i) reversed |= (x >> i & 1) << (31 - i);
  return reversed;
}
inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) << (shift & 31) >> 32);
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) >> (shift & 31));
}

// Of numbers of two types, as CUDA's overloads: compared in their common type.
template <class X, class Y>
constexpr std::common_type_t<X, Y> max(X x, Y y) {
  using T = std::common_type_t<X, Y>;
  return static_cast<T>(x) < static_cast<T>(y) ? static_cast<T>(y) : static_cast<T>(x);
}
template <class X, class Y>
constexpr std::common_type_t<X, Y> min(X x, Y y) {
  using T = std::common_type_t<X, Y>;
  return static_cast<T>(y) < static_cast<T>(x) ? static_cast<T>(y) : static_cast<T>(x);
}

// Loads and stores with a hint for the caches: there are none.
template <class T>
T __ldg(const T* address) {
  return *address;
}
template <class T>
T __ldca(const T* address) {
  return *address;
}
template <class T>
T __ldcg(const T* address) {
  return *address;
}
template <class T>
T __ldcs(const T* address) {
  return *address;
}
template <class T>
void __stcg(T* address, std::type_identity_t<T> value) {
  *address = value;
}
template <class T>
void __stcs(T* address, std::type_identity_t<T> value) {
  *address = value;
}
template <class T>
void __stwt(T* address, std::type_identity_t<T> value) {
  *address = value;
}
