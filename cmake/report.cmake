# report_template.h: the page of host/io/report as string literals, with the charts' library, in front of and behind a run's data.
find_path(GAN_DYGRAPHS dygraph.min.js PATHS /usr/share/javascript/dygraphs NO_DEFAULT_PATH REQUIRED
  DOC "Folder of dygraphs' dygraph.min.js and dygraph.min.css (Debian's libjs-dygraphs)")
set(GAN_DYGRAPHS_LICENCE /usr/share/doc/libjs-dygraphs/copyright CACHE FILEPATH "Dygraphs' licence, which goes into the page with it")
set(report ${PROJECT_SOURCE_DIR}/host/io/report)
foreach(part report.html report.css chart.js report.js)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${report}/${part})
  file(READ ${report}/${part} ${part})
endforeach()
file(READ ${GAN_DYGRAPHS}/dygraph.min.js dygraphs)
file(READ ${GAN_DYGRAPHS}/dygraph.min.css dygraphs.css)
# Debuggers would look for the map beside the page.
string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" dygraphs "${dygraphs}")
string(REGEX REPLACE "/\\*# sourceMappingURL=[^\n]*" "" dygraphs.css "${dygraphs.css}")
file(READ ${GAN_DYGRAPHS_LICENCE} dygraphs.licence)

set(run ")page\", R\"page(")
string(CONFIGURE "${report.html}" page @ONLY)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/report_template.h @ONLY CONTENT [[
#pragma once
#include <string_view>

namespace gan {

struct ReportTemplate {
  std::string_view head, tail;
};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"  // g++ and clang++ take any length
inline constexpr ReportTemplate kReportTemplate = {R"page(@page@)page"};
#pragma GCC diagnostic pop

}  // namespace gan
]])
