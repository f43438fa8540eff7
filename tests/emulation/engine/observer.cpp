#include "tests/emulation/engine/observer.h"

namespace gan::emulation {
namespace {
Observer* the_observer = nullptr;
}

Observer* observer() {
  return the_observer;
}

void set_observer(Observer* observer) {
  the_observer = observer;
}

}  // namespace gan::emulation
