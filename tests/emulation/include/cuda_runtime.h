// Stands before the toolkit's header: that one for types and host functions, then what only a
// device compiler would have.
//
// __shared__ is `static`: blocks run one after another, so one copy will do.  (In a cooperative
// launch they run together: there only dynamic shared memory is a block's own.)
#pragma once
#pragma GCC system_header  // for #include_next

#define __shared__ static
#include_next <cuda_runtime.h>

#define __launch_bounds__(...)
#undef __grid_constant__
#define __grid_constant__
// The toolkit's is always_inline, which a sanitizer's attributes may not allow.
#undef __forceinline__
#define __forceinline__ inline

#include "tests/emulation/device/atomics.h"
#include "tests/emulation/device/math.h"
#include "tests/emulation/device/threads.h"
