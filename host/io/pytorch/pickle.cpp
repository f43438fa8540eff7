#include "host/io/pytorch/pickle.h"

#include <fmt/format.h>

#include <deque>
#include <map>

#include "host/base/printable.h"
#include "host/io/pytorch/pickle_values.h"

namespace gan::io {
namespace {

using namespace pickle;

// Each costs some hundred bytes at most.  A tensor takes some forty, a number in a list one.
constexpr std::size_t kMostInstructions = 4'000'000;

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error(what);
}

// The stack machine that a pickle is a program for.  Python's pickletools.py names and documents
// the instructions.
class Machine {
 public:
  explicit Machine(std::string_view pickle) : rest_(pickle) {}

  Value run() {
    for (std::size_t count = 0; execute(next_byte()); ++count)
      if (count == kMostInstructions)
        refuse(fmt::format("its pickle has more than {} instructions; save the weights alone",
                           kMostInstructions));
    return pop();
  }

  std::string_view rest() const { return rest_; }  // after the last instruction
  const std::deque<Storage>& storages() const { return storages_; }

 private:
  // One instruction; false after the last one.
  bool execute(unsigned char instruction) {
    switch (instruction) {
      case 0x80:  // PROTO
        if (const int protocol = next_byte(); protocol < 2 || protocol > 5)
          refuse(fmt::format("its pickle is of protocol {}, and 2 to 5 are read", protocol));
        return true;
      case 0x95:  // FRAME: how much follows at once
        next(8);
        return true;
      case '.':  // STOP
        return false;
      case 'q':  // BINPUT
        memo_[next_integer(1)] = top();
        return true;
      case 'r':  // LONG_BINPUT
        memo_[next_integer(4)] = top();
        return true;
      case 0x94:  // MEMOIZE
        memo_[static_cast<std::int64_t>(memo_.size())] = top();
        return true;
      case '0':  // POP
        pop();
        return true;
      case 'u':  // SETITEMS
        set_items(pop_to_mark());
        return true;
      case 's':  // SETITEM
        set_items(pop_many(2));
        return true;
      case 'a':  // APPEND
        pop();
        as<Opaque>(top());
        return true;
      case 'e':   // APPENDS
      case 0x90:  // ADDITEMS, to a set
        pop_to_mark();
        as<Opaque>(top());
        return true;
      case 'b':  // BUILD: gives a value attributes, of which none is wanted
        pop();
        if (!std::holds_alternative<Opaque>(top())) as<Dict*>(top());
        return true;
      default:
        stack_.push_back(make_value(instruction));
        return true;
    }
  }

  // What an instruction pushes.
  Value make_value(unsigned char instruction) {
    switch (instruction) {
      case '(':
        return Mark{};
      case 'N':
        return None{};
      case 0x88:
        return true;
      case 0x89:
        return false;
      case 'K':  // BININT1
        return next_integer(1);
      case 'M':  // BININT2
        return next_integer(2);
      case 'J':  // BININT
        return static_cast<std::int64_t>(static_cast<std::int32_t>(next_integer(4)));
      case 0x8a:  // LONG1
        return next_long();
      case 'X':  // BINUNICODE
        return next_text(4);
      case 0x8c:  // SHORT_BINUNICODE
        return next_text(1);
      case 0x8d:  // BINUNICODE8
        return next_text(8);
      case 'c':  // GLOBAL
        return next_global();
      case 0x93:  // STACK_GLOBAL
        return global_of(pop_many(2));
      case 'h':  // BINGET
        return remembered(next_integer(1));
      case 'j':  // LONG_BINGET
        return remembered(next_integer(4));
      case ')':  // EMPTY_TUPLE
        return new_tuple({});
      case 't':  // TUPLE
        return new_tuple(pop_to_mark());
      case 0x85:  // TUPLE1, TUPLE2, TUPLE3
      case 0x86:
      case 0x87:
        return new_tuple(pop_many(instruction - 0x84U));
      case '}':  // EMPTY_DICT
        return &dicts_.emplace_back();
      case 'Q':  // BINPERSID
        return &storages_.emplace_back(find_storage(*as<const Tuple*>(pop())));
      case 'R':  // REDUCE
        return call();
      default:
        return make_opaque(instruction);
    }
  }

  // Values of which nothing is wanted.
  Value make_opaque(unsigned char instruction) {
    switch (instruction) {
      case 'G':  // BINFLOAT
        next(8);
        break;
      case 'B':  // BINBYTES
        next_text(4);
        break;
      case 'C':  // SHORT_BINBYTES
        next_text(1);
        break;
      case 0x8e:  // BINBYTES8
        next_text(8);
        break;
      case ']':   // EMPTY_LIST
      case 0x8f:  // EMPTY_SET
        break;
      case 'l':   // LIST
      case 0x91:  // FROZENSET
        pop_to_mark();
        break;
      case 0x81:  // NEWOBJ: class and arguments
        pop();
        if (as<Callable>(pop()) == Callable::passive) break;
        refuse_call();
      default:
        refuse(fmt::format("its pickle has the instruction 0x{:02x}, which no state dict needs",
                           instruction));
    }
    return Opaque{};
  }

