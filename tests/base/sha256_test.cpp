#include "host/base/sha256.h"

#include <gtest/gtest.h>

#include "host/base/atomic_file.h"
#include "tests/base/support.h"

namespace gan::base {
namespace {

// FIPS 180-2, appendix B: "abc" and a million times "a".
TEST(Sha256, IsThatOfThePublishedExamples) {
  TemporaryFolder folder;
  write_file(folder / "abc", std::string_view("abc"));
  EXPECT_EQ(sha256_of(folder / "abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write_file(folder / "million", std::string_view(std::string(1'000'000, 'a')));
  EXPECT_EQ(sha256_of(folder / "million"),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, NeedsTheFile) {
  TemporaryFolder folder;
  expect_error([&] { sha256_of(folder / "none"); }, "cannot read ", (folder / "none").string(),
               "No such file");
}

}  // namespace
}  // namespace gan::base
