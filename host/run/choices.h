// The enumerations that a user names, as options, in files and in messages.
#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/errors.h"
#include "host/model/gan.h"

namespace gan::run {

// How the steps are launched on a device (host/train/engine.h).
enum class EngineKind { automatic, plain, graph, graph_pdl, fused, persistent };

// G's weights as trained, or their moving average.
enum class GeneratorWeights { trained, average };

// How the ranks of a run add the gradients of their shards.
enum class Reduce {
  exact,  // every rank gathers all parts and adds them in the order of the shards
  fast,   // each rank adds its own parts, then the sums are added over the ranks
};

// Where a run computes.
struct Device {
  enum class Kind { automatic, cpu, cuda };

  Kind kind = Kind::automatic;
  int number = 0;  // of the GPU; 0 for other kinds

  bool operator==(const Device&) const = default;
};
inline constexpr Device kCpu{Device::Kind::cpu, 0};

template <class Enum>
struct Choice {
  std::string_view name;
  Enum value;
};

// The choices of an enumeration, in the order in which messages list them.
template <class Enum>
inline constexpr std::array<Choice<Enum>, 0> kChoices;

template <>
inline constexpr auto kChoices<model::GanLoss> =
    std::to_array<Choice<model::GanLoss>>({{"non-saturating", model::GanLoss::non_saturating},
                                           {"minimax", model::GanLoss::minimax},
                                           {"relativistic", model::GanLoss::relativistic},
                                           {"least-squares", model::GanLoss::least_squares},
                                           {"hinge", model::GanLoss::hinge},
                                           {"wasserstein", model::GanLoss::wasserstein}});
template <>
inline constexpr auto kChoices<model::Optimiser> =
    std::to_array<Choice<model::Optimiser>>({{"adam", model::Optimiser::adam},
                                             {"rmsprop", model::Optimiser::rmsprop},
                                             {"sgd", model::Optimiser::sgd}});
template <>
inline constexpr auto kChoices<model::LatentDistribution> =
    std::to_array<Choice<model::LatentDistribution>>({{"normal", model::LatentDistribution::normal},
                                                      {"uniform",
                                                       model::LatentDistribution::uniform}});
template <>
inline constexpr auto kChoices<Decay> = std::to_array<Choice<Decay>>({{"constant", Decay::constant},
                                                                      {"linear", Decay::linear},
                                                                      {"cosine", Decay::cosine},
                                                                      {"exponential",
                                                                       Decay::exponential}});
template <>
inline constexpr auto kChoices<Precision> = std::to_array<Choice<Precision>>(
    {{"fp32", Precision::fp32}, {"tf32", Precision::tf32}, {"3xtf32", Precision::tf32x3}});
template <>
inline constexpr auto kChoices<EngineKind> =
    std::to_array<Choice<EngineKind>>({{"auto", EngineKind::automatic},
                                       {"plain", EngineKind::plain},
                                       {"graph", EngineKind::graph},
                                       {"graph-pdl", EngineKind::graph_pdl},
                                       {"fused", EngineKind::fused},
                                       {"persistent", EngineKind::persistent}});
template <>
inline constexpr auto kChoices<Reduce> = std::to_array<Choice<Reduce>>({{"exact", Reduce::exact},
                                                                        {"fast", Reduce::fast}});
template <>
inline constexpr auto kChoices<GeneratorWeights> = std::to_array<Choice<GeneratorWeights>>(
    {{"trained", GeneratorWeights::trained}, {"average", GeneratorWeights::average}});

template <class T>
concept Named = kChoices<T>
.size() > 0;

template <Named Enum>
constexpr std::string_view name_of(Enum value) {
  for (const Choice<Enum>& choice : kChoices<Enum>)
    if (choice.value == value) return choice.name;
  return {};
}

// "plain, graph, fused"
template <Named Enum>
std::string names() {
  std::string all;
  for (const Choice<Enum>& choice : kChoices<Enum>)
    all.append(all.empty() ? "" : ", ").append(choice.name);
  return all;
}

// The value of that name.  Throws UsageError, which names the option.
template <Named Enum>
Enum named(std::string_view option, std::string_view name) {
  for (const Choice<Enum>& choice : kChoices<Enum>)
    if (choice.name == name) return choice.value;
  throw base::UsageError("--" + std::string(option) + ": there is no \"" + std::string(name) +
                         "\", only " + names<Enum>());
}

// "auto", "cpu" or "cuda:N".
std::string name_of(Device device);

// The device named "auto", "cpu", "cuda" (which is cuda:0) or "cuda:N".  Throws UsageError.
Device device_named(std::string_view name);

}  // namespace gan::run
