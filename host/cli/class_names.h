// The classes of a conditional generator, as the command line names them.
#pragma once
#include <cstdint>
#include <string>

#include "host/cli/model_file.h"

namespace gan::cli {

// The number of the class `name`, which is a class's name or number and the value of `option`.
// Throws UsageError when the generator has no such class, or no classes.
std::uint8_t class_named(const ModelFile& model, const std::string& option,
                         const std::string& name);

// Throws UsageError, which names the option, when the generator has no classes.
void require_conditional(const ModelFile& model, const std::string& option);

}  // namespace gan::cli
