"""Writes the random model folders of tests/golden that Hugging Face outputs do not cover, with the reference decoder's
expected outputs. Weights, biases and norms are random on purpose. Every setting named in MATTERS is changed and has to move
the logits by at least ten times what the tests tolerate: a program that overlooks it is caught.

    python3 tests/reference/make_families.py tests/golden
"""
import copy
import json
import pathlib
import shutil
import sys

import numpy

import decoder
import expected
from weights import load_folder, save_file, save_shards, to_bf16

N_PROMPT, N_NEW, N_SOURCE, N_VOCAB = 8, 8, 7, 96
MUST_MOVE, MUST_LEAD = 1e-3, 2e-3

GPT2 = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "vocab_size": N_VOCAB, "n_positions": 24, "n_embd": 32,
        "n_head": 4, "n_layer": 2, "n_inner": 40, "layer_norm_epsilon": 1e-3}
LLAMA = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": N_VOCAB, "hidden_size": 32,
         "intermediate_size": 40, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
         "hidden_act": "silu", "max_position_embeddings": 64, "rms_norm_eps": 1e-3, "rope_theta": 100.0,
         "tie_word_embeddings": True}

FOLDERS = {
    "gpt2_inverse_layer": GPT2 | {
        "scale_attn_by_inverse_layer_idx": True, "activation_function": "gelu", "tie_word_embeddings": False},
    "gpt2_unscaled": GPT2 | {
        "scale_attn_weights": False, "activation_function": "gelu_pytorch_tanh"},
    "bigcode_mha": GPT2 | {
        "model_type": "gpt_bigcode", "architectures": ["GPTBigCodeForCausalLM"], "multi_query": False, "n_inner": None},
    "llama3": LLAMA | {
        "head_dim": 12, "attention_bias": True, "mlp_bias": True, "max_position_embeddings": 128,
        "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                         "original_max_position_embeddings": 32}},
    "llama_yarn": LLAMA | {
        "num_attention_heads": 2, "num_key_value_heads": 2, "max_position_embeddings": 256, "rope_theta": 10000.0,
        "rope_scaling": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64, "beta_fast": 2.0,
                         "beta_slow": 0.25, "attention_factor": 1.3}},
    "llama_mqa_shards": LLAMA | {
        "num_key_value_heads": 1, "tie_word_embeddings": False, "max_position_embeddings": N_PROMPT + N_NEW,
        "rope_scaling": {"rope_type": "dynamic", "factor": 4.0}, "torch_dtype": "bfloat16"},
    "smollm": LLAMA | {
        "hidden_size": 36, "num_attention_heads": 6, "num_key_value_heads": 2, "rope_theta": 100000, "rope_scaling": None,
        "rope_interleaved": False, "is_llama_config": True, "attention_bias": False, "torch_dtype": "float16"},
    "mistral_linear": LLAMA | {
        "model_type": "mistral", "architectures": ["MistralForCausalLM"], "head_dim": 6, "sliding_window": 5,
        "tie_word_embeddings": False, "rope_scaling": {"type": "linear", "factor": 4.0}},
    "qwen2_window": LLAMA | {
        "model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "num_hidden_layers": 3, "intermediate_size": 24,
        "use_sliding_window": True, "sliding_window": 6, "max_window_layers": 3,
        "layer_types": ["sliding_attention", "full_attention", "sliding_attention"]},
    "qwen3": {key: value for key, value in LLAMA.items() if key != "rope_theta"} | {
        "model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "head_dim": 16, "attention_bias": False,
        "use_sliding_window": True, "sliding_window": 6, "max_window_layers": 1, "max_position_embeddings": 1024,
        "rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 2.0,
                            "original_max_position_embeddings": 512}},
    "encdec_widths": {
        "model_type": "encoder-decoder", "architectures": ["EncoderDecoderModel"], "is_encoder_decoder": True,
        "decoder_start_token_id": 3, "pad_token_id": 0,
        "encoder": GPT2 | {"n_embd": 24, "n_head": 3, "n_inner": 32, "n_positions": 16, "vocab_size": 48,
                           "activation_function": "relu"},
        "decoder": GPT2 | {"n_inner": 32, "vocab_size": 64, "add_cross_attention": True, "is_decoder": True,
                           "scale_attn_by_inverse_layer_idx": True}},
}

