// The pickle of PyTorch's weights, read without executing anything.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/value_type.h"

namespace gan::io {

// The values of a tensor as PyTorch names them (torch.HalfStorage).
struct StorageType {
  std::optional<ValueType> type;  // none: of a type that is not read
  std::string_view name;          // "HalfStorage"
  std::size_t bytes = 0;          // of one value; 0 where it is not known
};

// A tensor as the pickle describes it.  Its values lie in a storage, a record of its own.
struct PickledTensor {
  std::string name;
  std::vector<std::int64_t> shape, strides;  // strides: values from one index to the next
  std::size_t count;                         // number of values, the product of the shape
  StorageType type;
  std::string storage;       // key of the record
  std::size_t storage_size;  // values in it
  std::size_t offset;        // of the first value
  std::size_t reach;         // values from `offset` to the last; offset + reach ≤ storage_size

  bool contiguous() const;  // the values follow each other row by row
};

// A dictionary name → tensor.
struct PickledState {
  std::string key;  // where it lies in the pickle: "model", "nets.G"; empty for the whole
  std::vector<PickledTensor> tensors;
};

// The state dicts that the pickle is or holds, as torch.save(module.state_dict(), …) pickles them;
// one with an only, nameless tensor where the pickle is a tensor.  A pickle is a program; this
// machine knows only the instructions that dictionaries take and the names of what does nothing,
// and refuses everything else: std::runtime_error with the reason, without the name of the file.
// The texts and views in the result point into the pickle.
std::vector<PickledState> parse_state_dicts(std::string_view pickle);

struct PickledStorage {
  StorageType type;
  std::size_t size;  // values
};
using PickledStorages = std::map<std::string, PickledStorage>;

// Where pickles follow each other: takes the first off the front of the text, and tells all the
// storages that it names.
std::vector<PickledState> take_state_dicts(std::string_view& pickles, PickledStorages& storages);

// Takes the first off, whatever it holds.
void skip_pickle(std::string_view& pickles);

}  // namespace gan::io
