#include "host/train/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/model/cpu_backend.h"
#include "host/train/cuda_engine.h"
#include "host/train/device_engine.h"
#include "kernels/cpu/cores.h"
#include "kernels/cpu/memory.h"
#include "kernels/cpu/parallel.h"

namespace gan::train {
namespace {

// The products of this GAN are small: more threads than this wait for each other longer than they
// compute.
constexpr int kMostThreads = 4;

int threads_for(const run::RunSpec& spec) {
  return spec.threads > 0 ? spec.threads : std::min(available_cores(), kMostThreads);
}

// The bytes that a run on a CPU takes, about: images, networks, what they compute, and a
// checkpoint.
std::size_t bytes_for(const run::RunSpec& spec) {
  const auto size = [](auto n) { return static_cast<std::size_t>(n); };
  const auto widths = [&](const model::NetworkShape& shape) {
    std::size_t sum = size(shape.inputs());
    for (const model::Layer& layer : shape.layers)
      sum += size(layer.out + (layer.pieces > 1 ? layer.linear() : 0));
    return sum;
  };
  const model::NetworkShape g = spec.generator(), d = spec.discriminator();
  // Of a network: parameters, gradients, two moments, average; and twice a checkpoint's copies of
  // all but the gradients.
  constexpr std::size_t kArenas = 5, kCheckpoint = 2 * 4;
  const std::size_t values = (kArenas + kCheckpoint) * (g.arena + d.arena) +
                             2 * (2 * size(spec.step_settings().rows()) * widths(g) +
                                  size(spec.step_settings().discriminator_rows()) * widths(d)) +
                             3 * size(spec.data.count) +
                             (spec.shards > 1 ? size(spec.shards) * std::max(g.arena, d.arena) : 0);
  const std::size_t pixels = size(spec.data.count) * size(spec.data.pixels() + 1);  // and a label
  return values * sizeof(float) + pixels + size(threads_for(spec)) * kProductBuffer;
}

// Called before anything is allocated, so that a run does not fail at its first checkpoint.
int require_memory_for(const run::RunSpec& spec) {
  const int threads = threads_for(spec);
  require_memory(bytes_for(spec), fmt::format("a run of this shape on {} thread{}", threads,
                                              threads == 1 ? "" : "s"));
  return threads;
}

std::unique_ptr<Engine> make_cpu_engine(const run::RunSpec& spec, const data::Images& images,
                                        Exchange& exchange) {
  using Backend = model::CpuBackend<float>;
  set_cpu_threads(require_memory_for(spec));
  const auto steps = [&](const Backend& backend, RunState<Backend>& state) {
    return launched_steps(backend, state.gan(), state.data(), exchange);
  };
  return std::make_unique<DeviceEngine<Backend>>(spec, images, steps);
}

enum class Choice { automatic, on_request };

struct Candidate {
  run::EngineKind engine;
  Choice choice;
  std::string (*why_not)(const run::RunSpec& spec);  // why it cannot run `spec`; empty if it can
};

std::string why_no_plain(const run::RunSpec& spec) {
  if (spec.device == run::kCpu && spec.precision != Precision::fp32)
    return fmt::format("--precision {} needs a GPU; a CPU computes in fp32",
                       run::name_of(spec.precision));
  if (spec.precision == Precision::tf32x3)
    return "--precision 3xtf32 needs --engine fused or persistent";
  return "";
}

std::string why_no_gpu(const run::RunSpec& spec) {
  return spec.device == run::kCpu ? fmt::format("--engine {} needs a GPU; a CPU has --engine plain",
                                                run::name_of(spec.engine))
                                  : "";
}

std::string why_no_graph(const run::RunSpec& spec) {
  std::string reason = why_no_gpu(spec);
  return reason.empty() ? why_no_plain(spec) : reason;
}

std::string why_no_early_start(const run::RunSpec& spec) {
  if (std::string reason = why_no_graph(spec); !reason.empty()) return reason;
  constexpr int kNeeded = 90;
  return gpu::cuda_compute_capability(spec.device.number) < kNeeded
             ? "--engine graph-pdl needs a GPU of compute capability 9.0; others have --engine "
               "graph"
             : "";
}

std::string why_no_fused(const run::RunSpec& spec) {
  if (std::string reason = why_no_gpu(spec); !reason.empty()) return reason;
  const std::string reason = why_no_fused_engine(spec);
  return reason.empty() ? "" : fmt::format("--engine {}: {}", run::name_of(spec.engine), reason);
}

using run::EngineKind;

// The fastest first, as measured on an NVIDIA H200 (docs/performance.md).  `persistent`
// can do what `fused` can and is slower, so it is taken on request only.
constexpr Candidate kCandidates[] = {{EngineKind::fused, Choice::automatic, why_no_fused},
                                     {EngineKind::persistent, Choice::on_request, why_no_fused},
                                     {EngineKind::graph_pdl, Choice::automatic, why_no_early_start},
                                     {EngineKind::graph, Choice::automatic, why_no_graph},
                                     {EngineKind::plain, Choice::automatic, why_no_plain}};

}  // namespace

run::Device resolve_device(run::Device device) {
  using Kind = run::Device::Kind;
  if (device == run::kCpu) return device;
  const gpu::CudaDevices gpus = gpu::cuda_devices();
  if (device.kind == Kind::automatic)
    return gpus.count > 0 ? run::Device{Kind::cuda, 0} : run::kCpu;
  if (gpus.count == 0)
    throw base::UsageError("--device " + run::name_of(device) + ": " + gpus.why_none +
                           "; use --device cpu");
  if (device.number >= gpus.count)
    throw base::UsageError(
        "--device " + run::name_of(device) +
        ": there is no such GPU, the last is cuda:" + std::to_string(gpus.count - 1));
  return device;
}

run::EngineKind resolve_engine(const run::RunSpec& spec) {
  std::string reason;
  for (const Candidate& candidate : kCandidates) {
    const bool is_wanted = spec.engine == EngineKind::automatic
                               ? candidate.choice == Choice::automatic
                               : spec.engine == candidate.engine;
    if (!is_wanted) continue;
    run::RunSpec asked = spec;
    asked.engine = candidate.engine;
    reason = candidate.why_not(asked);
    if (reason.empty()) return candidate.engine;
  }
  throw base::UsageError(reason);
}

run::RunSpec resolve(run::RunSpec asked, const run::DataSpec& data) {
  asked.device = resolve_device(asked.device);
  asked.data = data;
  asked.resolve_decay();
  run::validate(asked);
  asked.engine = resolve_engine(asked);
  return asked;
}

Exchange& alone() {
  static model::NoExchange<float> exchange;
  return exchange;
}

std::unique_ptr<Engine> make_engine(const run::RunSpec& spec, const data::Images& images,
                                    Exchange& exchange) {
  run::RunSpec resolved = spec;
  resolved.device = resolve_device(spec.device);
  resolved.engine = resolve_engine(resolved);
  if (resolved.device == run::kCpu) return make_cpu_engine(resolved, images, exchange);
  return make_cuda_engine(resolved, images, exchange);
}

}  // namespace gan::train
