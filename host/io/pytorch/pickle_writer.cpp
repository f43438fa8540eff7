#include "host/io/pytorch/pickle_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace gan::io {
namespace {

// The instructions of pickle's machine that a state dict needs (Python's Lib/pickletools.py).
class Pickle {
 public:
  Pickle() { text_ = "\x80\x02"; }  // PROTO 2

  Pickle& global(const char* module, const char* name) {
    text_ += fmt::format("c{}\n{}\n", module, name);
    return *this;
  }
  Pickle& string(const std::string& value) {  // BINUNICODE
    text_ += 'X';
    word(static_cast<std::uint32_t>(value.size()));
    text_ += value;
    return *this;
  }
  Pickle& integer(std::int64_t value) {  // BININT
    if (value > std::numeric_limits<std::int32_t>::max())
      throw std::runtime_error("a tensor is too large for a state dict");
    text_ += 'J';
    word(static_cast<std::uint32_t>(value));
    return *this;
  }
  Pickle& no() { return code('\x89'); }  // False
  Pickle& mark() { return code('('); }   // where a tuple or a run of items begins
  Pickle& tuple() { return code('t'); }  // of what is above the mark
  Pickle& call() { return code('R'); }   // function, tuple of arguments
  Pickle& empty_tuple() { return code(')'); }
  Pickle& persistent() { return code('Q'); }  // what the reader keeps under this name
  Pickle& set_items() { return code('u'); }   // of the dictionary below the mark
  std::string stop() && { return std::move(code('.').text_); }

 private:
  Pickle& code(char instruction) {
    text_ += instruction;
    return *this;
  }
  void word(std::uint32_t value) {  // little-endian
    for (int shift = 0; shift < 32; shift += 8) text_ += static_cast<char>(value >> shift & 0xff);
  }
  std::string text_;
};

void add_ordered_dict(Pickle& pickle) {
  pickle.global("collections", "OrderedDict").empty_tuple().call();
}

// How far apart neighbours are in each dimension; PyTorch counts an empty dimension as 1.
std::vector<std::int64_t> strides(const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> distances(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    distances[i - 1] = distances[i] * std::max<std::int64_t>(shape[i], 1);
  return distances;
}

// _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward_hooks)
void add_tensor(Pickle& pickle, const Tensor& tensor, std::size_t key) {
  pickle.global("torch._utils", "_rebuild_tensor_v2").mark();
  pickle.mark().string("storage").global("torch", "FloatStorage");
  pickle.string(std::to_string(key)).string("cpu");
  pickle.integer(static_cast<std::int64_t>(tensor.values.size())).tuple().persistent();
  pickle.integer(0);
  pickle.mark();
  for (const std::int64_t length : tensor.shape) pickle.integer(length);
  pickle.tuple().mark();
  for (const std::int64_t stride : strides(tensor.shape)) pickle.integer(stride);
  pickle.tuple().no();
  add_ordered_dict(pickle);
  pickle.tuple().call();
}

}  // namespace

std::string pickle_state_dict(std::span<const Tensor> tensors) {
  Pickle pickle;
  add_ordered_dict(pickle);
  pickle.mark();
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    pickle.string(tensors[i].name);
    add_tensor(pickle, tensors[i], i);
  }
  return std::move(pickle.set_items()).stop();
}

}  // namespace gan::io
