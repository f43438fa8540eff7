// One warp that copies to shared memory while it goes on, and one that reads matrices there.
#pragma once

namespace gan::emulation {

// Lane by lane: y[lane] = what shared memory holds after a copy of `values` floats, 1 or 4, of
// x[lane], if there[lane]; early[lane] = what it holds before the wait, where 7 stood.
// x, y, early: (32, values), there: (32), on the device.
void launch_copies(float* y, float* early, const float* x, const int* there, int values);

// Lane by lane: two groups of one copy each, of x[lane] and x[32 + lane].  y[0..1][lane]: what both
// have brought when all groups but the last have been waited for; y[2..3][lane]: all groups.
// x: (64), y: (4, 32), on the device.
void launch_groups(float* y, const float* x);

// y[lane] = load_matrices() of x, (32, 4), in shared memory, where lane l names row 5·l mod 32.
void launch_load_matrices(float* y, const float* x);

}  // namespace gan::emulation