# Settings as others might misread them: (path to the key, the value that they would use).
MATTERS = {
    "gpt2_inverse_layer": [("scale_attn_by_inverse_layer_idx", False), ("activation_function", "gelu_new"),
                           ("tie_word_embeddings", True), ("layer_norm_epsilon", 1e-5)],
    "gpt2_unscaled": [("scale_attn_weights", True), ("activation_function", "relu")],
    "bigcode_mha": [("layer_norm_epsilon", 1e-5)],
    "llama3": [("attention_bias", False), ("mlp_bias", False), ("rope_scaling", None), ("rms_norm_eps", 1e-5),
               ("rope_scaling.low_freq_factor", 2.0), ("rope_scaling.high_freq_factor", 8.0),
               ("rope_scaling.original_max_position_embeddings", 128)],
    "llama_yarn": [("rope_scaling", None), ("rope_scaling.attention_factor", None), ("rope_scaling.beta_fast", None),
                   ("rope_scaling.beta_slow", None), ("rope_scaling.truncate", False),
                   ("rope_scaling.original_max_position_embeddings", 256)],
    "llama_mqa_shards": [("rope_scaling.rope_type", "linear"), ("tie_word_embeddings", True), ("rope_theta", 10000.0)],
    "smollm": [("rope_theta", 10000.0), ("rms_norm_eps", 1e-6)],
    "mistral_linear": [("sliding_window", None), ("sliding_window", 6), ("sliding_window", 4), ("rope_scaling", None)],
    "qwen2_window": [("use_sliding_window", False), ("layer_types", None), ("sliding_window", 7),
                     ("layer_types", ["full_attention"] * 2 + ["sliding_attention"])],
    "qwen3": [("max_window_layers", 0), ("max_window_layers", 2), ("rope_parameters.rope_theta", 100000.0),
              ("rope_parameters.rope_type", "default"), ("rope_parameters.attention_factor", 1.0)],
    "encdec_widths": [("decoder.scale_attn_by_inverse_layer_idx", False), ("encoder.activation_function", "gelu_new")],
}


class Weights:
    """Random tensors by name, sized so that attention is uneven and no logit is huge."""

    def __init__(self, seed):
        self.random, self.tensors = numpy.random.default_rng(seed), {}

    def put(self, name, shape, spread, centre=0.0):
        self.tensors[name] = (centre + spread * self.random.standard_normal(shape)).astype(numpy.float32)

    def matrix(self, name, shape, n_in, bias=None):
        self.put(name + ".weight", shape, 1.4 / n_in**0.5)
        if bias:
            self.put(name + ".bias", (bias,), 0.3)

    def norm(self, name, size, bias=False):
        self.put(name + ".weight", (size,), 0.3, 1.0)
        if bias:
            self.put(name + ".bias", (size,), 0.3)


def gpt2_tensors(weights, config, prefix, cross=False):
    """Conv1D keeps its weights [in, out], GPT-BigCode's Linear [out, in]."""
    d = config["n_embd"]
    d_ff = config["n_inner"] or 4 * d
    flip = config["model_type"] == "gpt_bigcode"

    def linear(name, n_in, n_out):
        weights.matrix(prefix + name, (n_out, n_in) if flip else (n_in, n_out), n_in, bias=n_out)

    weights.put(prefix + "wte.weight", (config["vocab_size"], d), 0.3)
    weights.put(prefix + "wpe.weight", (config["n_positions"], d), 0.15)
    for i in range(config["n_layer"]):
        h = f"h.{i}."
        for name in ("ln_1", "ln_2") + (("ln_cross_attn",) if cross else ()):
            weights.norm(prefix + h + name, d, bias=True)
        linear(h + "attn.c_attn", d, 3 * d)
        linear(h + "attn.c_proj", d, d)
        if cross:
            linear(h + "crossattention.q_attn", d, d)
            linear(h + "crossattention.c_attn", d, 2 * d)
            linear(h + "crossattention.c_proj", d, d)
        linear(h + "mlp.c_fc", d, d_ff)
        linear(h + "mlp.c_proj", d_ff, d)
    weights.norm(prefix + "ln_f", d, bias=True)


def llama_tensors(weights, config, prefix):
    d, d_ff, n_heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"]
    d_head = config.get("head_dim") or d // n_heads
    wide, narrow = n_heads * d_head, config["num_key_value_heads"] * d_head
    attention, mlp = config.get("attention_bias"), config.get("mlp_bias")
    qkv = attention or config["model_type"] == "qwen2"
    weights.put(prefix + "embed_tokens.weight", (config["vocab_size"], d), 0.3)
    for i in range(config["num_hidden_layers"]):
        h = f"{prefix}layers.{i}."
        for name in ("input_layernorm", "post_attention_layernorm"):
            weights.norm(h + name, d)
        for name, n_in, n_out, bias in (
            ("self_attn.q_proj", d, wide, qkv), ("self_attn.k_proj", d, narrow, qkv), ("self_attn.v_proj", d, narrow, qkv),
            ("self_attn.o_proj", wide, d, attention), ("mlp.gate_proj", d, d_ff, mlp), ("mlp.up_proj", d, d_ff, mlp),
            ("mlp.down_proj", d_ff, d, mlp),
        ):
            weights.matrix(h + name, (n_out, n_in), n_in, bias=n_out if bias else None)
        if config["model_type"] == "qwen3":
            weights.norm(h + "self_attn.q_norm", d_head)
            weights.norm(h + "self_attn.k_norm", d_head)
    weights.norm(prefix + "norm", d)


