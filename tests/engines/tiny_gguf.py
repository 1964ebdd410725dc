"""Writes the tiny model for llama.cpp: a GGUF file with the tokenizer and random weights.

Run by the engine's own Python: tiny_gguf.py MODEL_FOLDER TYPE FILE, TYPE being f16 or q8_0.
"""

import json
import pathlib
import sys

import gguf
import numpy

SEED = 0
SPREAD = 0.02  # standard deviation, as models are initialized with


def add_tokenizer(writer, folder):
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    template = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    size = config["vocab_size"]
    tokens = [f"[PAD{number}]" for number in range(size)]
    types = [gguf.TokenType.UNUSED] * size
    for text, number in tokenizer["model"]["vocab"].items():
        tokens[number], types[number] = text, gguf.TokenType.NORMAL
    for added in tokenizer["added_tokens"]:
        tokens[added["id"]] = added["content"]
        types[added["id"]] = (gguf.TokenType.CONTROL if added["special"]
                              else gguf.TokenType.USER_DEFINED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge)
                             for merge in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_bos_token_id(config["bos_token_id"])
    writer.add_pad_token_id(config["bos_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template(template["chat_template"])
    return config


def add_shape(writer, config):
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_expert_count(config["num_experts"])
    writer.add_expert_used_count(config["num_experts_per_tok"])
    writer.add_expert_feed_forward_length(config["moe_intermediate_size"])


def matrices(config):
    """(name, shape) of what is kept in TYPE."""
    width, head = config["hidden_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    experts, inner = config["num_experts"], config["moe_intermediate_size"]
    yield "token_embd", (config["vocab_size"], width)
    # Not the embedding again: that would repeat the prompt's last token, a line end, for ever.
    yield "output", (config["vocab_size"], width)
    for layer in range(config["num_hidden_layers"]):
        for name, shape in (("attn_q", (queries, width)), ("attn_k", (keys, width)),
                            ("attn_v", (keys, width)), ("attn_output", (width, queries)),
                            ("ffn_gate_exps", (experts, inner, width)),
                            ("ffn_up_exps", (experts, inner, width)),
                            ("ffn_down_exps", (experts, width, inner))):
            yield f"blk.{layer}.{name}", shape


def norms(config):
    yield "output_norm", config["hidden_size"]
    for layer in range(config["num_hidden_layers"]):
        yield f"blk.{layer}.attn_norm", config["hidden_size"]
        yield f"blk.{layer}.ffn_norm", config["hidden_size"]
        yield f"blk.{layer}.attn_q_norm", config["head_dim"]
        yield f"blk.{layer}.attn_k_norm", config["head_dim"]


def add_weights(writer, config, kind):
    random = numpy.random.default_rng(SEED)

    def drawn(shape):
        return (random.standard_normal(shape) * SPREAD).astype(numpy.float32)

    for name, shape in matrices(config):
        writer.add_tensor(f"{name}.weight", gguf.quants.quantize(drawn(shape), kind),
                          raw_dtype=kind)
    for name, size in norms(config):
        writer.add_tensor(f"{name}.weight", numpy.ones(size, numpy.float32))
    for layer in range(config["num_hidden_layers"]):
        writer.add_tensor(f"blk.{layer}.ffn_gate_inp.weight",
                          drawn((config["num_experts"], config["hidden_size"])))


def main():
    folder, kind, path = pathlib.Path(sys.argv[1]), sys.argv[2].upper(), sys.argv[3]
    writer = gguf.GGUFWriter(path, "qwen3moe")
    config = add_tokenizer(writer, folder)
    add_shape(writer, config)
    add_weights(writer, config, gguf.GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
