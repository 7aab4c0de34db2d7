// Times RE2::Set on patterns and texts, one a line. Prints nanoseconds a byte, best of three rounds, and how many pairs of text and pattern match.
#include <re2/set.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

static std::vector<std::string> Lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

int main(int argc, char** argv) {
  auto patterns = Lines(argv[1]);
  RE2::Options options;
  options.set_max_mem(int64_t{8} << 30);
  options.set_log_errors(false);
  RE2::Set set(options, RE2::UNANCHORED);
  size_t taken = 0;
  for (const auto& pattern : patterns) taken += set.Add(pattern, nullptr) >= 0;
  bool compiled = set.Compile();
  std::printf("RE2::Set takes %zu of %zu patterns%s\n", taken, patterns.size(), compiled ? "" : " and does not compile them");
  for (int i = 2; compiled && i < argc; i++) {
    auto texts = Lines(argv[i]);
    size_t found = 0, failed = 0, bytes = 0;
    for (const auto& text : texts) bytes += text.size();
    double best = 1e300;
    for (int round = 0; round < 3; round++) {
      found = failed = 0;
      auto began = std::chrono::steady_clock::now();
      for (const auto& text : texts) {
        std::vector<int> matches;
        RE2::Set::ErrorInfo info{RE2::Set::kNoError};
        if (!set.Match(text, &matches, &info) && info.kind != RE2::Set::kNoError) failed++;
        found += matches.size();
      }
      best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - began).count() / bytes);
    }
    std::string path = argv[i];
    std::printf("%-40s %8.1f ns a byte, %zu found, %zu of %zu texts failed\n", path.substr(path.rfind('/') + 1).c_str(), best, found, failed, texts.size());
    std::fflush(stdout);
  }
}
