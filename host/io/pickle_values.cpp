#include "host/io/pickle_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/io/printable.h"

namespace gan::pickle {
namespace {

constexpr std::size_t kMostDimensions = 64;  // as in PyTorch

void require(bool condition, const char* otherwise) {
  if (!condition) throw std::runtime_error(otherwise);
}

std::size_t as_size(const Value& value) {
  const std::int64_t number = as<std::int64_t>(value);
  require(number >= 0, "its pickle has a negative size");
  return static_cast<std::size_t>(number);
}

}  // namespace

Callable find_callable(std::string_view module, std::string_view name) {
  if (module == "collections" && name == "OrderedDict") return Callable::ordered_dict;
  if (module == "torch._utils" && name == "_rebuild_tensor_v2") return Callable::rebuild_tensor;
  if (module == "torch" && name == "FloatStorage") return Callable::float_storage;
  const std::string full = printable(fmt::format("{}.{}", module, name));
  if (module == "torch" && name.ends_with("Storage"))
    throw std::runtime_error(fmt::format("it has a {}; only 32-bit floats are read", full));
  throw std::runtime_error(fmt::format(
      "it would run {}, and nothing in a file is run; save model.state_dict() alone", full));
}

Storage find_storage(const Tuple& id) {
  require(id.items.size() == 5 && as<std::string_view>(id.items[0]) == "storage" &&
              as<Callable>(id.items[1]) == Callable::float_storage,
          "its pickle refers to something that is no storage");
  return {as<std::string_view>(id.items[2]), as_size(id.items[4])};
}

PickledTensor rebuild_tensor(const Tuple& arguments) {
  require(arguments.items.size() >= 4, "its pickle builds a tensor in an unknown way");
  const auto& storage = as<Storage>(arguments.items[0]);
  const std::size_t offset = as_size(arguments.items[1]);
  const auto& shape = as<const Tuple*>(arguments.items[2])->items;
  const auto& strides = as<const Tuple*>(arguments.items[3])->items;
  require(shape.size() == strides.size() && shape.size() <= kMostDimensions,
          "its pickle has a tensor with impossible dimensions");
  PickledTensor tensor{{}, {}, 1, std::string(storage.key), storage.size, offset};
  for (std::size_t k = shape.size(); k-- > 0;) {
    const std::size_t extent = as_size(shape[k]);
    require(extent == 1 || as_size(strides[k]) == tensor.count,
            "a tensor is not contiguous; save it with .contiguous()");
    require(!__builtin_mul_overflow(tensor.count, extent, &tensor.count),
            "the shape of a tensor is too large");
    tensor.shape.push_back(static_cast<std::int64_t>(extent));
  }
  std::ranges::reverse(tensor.shape);
  require(offset <= storage.size && tensor.count <= storage.size - offset,
          "a tensor reaches beyond its storage");
  return tensor;
}

}  // namespace gan::pickle
