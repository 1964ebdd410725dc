#include "out/text_table.h"

#include <algorithm>
#include <string_view>

#include "out/printable.h"

namespace sseprof {
namespace {

constexpr std::string_view kMarkup = "\\`*_{}[]<>#|~&";

std::size_t WidthOf(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::vector<std::size_t> Widths(const TextTable& table) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t widest = WidthOf(table.columns[i].name);
    for (const auto& row : table.rows) widest = std::max(widest, WidthOf(row.at(i)));
    widths.push_back(widest);
  }
  return widths;
}

std::vector<std::string> Names(const TextTable& table) {
  std::vector<std::string> names;
  for (const TextTable::Column& column : table.columns) names.push_back(column.name);
  return names;
}

TextTable MadePrintable(TextTable table) {
  for (TextTable::Column& column : table.columns) column.name = Printable(column.name);
  for (auto& row : table.rows) {
    for (std::string& cell : row) cell = Printable(cell);
  }
  return table;
}

}  // namespace

TextTable WithoutEmptyColumns(const TextTable& table) {
  TextTable kept;
  kept.rows.resize(table.rows.size());
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto is_empty = [i](const auto& row) { return row[i].empty() || row[i] == "-"; };
    if (i > 0 && std::all_of(table.rows.begin(), table.rows.end(), is_empty)) continue;
    kept.columns.push_back(table.columns[i]);
    for (std::size_t k = 0; k < table.rows.size(); ++k) kept.rows[k].push_back(table.rows[k][i]);
  }
  return kept;
}

std::string AlignedTable(const TextTable& unsafe) {
  const TextTable table = MadePrintable(unsafe);
  const std::vector<std::size_t> widths = Widths(table);
  std::string out;
  const auto add_row = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - WidthOf(cells[i]), ' ');
      const bool left = table.columns[i].align == TextTable::Align::kLeft;
      if (i > 0) line += "  ";
      line += left ? cells[i] + padding : padding + cells[i];
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add_row(Names(table));
  for (const auto& row : table.rows) add_row(row);
  return out;
}

std::string MarkdownText(const std::string& text) {
  std::string escaped;
  for (const char c : Printable(text)) {
    if (kMarkup.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string MarkdownTable(const TextTable& table) {
  std::string out;
  const auto add_row = [&out](const std::vector<std::string>& cells) {
    out += "|";
    for (const std::string& cell : cells) out += " " + MarkdownText(cell) + " |";
    out += "\n";
  };
  add_row(Names(table));
  out += "|";
  for (const TextTable::Column& column : table.columns) {
    out += column.align == TextTable::Align::kLeft ? "---|" : "---:|";
  }
  out += "\n";
  for (const auto& row : table.rows) add_row(row);
  return out;
}

}  // namespace sseprof
