#include "core/schema/reference.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/error.hpp"

namespace llm_admin::schema {

namespace {

constexpr std::size_t fields = 7;

std::string unescaped(std::string_view field) {
  std::string text;
  text.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      text += field[i];
      continue;
    }
    const char next = field[++i];
    text += next == 'n' ? '\n' : next == 't' ? '\t' : next;
  }
  return text;
}

std::string escaped(std::string_view text) {
  std::string field;
  for (const char c : text) {
    if (c == '\n')
      field += "\\n";
    else if (c == '\t')
      field += "\\t";
    else if (c == '\\')
      field += "\\\\";
    else
      field += c;
  }
  return field;
}

bool names(std::string_view majors, int major) {
  const std::string wanted = std::to_string(major);
  while (!majors.empty()) {
    const std::size_t comma = majors.find(',');
    if (majors.substr(0, comma) == wanted) return true;
    majors.remove_prefix(comma == std::string_view::npos ? majors.size() : comma + 1);
  }
  return false;
}

std::array<std::string_view, fields> split(std::string_view line) {
  std::array<std::string_view, fields> parts;
  for (std::size_t n = 0; n < fields; ++n) {
    const std::size_t tab = line.find('\t');
    if ((tab == std::string_view::npos) != (n + 1 == fields))
      throw error(sqlstate::internal_error, "shipped file catalog.tsv has a line without seven fields",
                  std::string(line.substr(0, 80)));
    parts[n] = line.substr(0, tab);
    line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
  }
  return parts;
}

}  // namespace

std::string value_of(const std::string& definition, const std::string& label) {
  const std::string head = label + ": ";
  std::size_t at = 0;
  while (at < definition.size()) {
    std::size_t end = definition.find('\n', at);
    if (end == std::string::npos) end = definition.size();
    if (definition.compare(at, head.size(), head) != 0) {
      at = end + 1;
      continue;
    }
    std::string value = definition.substr(at + head.size(), end - at - head.size());
    while (end + 1 < definition.size() && definition[end + 1] == ' ') {
      const std::size_t from = end + 2;
      end = std::min(definition.find('\n', from), definition.size());
      value += '\n' + definition.substr(from, end - from);
    }
    return value;
  }
  return {};
}

std::vector<expected> reference(std::string_view text, int major) {
  std::vector<expected> all;
  std::map<std::string, std::size_t> known;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto part = split(line);
    if (!names(part[0], major)) continue;
    expected one{
        {unescaped(part[1]), unescaped(part[2]), unescaped(part[3]), unescaped(part[4]), unescaped(part[5])},
        unescaped(part[6]),
        {}};
    const auto [at, is_new] = known.try_emplace(one.is.kind + '\n' + one.is.name, all.size());
    if (is_new)
      all.push_back(std::move(one));
    else
      all[at->second].also_right.push_back(std::move(one.is.definition));
  }
  return all;
}

std::string reference_line(std::string_view majors, const object& is, std::string_view statement) {
  std::string line(majors);
  for (const std::string_view field :
       {std::string_view(is.kind), std::string_view(is.name), std::string_view(is.table),
        std::string_view(is.identifier), std::string_view(is.definition), statement})
    line += '\t' + escaped(field);
  return line + '\n';
}

}  // namespace llm_admin::schema
