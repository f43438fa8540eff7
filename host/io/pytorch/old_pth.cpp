#include "host/io/pytorch/old_pth.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>

#include "host/base/file.h"
#include "host/io/pytorch/pickle.h"
#include "host/io/pytorch/pickled_values.h"

namespace gan::io {
namespace {

constexpr std::size_t kMagic = 15;  // bytes of the first pickle, which file_kind.cpp knows

using Bytes = std::span<const std::byte>;

// Where each storage lies in what is after the pickles.
std::map<std::string, Bytes> find_storages(const PickledStorages& storages, std::string_view rest) {
  std::map<std::string, Bytes> found;
  const auto take = [&rest](std::size_t count) {
    if (count > rest.size()) throw std::runtime_error("it is cut short");
    const std::string_view bytes = rest.substr(0, count);
    rest.remove_prefix(count);
    return bytes;
  };
  for (const auto& [key, storage] : storages) {
    std::uint64_t count = 0, bytes = 0;
    std::memcpy(&count, take(sizeof(count)).data(), sizeof(count));
    if (count != storage.size || storage.type.bytes == 0 ||
        __builtin_mul_overflow(count, storage.type.bytes, &bytes))
      throw std::runtime_error("its storages are not those that its pickle names");
    found[key] = std::as_bytes(std::span(take(bytes)));
  }
  return found;
}

}  // namespace

std::vector<StateDict> read_old_pytorch(const std::filesystem::path& path) {
  const std::string file = base::read_file(path);
  std::string_view rest = std::string_view(file).substr(std::min(kMagic, file.size()));
  skip_pickle(rest);  // the version
  skip_pickle(rest);  // the machine
  PickledStorages storages;
  const std::vector<PickledState> states = take_state_dicts(rest, storages);
  skip_pickle(rest);  // the keys, which are those of all storages in their order as texts
  const std::map<std::string, Bytes> found = find_storages(storages, rest);
  const StorageSource source{"", [&](const std::string& key) { return found.at(key).size(); },
                             [&](const std::string& key, std::span<std::byte> bytes) {
                               std::ranges::copy(found.at(key), bytes.begin());
                             }};
  return with_values(states, file.size(), source);
}

}  // namespace gan::io
