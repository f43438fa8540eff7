// One warp that multiplies what its lanes are given.
#pragma once

namespace gan::emulation {

// Lane by lane: d[lane] = mma(a[lane], b[lane], c[lane]), inputs rounded to TF32 before.
// a, c, d: (32, 4); b: (32, 2), on the device.
void launch_mma(float* d, const float* a, const float* b, const float* c);

// y = to_tf32(x).  y, x: (32) on the device.
void launch_to_tf32(float* y, const float* x);

}  // namespace gan::emulation
