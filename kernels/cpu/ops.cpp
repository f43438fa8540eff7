#include "kernels/cpu/ops.h"

#include "kernels/cpu/activations.h"
#include "kernels/cpu/adam.h"
#include "kernels/cpu/bce.h"
#include "kernels/cpu/bias.h"
#include "kernels/cpu/dropout.h"
#include "kernels/cpu/ema.h"
#include "kernels/cpu/embedding.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/maxout.h"
#include "kernels/cpu/penalty.h"
#include "kernels/cpu/random.h"
#include "kernels/cpu/reduce.h"
#include "kernels/cpu/score.h"
#include "kernels/cpu/sgd.h"
#include "kernels/cpu/softmax.h"
#include "kernels/cpu/step.h"

namespace gan {

template struct CpuOps<float>;
template struct CpuOps<double>;

static_assert(ClassifierOperations<CpuOps<float>> && ClassifierOperations<CpuOps<double>>);

}  // namespace gan
