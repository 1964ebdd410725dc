#include "out/summary_fields.h"

#include "stats/distribution.h"

namespace sseprof {

void WriteMaybeText(JsonWriter& json, std::string_view key, const std::string& text) {
  json.Key(key);
  text.empty() ? json.Null() : json.String(text);
}

void WriteNames(JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.Key(key).BeginArray();
  for (const std::string& name : names) json.String(name);
  json.EndArray();
}

void WriteFigures(JsonWriter& json, const Distribution& d) {
  json.Member("p50", d.p50).Member("p95", d.p95).Member("mean", d.mean);
  json.Member("min", d.min).Member("max", d.max);
  json.Member("p90", d.p90).Member("p99", d.p99).Member("p999", d.p999);
  json.Member("stddev", d.stddev).Member("count", d.count);
  WriteNames(json, "weak", d.weak);
  WriteNames(json, "untrusted", d.untrusted);
}

void WriteDistribution(JsonWriter& json, std::string_view key, const Distribution& d) {
  json.Key(key).BeginObject();
  WriteFigures(json, d);
  json.EndObject();
}

void ReadDistribution(const JsonFields& fields, Distribution& d) {
  for (const QuantileField& quantile : kQuantiles) {
    d.*quantile.value = fields.MaybeDouble(quantile.name);
  }
  d.mean = fields.MaybeDouble("mean");
  d.min = fields.MaybeDouble("min");
  d.max = fields.MaybeDouble("max");
  d.stddev = fields.MaybeDouble("stddev");
  d.count = fields.CountOr("count", 0);
  d.weak = fields.Texts("weak");
  d.untrusted = fields.Texts("untrusted");
}

}  // namespace sseprof
