#include "host/io/pytorch/pickled_values.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "host/base/printable.h"

namespace gan::io {
namespace {

constexpr std::uint64_t kMostViews = 2;  // of every value in the file, on average

// The values of any view into its storage, row by row.
std::vector<float> values_of(const PickledTensor& tensor, std::span<const float> storage) {
  const float* const first = storage.data() + tensor.offset;
  if (tensor.contiguous()) return {first, first + tensor.count};
  std::vector<float> values(tensor.count);
  std::vector<std::int64_t> index(tensor.shape.size(), 0);
  std::int64_t place = 0;
  for (float& value : values) {
    value = first[place];
    for (std::size_t k = index.size(); k-- > 0;) {  // count up, the last dimension first
      place += tensor.strides[k];
      if (++index[k] < tensor.shape[k]) break;
      place -= tensor.shape[k] * tensor.strides[k];
      index[k] = 0;
    }
  }
  return values;
}

class Storages {
 public:
  Storages(std::uint64_t file_size, const StorageSource& source)
      : of_storages_(file_size), of_tensors_(kMostViews * file_size), source_(source) {}

  Tensor tensor(const PickledTensor& tensor) {
    const ValueType type = *tensor.type.type;
    const std::span<const float> storage = whole(tensor, type);
    std::uint64_t bytes = 0;
    if (__builtin_mul_overflow(tensor.count, size_of(type), &bytes)) bytes = of_tensors_ + 1;
    spend(of_tensors_, bytes);
    return {tensor.name, tensor.shape, values_of(tensor, storage), type};
  }

 private:
  std::span<const float> whole(const PickledTensor& tensor, ValueType type) {
    const auto [place, is_new] = known_.try_emplace(tensor.storage);
    std::vector<float>& values = place->second;
    if (is_new) {
      const std::uint64_t bytes = source_.size(tensor.storage);
      // Division: storage_size is the file's claim and may overflow as bytes.
      if (bytes / size_of(type) != tensor.storage_size || bytes % size_of(type) != 0)
        refuse_size(tensor);
      spend(of_storages_, bytes);
      std::vector<std::byte> stored(bytes);
      source_.read(tensor.storage, stored);
      values.resize(tensor.storage_size);
      to_floats(type, stored, values);
    }
    if (values.size() != tensor.storage_size) refuse_size(tensor);  // two claims of one storage
    return values;
  }

  [[noreturn]] void refuse_size(const PickledTensor& tensor) const {
    throw std::runtime_error(fmt::format("{} does not have the {} values that it should",
                                         base::printable(source_.folder + tensor.storage),
                                         tensor.storage_size));
  }
  static void spend(std::uint64_t& left, std::uint64_t bytes) {
    if (bytes > left) throw std::runtime_error("its tensors share storages; save clones of them");
    left -= bytes;
  }

  std::uint64_t of_storages_, of_tensors_;  // bytes that may still be read
  const StorageSource& source_;
  std::map<std::string, std::vector<float>> known_;
};

}  // namespace

std::vector<StateDict> with_values(const std::vector<PickledState>& states, std::uint64_t file_size,
                                   const StorageSource& source) {
  Storages storages(file_size, source);
  std::vector<StateDict> all;
  for (const PickledState& state : states) {
    StateDict& dict = all.emplace_back(StateDict{state.key, {}});
    for (const PickledTensor& tensor : state.tensors)
      if (!tensor.type.type && dict.problem.empty())
        dict.problem = fmt::format(
            "its tensor {} is a {}; only tensors of floats are read, and of bytes as images",
            base::printable(tensor.name),
            base::printable(fmt::format("torch.{}", tensor.type.name)));
    if (!dict.problem.empty()) continue;
    for (const PickledTensor& tensor : state.tensors)
      dict.file.tensors.push_back(storages.tensor(tensor));
  }
  return all;
}

}  // namespace gan::io
