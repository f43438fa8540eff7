// docs/options.md has the tables of all options between the marks `<!-- options: GROUP -->` and
// `<!-- end -->`.  GAN_UPDATE_DOCUMENTS=1 has this test write them.
#include <gmock/gmock.h>

#include <cstdlib>

#include "host/base/atomic_file.h"
#include "host/base/file.h"
#include "host/cli/options.h"

namespace gan::cli {
namespace {

const std::filesystem::path kDocument = GAN_SOURCE_DIR "/docs/options.md";

struct Section {
  const char* name;
  run::Group group;
};
constexpr Section kSections[] = {
    {"start", run::Group::start},   {"networks", run::Group::networks},
    {"loss", run::Group::loss},     {"training", run::Group::training},
    {"device", run::Group::device}, {"evaluation", run::Group::evaluation},
    {"output", run::Group::output},
};

// The text with the section's table in its place.
std::string with_table(const std::string& text, const Section& section) {
  const std::string begin = std::string("<!-- options: ") + section.name + " -->\n";
  const std::size_t first = text.find(begin), last = text.find("<!-- end -->", first);
  if (first == std::string::npos || last == std::string::npos) return "";
  return text.substr(0, first) + begin + "\n" + options_in_markdown(section.group) + "\n" +
         text.substr(last);
}

TEST(OptionsDocument, HasTheTablesOfTheProgram) {
  const std::string before = base::read_file(kDocument);
  std::string after = before;
  for (const Section& section : kSections) {
    after = with_table(after, section);
    ASSERT_NE(after, "") << section.name;
  }
  if (std::getenv("GAN_UPDATE_DOCUMENTS")) base::write_file(kDocument, after);
  EXPECT_TRUE(before == after)
      << kDocument << " is not what the program says; GAN_UPDATE_DOCUMENTS=1 updates it";
}

TEST(OptionsDocument, EveryShownOptionIsInASection) {
  for (const run::Option& option : run::options())
    EXPECT_TRUE(
        option.group == run::Group::not_shown ||
        std::ranges::any_of(kSections, [&](const Section& s) { return s.group == option.group; }))
        << option.name;
}

}  // namespace
}  // namespace gan::cli