  Value call() {
    const Tuple& arguments = *as<const Tuple*>(pop());
    const Value callable = pop();
    if (std::holds_alternative<StorageType>(callable)) refuse_call();
    switch (as<Callable>(callable)) {
      case Callable::ordered_dict:
        if (!arguments.items.empty()) break;
        return &dicts_.emplace_back();
      case Callable::rebuild_tensor:
        return &tensors_.emplace_back(rebuild_tensor(arguments));
      case Callable::rebuild_parameter:  // (tensor, requires_grad, hooks)
        if (arguments.items.empty()) break;
        return as<const PickledTensor*>(arguments.items.front());
      case Callable::passive:
        return Opaque{};
    }
    refuse_call();
  }

  [[noreturn]] static void refuse_call() {
    refuse("its pickle calls something in a way that no state dict needs");
  }

  std::string_view next(std::size_t count) {
    if (count > rest_.size()) refuse("its pickle ends too early");
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }

  unsigned char next_byte() { return static_cast<unsigned char>(next(1).front()); }

  std::string_view next_line() {
    const std::size_t length = rest_.substr(0, rest_.find('\n')).size();
    const std::string_view line = next(length);
    next(1);
    return line;
  }

  Value next_global() {
    const std::string_view module = next_line();
    return find_global(module, next_line());
  }

  static Value global_of(const std::vector<Value>& names) {
    return find_global(as<std::string_view>(names[0]), as<std::string_view>(names[1]));
  }

  // Text that follows its length in bytes.
  std::string_view next_text(std::size_t bytes_of_length) {
    return next(static_cast<std::size_t>(next_integer(bytes_of_length)));
  }

  // A little-endian number without a sign.
  std::int64_t next_integer(std::size_t bytes) {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      number |= static_cast<std::uint64_t>(next_byte()) << 8 * i;
    return static_cast<std::int64_t>(number);
  }

  // A number that needed more than four bytes: a size, so without a sign.
  std::int64_t next_long() {
    const std::size_t bytes = next_byte();
    if (bytes > 8) refuse("its pickle has a number that is too large");
    return next_integer(bytes);
  }

  const Value& top() const {
    if (stack_.empty()) refuse("its pickle takes a value that is not there");
    return stack_.back();
  }

  Value pop() { return pop_many(1).front(); }

  std::vector<Value> pop_many(std::size_t count) {
    if (count > stack_.size()) refuse("its pickle takes a value that is not there");
    const auto first = stack_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<Value> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    return values;
  }

  std::vector<Value> pop_to_mark() {
    std::size_t mark = stack_.size();
    do {
      if (mark == 0) refuse("its pickle takes values that are not there");
    } while (!std::holds_alternative<Mark>(stack_[--mark]));
    std::vector<Value> values = pop_many(stack_.size() - mark - 1);
    pop();
    return values;
  }

  void set_items(const std::vector<Value>& keys_and_values) {
    if (keys_and_values.size() % 2 != 0) refuse("its pickle has a key without a value");
    if (std::holds_alternative<Opaque>(top())) return;
    Dict& dict = *as<Dict*>(top());
    for (std::size_t i = 0; i < keys_and_values.size(); i += 2)
      dict.items.emplace_back(keys_and_values[i], keys_and_values[i + 1]);
  }

  const Tuple* new_tuple(std::vector<Value> items) {
    return &tuples_.emplace_back(Tuple{std::move(items)});
  }

  const Value& remembered(std::int64_t number) const {
    const auto found = memo_.find(number);
    if (found == memo_.end()) refuse("its pickle recalls a value that it did not keep");
    return found->second;
  }

  std::string_view rest_;  // not yet executed
  std::vector<Value> stack_;
  std::map<std::int64_t, Value> memo_;
  std::deque<Tuple> tuples_;
  std::deque<Dict> dicts_;
  std::deque<Storage> storages_;
  std::deque<PickledTensor> tensors_;
};

}  // namespace

std::vector<PickledState> parse_state_dicts(std::string_view pickle) {
  PickledStorages storages;
  return take_state_dicts(pickle, storages);
}

std::vector<PickledState> take_state_dicts(std::string_view& pickles, PickledStorages& storages) {
  Machine machine(pickles);
  const Value whole = machine.run();
  pickles = machine.rest();
  for (const Storage& storage : machine.storages())
    storages.insert_or_assign(std::string(storage.key), PickledStorage{storage.type, storage.size});
  return state_dicts_in(whole);
}

void skip_pickle(std::string_view& pickles) {
  Machine machine(pickles);
  machine.run();
  pickles = machine.rest();
}

}  // namespace gan::io
