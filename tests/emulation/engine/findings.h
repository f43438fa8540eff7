#pragma once
#include <string>

namespace gan::emulation {

// Keeps a finding for take_findings() and prints it on stderr (the first of many).
void report(std::string finding);

}  // namespace gan::emulation
