#include "host/run/choices.h"

#include <charconv>

namespace gan::run {

std::string name_of(Device device) {
  switch (device.kind) {
    case Device::Kind::cpu:
      return "cpu";
    case Device::Kind::cuda:
      return "cuda:" + std::to_string(device.number);
    case Device::Kind::automatic:
      break;
  }
  return "auto";
}

Device device_named(std::string_view name) {
  constexpr std::string_view kPrefix = "cuda:";
  if (name == "auto") return {};
  if (name == "cpu") return kCpu;
  if (name == "cuda") return {Device::Kind::cuda, 0};
  int number = -1;
  const char* const end = name.data() + name.size();
  if (name.starts_with(kPrefix)) {
    const auto [parsed, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
    if (error == std::errc() && parsed == end && number >= 0) return {Device::Kind::cuda, number};
  }
  throw base::UsageError("--device must be auto, cpu, cuda or cuda:N, not \"" + std::string(name) +
                         "\"");
}

}  // namespace gan::run
