#include "host/io/pytorch/pickle_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "host/base/printable.h"

namespace gan::io::pickle {
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

StorageType type_of_storage(std::string_view name) {
  if (name == "FloatStorage") return {ValueType::f32, name, 4};
  if (name == "HalfStorage") return {ValueType::f16, name, 2};
  if (name == "BFloat16Storage") return {ValueType::bf16, name, 2};
  if (name == "DoubleStorage") return {ValueType::f64, name, 8};
  if (name == "ByteStorage") return {ValueType::u8, name, 1};
  if (name == "BoolStorage") return {ValueType::boolean, name, 1};
  const std::size_t bytes = name == "LongStorage"    ? 8
                            : name == "IntStorage"   ? 4
                            : name == "ShortStorage" ? 2
                            : name == "CharStorage"  ? 1
                                                     : 0;
  return {std::nullopt, name, bytes};
}

// Types of what a training program keeps beside its weights.  An empty name: all of the module.
// Each is recognised by its name alone; none is imported, made or called.
bool is_passive(std::string_view module, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 25> kPassive{{
      {"argparse", "Namespace"},
      {"types", "SimpleNamespace"},
      {"collections", "defaultdict"},
      {"collections", "deque"},
      {"collections", "Counter"},
      {"builtins", "set"},
      {"builtins", "frozenset"},
      {"builtins", "dict"},
      {"builtins", "list"},
      {"builtins", "complex"},
      {"__builtin__", "set"},
      {"__builtin__", "frozenset"},
      {"__builtin__", "dict"},
      {"__builtin__", "list"},
      {"pathlib", ""},
      {"datetime", ""},
      {"_codecs", "encode"},
      {"numpy", "dtype"},
      {"numpy", "ndarray"},
      {"numpy.core.multiarray", "scalar"},
      {"numpy.core.multiarray", "_reconstruct"},
      {"numpy._core.multiarray", "scalar"},
      {"numpy._core.multiarray", "_reconstruct"},
      {"torch", "Size"},
      {"torch", "device"},
  }};
  const bool dtype =
      module == "torch" && (name.starts_with("float") || name.starts_with("bfloat") ||
                            name.starts_with("int") || name.starts_with("uint"));
  return dtype || std::ranges::any_of(kPassive, [&](const auto& known) {
           return known.first == module && (known.second.empty() || known.second == name);
         });
}

// Fills in count and reach of any view into the storage.
void measure(PickledTensor& tensor) {
  std::size_t last = 0;  // where the last value is, as seen from the first
  bool fits = true;
  for (const std::int64_t extent : tensor.shape)
    require(!__builtin_mul_overflow(tensor.count, static_cast<std::size_t>(extent), &tensor.count),
            "the shape of a tensor is too large");
  if (tensor.count == 0) return;
  for (std::size_t k = 0; k < tensor.shape.size(); ++k) {
    std::size_t distance = 0;
    fits = fits &&
           !__builtin_mul_overflow(static_cast<std::size_t>(tensor.shape[k] - 1),
                                   static_cast<std::size_t>(tensor.strides[k]), &distance) &&
           !__builtin_add_overflow(last, distance, &last);
  }
  require(fits && last < tensor.storage_size, "a tensor reaches beyond its storage");
  tensor.reach = last + 1;
}

}  // namespace

Value find_global(std::string_view module, std::string_view name) {
  if (module == "collections" && name == "OrderedDict") return Callable::ordered_dict;
  if (module == "torch._utils" && name == "_rebuild_tensor_v2") return Callable::rebuild_tensor;
  if (module == "torch._utils" && name == "_rebuild_parameter") return Callable::rebuild_parameter;
  if (module == "torch" && name.ends_with("Storage")) return type_of_storage(name);
  if (is_passive(module, name)) return Callable::passive;
  throw std::runtime_error(
      fmt::format("it would run {}, and nothing in a file is run; save model.state_dict() alone",
                  base::printable(fmt::format("{}.{}", module, name))));
}

Storage find_storage(const Tuple& id) {
  require(id.items.size() >= 5 && id.items.size() <= 6 &&
              as<std::string_view>(id.items[0]) == "storage" &&
              std::holds_alternative<StorageType>(id.items[1]),
          "its pickle refers to something that is not a storage");
  return {as<StorageType>(id.items[1]), as<std::string_view>(id.items[2]), as_size(id.items[4])};
}

PickledTensor rebuild_tensor(const Tuple& arguments) {
  require(arguments.items.size() >= 4, "its pickle builds a tensor in an unknown way");
  const Storage& storage = *as<const Storage*>(arguments.items[0]);
  const auto& shape = as<const Tuple*>(arguments.items[2])->items;
  const auto& strides = as<const Tuple*>(arguments.items[3])->items;
  require(shape.size() == strides.size() && shape.size() <= kMostDimensions,
          "its pickle has a tensor with impossible dimensions");
  PickledTensor tensor{{},
                       {},
                       {},
                       1,
                       storage.type,
                       std::string(storage.key),
                       storage.size,
                       as_size(arguments.items[1]),
                       0};
  for (std::size_t k = 0; k < shape.size(); ++k) {
    tensor.shape.push_back(static_cast<std::int64_t>(as_size(shape[k])));
    tensor.strides.push_back(static_cast<std::int64_t>(as_size(strides[k])));
  }
  measure(tensor);
  require(tensor.offset <= storage.size && tensor.reach <= storage.size - tensor.offset,
          "a tensor reaches beyond its storage");
  return tensor;
}

}  // namespace gan::io::pickle

namespace gan::io {

bool PickledTensor::contiguous() const {
  std::int64_t expected = 1;
  for (std::size_t k = shape.size(); k-- > 0;) {
    if (shape[k] != 1 && strides[k] != expected) return false;
    expected *= shape[k];
  }
  return true;
}

}  // namespace gan::io
