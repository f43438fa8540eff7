# page_templates.h: the pages of host/io as string literals, in front of and behind their data; the report's has the charts' library.
find_path(GAN_DYGRAPHS dygraph.min.js PATHS /usr/share/javascript/dygraphs NO_DEFAULT_PATH REQUIRED
  DOC "Folder of dygraphs' dygraph.min.js and dygraph.min.css (Debian's libjs-dygraphs)")
set(GAN_DYGRAPHS_LICENCE /usr/share/doc/libjs-dygraphs/copyright CACHE FILEPATH "Dygraphs' licence, which goes into the page with it")
foreach(part page/page.css page/page.js report/report.html report/report.css report/chart.js report/report.js
    explore/explore.html explore/explore.css explore/latents.js explore/generator.js explore/controls.js explore/explore.js)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/host/io/${part})
  cmake_path(GET part FILENAME name)
  file(READ ${PROJECT_SOURCE_DIR}/host/io/${part} ${name})
endforeach()
file(READ ${GAN_DYGRAPHS}/dygraph.min.js dygraphs)
file(READ ${GAN_DYGRAPHS}/dygraph.min.css dygraphs.css)
# Debuggers would look for the map beside the page.
string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" dygraphs "${dygraphs}")
string(REGEX REPLACE "/\\*# sourceMappingURL=[^\n]*" "" dygraphs.css "${dygraphs.css}")
file(READ ${GAN_DYGRAPHS_LICENCE} dygraphs.licence)

set(data ")page\", R\"page(")
string(CONFIGURE "${report.html}" report @ONLY)
string(CONFIGURE "${explore.html}" explore @ONLY)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/page_templates.h @ONLY CONTENT [[
#pragma once
#include <string_view>

namespace gan {

struct PageTemplate {
  std::string_view head, tail;
};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"  // g++ and clang++ take any length
inline constexpr PageTemplate kReportTemplate = {R"page(@report@)page"};
inline constexpr PageTemplate kExploreTemplate = {R"page(@explore@)page"};
#pragma GCC diagnostic pop

}  // namespace gan
]])
