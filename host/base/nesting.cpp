#include "host/base/nesting.h"

#include <algorithm>
#include <string>
#include <vector>

namespace gan::base {
namespace {

// The place after the string that opens at `begin`, or the end of the text if it is never closed.
std::size_t behind_string(std::string_view text, std::size_t begin, Notation notation) {
  const char quote = text[begin];
  const std::string three(3, quote);
  const std::string_view rest = text.substr(begin);
  const bool multiline = notation == Notation::toml && rest.starts_with(three);
  const std::string_view closing = std::string_view(three).substr(0, multiline ? 3 : 1);
  for (std::size_t at = begin + closing.size(); at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"')
      ++at;
    else if (text[at] == '\n' && !multiline && notation == Notation::toml)
      return at;  // a mistake: what follows is not a string
    else if (text.substr(at).starts_with(closing))
      return at + closing.size();
  }
  return text.size();
}

// Follows the depth of a text from one bracket, dot or comma to the next.
class Depth {
 public:
  explicit Depth(Notation notation) : notation_(notation) {}

  // Returns false when it is too deep.
  bool add(char c) {
    const bool is_toml = notation_ == Notation::toml;
    if (c == '[' || c == '{') {
      around_.push_back(now_);
      ++now_;
    } else if ((c == ']' || c == '}') && !around_.empty()) {
      now_ = around_.back();
      around_.pop_back();
    } else if (c == '.' && is_toml) {
      ++now_;
    } else if (c == ',' || (c == '\n' && around_.empty())) {
      now_ = around_.empty() ? 0 : around_.back() + 1;
    }
    return now_ <= kDeepest;
  }

 private:
  Notation notation_;
  std::size_t now_ = 0;
  std::vector<std::size_t> around_;  // the depths around the brackets that are open
};

}  // namespace

bool is_nested_too_deep(std::string_view text, Notation notation) {
  const bool is_toml = notation == Notation::toml;
  Depth depth(notation);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"' || (c == '\'' && is_toml)) {
      at = behind_string(text, at, notation) - 1;
    } else if (c == '#' && is_toml) {
      at = std::min(text.find('\n', at), text.size()) - 1;
    } else if (!depth.add(c)) {
      return true;
    }
  }
  return false;
}

}  // namespace gan::base
