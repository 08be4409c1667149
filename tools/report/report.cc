// SPDX-License-Identifier: BSD-3-Clause
#include "tools/report/report.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tools/report/output_format.h"

namespace railyard::report {
namespace {

tl::expected<void, std::string> write_file(const std::string& path, const Results& results,
                                           void (*write)(std::ostream&, const Results&)) {
  errno = 0;
  std::ofstream out(path, std::ios::binary);
  if (out) write(out, results);
  out.close();
  if (out) return {};
  return tl::make_unexpected(fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}

}  // namespace

record::Comparison comparison_of(const RunSet& runs) {
  std::vector<record::SettingSummaries> settings;
  for (const Setting& setting : runs.settings) {
    settings.push_back({setting.name, {}, {}});
    for (const Run& run : setting.runs) {
      settings.back().runs.push_back(run.summary);
      settings.back().seeds.push_back(run.seed);
    }
  }
  return record::compare(settings, runs.rule);
}

const std::vector<OutputFormat>& table_formats() {
  static const std::vector<OutputFormat> formats = {{"comparison.csv", write_comparison_csv},
                                                    {"flows.csv", write_flows_csv},
                                                    {"collectives.csv", write_collectives_csv},
                                                    {"ports.csv", write_ports_csv},
                                                    {"rates.csv", write_rates_csv},
                                                    {"summary.json", write_summary_json}};
  return formats;
}

tl::expected<void, std::string> write_tables(const std::string& directory, const RunSet& runs) {
  const Results results{runs, comparison_of(runs)};
  for (const OutputFormat& format : table_formats())
    if (auto written = write_file(directory + "/" + format.file_name, results, format.write); !written)
      return written;
  return {};
}

tl::expected<void, std::string> write_report(const std::string& path, const RunSet& runs) {
  return write_file(path, {runs, comparison_of(runs)}, write_html);
}

}  // namespace railyard::report