def make_tensors(name, config, seed):
    weights, family = Weights(seed), config["model_type"]
    if family == "encoder-decoder":
        gpt2_tensors(weights, config["encoder"], "encoder.")
        gpt2_tensors(weights, config["decoder"], "decoder.transformer.", cross=True)
        widths = config["decoder"]["n_embd"], config["encoder"]["n_embd"]
        weights.matrix("enc_to_dec_proj", widths, widths[1], bias=widths[0])
    elif family in ("gpt2", "gpt_bigcode"):
        gpt2_tensors(weights, config, "" if name == "gpt2_unscaled" else "transformer.")
    else:
        llama_tensors(weights, config, "" if name == "llama_yarn" else "model.")
    if config.get("tie_word_embeddings") is False:
        weights.matrix("lm_head", (N_VOCAB, config.get("hidden_size") or config["n_embd"]), 10)
    return weights.tensors | extras(name, config, weights.tensors)


def extras(name, config, tensors):
    """What published files hold beside the weights, and what readers skip."""
    n = GPT2["n_positions"]
    mask = numpy.tril(numpy.ones((1, 1, n, n)))
    if name == "gpt2_unscaled":
        return {f"h.{i}.attn.bias": mask.astype(numpy.float32) for i in range(2)} | {
            f"h.{i}.attn.masked_bias": numpy.array(-1e4, numpy.float32) for i in range(2)}
    if name == "gpt2_inverse_layer":
        return {f"transformer.h.{i}.attn.bias": mask.astype(bool) for i in range(2)}
    if name == "bigcode_mha":
        return {"lm_head.weight": tensors["transformer.wte.weight"].copy()}
    if name == "llama_mqa_shards":  # not this model's frequencies: they are computed, never read
        return {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": numpy.ones(4, numpy.float32) for i in range(2)}
    return {}


def save_model(folder, config, tensors):
    (folder / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
    if folder.name == "smollm":
        tensors = {name: array.astype(numpy.float16) for name, array in tensors.items()}
    if folder.name == "llama_mqa_shards":
        narrow = {name: array if "inv_freq" in name else to_bf16(array) for name, array in tensors.items()}
        first = {name: array for name, array in narrow.items() if ".0." in name or "embed" in name}
        save_shards(folder, [first, {name: array for name, array in narrow.items() if name not in first}])
    else:
        save_file(folder / "model.safetensors", tensors)


def make_inputs(config, random):
    if config["model_type"] != "encoder-decoder":
        return {"prompt": random.integers(N_VOCAB, size=N_PROMPT)}
    source = random.integers(config["encoder"]["vocab_size"], size=N_SOURCE)
    return {"prompt": numpy.array([config["decoder_start_token_id"]]), "source": source}


def changed(config, path, value):
    config = copy.deepcopy(config)
    place, *keys = config, *path.split(".")
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return config


def check(name, config, inputs, want):
    """The greedy choices must be clear, and every setting of MATTERS must show."""
    top = numpy.sort(want["full_logits"], axis=1)
    lead = (top[:, -1] - top[:, -2])[len(inputs["prompt"]) - 1:-1].min()
    if lead < MUST_LEAD:
        sys.exit(f"{name}: a choice is won by {lead:.1e} only; take another seed")
    for path, value in MATTERS[name]:
        other = changed(config, path, value)
        model = decoder.FAMILIES[config["model_type"]](other, want["tensors"])
        one, encoder, _ = expected.encode(model, inputs)
        moved = numpy.abs(one.forward(want["tokens"], encoder=encoder)["logits"] - want["full_logits"]).max()
        print(f"{name:20} {path} = {value}: moves the logits by {moved:.1e}")
        if moved < MUST_MOVE:
            sys.exit(f"{name}: {path} does not show")


def make(folder, config, seed):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_model(folder, config, make_tensors(folder.name, config, seed))
    inputs = make_inputs(config, numpy.random.default_rng(seed))
    want = expected.compute(decoder.load(folder), inputs, 11 if "source" in inputs else N_NEW)
    check(folder.name, config, inputs, want | {"tensors": load_folder(folder)})
    narrow = {key: array.astype(numpy.float32) for key, array in want.items() if key != "tokens"}
    save_file(folder / "expected.safetensors", inputs | {"tokens": want["tokens"]} | narrow)


def main():
    for seed, (name, config) in enumerate(FOLDERS.items(), 100):
        make(pathlib.Path(sys.argv[1]) / name, config, seed)


if __name__ == "__main__":
    main()
