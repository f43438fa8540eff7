// What a pickle of a state dict is made of.  Containers belong to the machine that runs the pickle
// and are pointed to: a value is small, copying it is cheap, and neither the depth nor a cycle of
// containers costs anything.
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/io/pytorch/pickle.h"

namespace gan::io::pickle {

struct None {};
struct Mark {};
struct Opaque {};  // a value that no state dict needs: a list, a float, an optimizer's settings
struct Storage;
enum class Callable { ordered_dict, rebuild_tensor, rebuild_parameter, passive };
struct Tuple;
struct Dict;
using Value = std::variant<None, Mark, Opaque, bool, std::int64_t, std::string_view, Callable,
                           StorageType, const Storage*, const PickledTensor*, const Tuple*, Dict*>;
struct Storage {
  StorageType type;
  std::string_view key;
  std::size_t size;  // number of values
};
struct Tuple {
  std::vector<Value> items;
};
struct Dict {
  std::vector<std::pair<Value, Value>> items;
};

// The value as a T, where a state dict has nothing else.
template <class T>
const T& as(const Value& value) {
  if (const T* const typed = std::get_if<T>(&value)) return *typed;
  throw std::runtime_error("its pickle is not that of a state dict");
}

// What `module.name` stands for, a callable or the type of a storage; throws if that is nothing a
// dictionary of weights needs.  `passive` are types that hold data, do nothing, and are not wanted.
Value find_global(std::string_view module, std::string_view name);

// torch.save names a storage by ("storage", its type, its key, its device, its size).
Storage find_storage(const Tuple& id);

// _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, hooks[, metadata]); without a
// name yet.
PickledTensor rebuild_tensor(const Tuple& arguments);

// The dictionaries of tensors that a pickle's value is or holds (see parse_state_dicts).
std::vector<PickledState> state_dicts_in(const Value& value);

}  // namespace gan::io::pickle
