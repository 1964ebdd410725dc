#include "sim/api_bodies.h"

#include "sim/chat_call.h"
#include "wire/json.h"

namespace sseprof {

std::string ErrorBody(const ApiError& error) {
  JsonWriter json;
  json.BeginObject()
      .Key("error")
      .BeginObject()
      .Member("message", error.what())
      .Member("type", error.type())
      .Key("param")
      .Null()
      .Member("code", error.status())
      .EndObject()
      .EndObject();
  return std::string{json.text()};
}

std::string ModelsBody(std::string_view model, std::int64_t created_s) {
  JsonWriter json;
  json.BeginObject().Member("object", "list").Key("data").BeginArray().BeginObject();
  json.Member("id", model)
      .Member("object", "model")
      .Member("created", created_s)
      .Member("owned_by", "sseprof-sim")
      .Member("root", model)
      .Key("parent")
      .Null()
      .Member("max_model_len", kMaxModelLength);
  json.EndObject().EndArray().EndObject();
  return std::string{json.text()};
}

}  // namespace sseprof
