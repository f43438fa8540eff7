// gan_ops_bench: times single operations.
#include <cstdio>
#include <exception>

#include "host/bench/gpu_operations.h"
#include "host/bench/operations_bench.h"
#include "host/model/cpu_backend.h"
#include "kernels/cpu/denormals.h"
#include "kernels/cpu/parallel.h"

namespace {

void print_help() {
  std::printf(
      "Times every operation of kernels/ops.h at the shapes of the published networks and a batch "
      "of 128,\n"
      "on one thread of the CPU (cpu/...) and, where there is one, on the first GPU (cuda/..., by "
      "CUDA events;\n"
      "cuda_tf32/... are the matrix products on tensor cores).  flop and bytes are those of a "
      "call.\n"
      "usage: gan_ops_bench [--benchmark_filter=REGEX] [--benchmark_min_time=SECONDS]\n"
      "                     [--benchmark_format=console|json|csv] [--benchmark_out=FILE]\n"
      "                     [--benchmark_list_tests]\n");
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv, print_help);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  gan::set_cpu_threads(1);
  const gan::FlushDenormals flush;
  gan::bench::OperationsBench<gan::model::CpuBackend<float>> cpu("cpu");
  cpu.add_all();
  gan::bench::add_gpu_operations();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gan_ops_bench: %s\n", error.what());
    return 1;
  }
}
