// Known public models: data alone. A row needs a reference that states its numbers: a repository on the
// Hugging Face hub, whose config.json has them, or a paper. The number type is that of the weights as they
// were published there.
#include "core/cache/cache_sizes.h"

// clang-format off
const KnownModel KNOWN_MODELS[] = {
    //                  layers  query   KV  head  context  type    reference
    //                          heads heads size
    {"GPT-2 small",        12,   12,   12,   64,    1024, "f32",  "openai-community/gpt2"},
    {"GPT-2 medium",       24,   16,   16,   64,    1024, "f32",  "openai-community/gpt2-medium"},
    {"GPT-2 large",        36,   20,   20,   64,    1024, "f32",  "openai-community/gpt2-large"},
    {"GPT-2 XL",           48,   25,   25,   64,    1024, "f32",  "openai-community/gpt2-xl"},
    {"OPT-13B",            40,   40,   40,  128,    2048, "f16",  "facebook/opt-13b"},
    {"Llama 2 7B",         32,   32,   32,  128,    4096, "f16",  "meta-llama/Llama-2-7b-hf"},
    {"Llama 2 13B",        40,   40,   40,  128,    4096, "f16",  "meta-llama/Llama-2-13b-hf"},
    {"Llama 2 70B",        80,   64,    8,  128,    4096, "f16",  "meta-llama/Llama-2-70b-hf"},
    {"Llama 3 8B",         32,   32,    8,  128,    8192, "bf16", "meta-llama/Meta-Llama-3-8B"},
    {"Llama 3 70B",        80,   64,    8,  128,    8192, "bf16", "meta-llama/Meta-Llama-3-70B"},
    {"Llama 3.1 405B",    126,  128,    8,  128,  131072, "bf16", "arXiv:2407.21783, table 3"},
    {"Mistral 7B v0.3",    32,   32,    8,  128,   32768, "bf16", "mistralai/Mistral-7B-v0.3"},
    {"Qwen2.5 0.5B",       24,   14,    2,   64,   32768, "bf16", "Qwen/Qwen2.5-0.5B"},
    {"Qwen2.5 7B",         28,   28,    4,  128,  131072, "bf16", "Qwen/Qwen2.5-7B"},
    {"Qwen3 0.6B",         28,   16,    8,  128,   40960, "bf16", "Qwen/Qwen3-0.6B"},
    {"Qwen3 8B",           36,   32,    8,  128,   40960, "bf16", "Qwen/Qwen3-8B"},
    {"TinyLlama 1.1B",     22,   32,    4,   64,    2048, "bf16", "TinyLlama/TinyLlama-1.1B-Chat-v1.0"},
    {"SmolLM2 135M",       30,    9,    3,   64,    8192, "bf16", "HuggingFaceTB/SmolLM2-135M"},
    {"SmolLM2 360M",       32,   15,    5,   64,    8192, "bf16", "HuggingFaceTB/SmolLM2-360M"},
    {"Gemma 2B",           18,    8,    1,  256,    8192, "bf16", "google/gemma-2b"},
    {"Gemma 7B",           28,   16,   16,  256,    8192, "bf16", "google/gemma-7b"},
    {"Falcon 7B",          32,   71,    1,   64,    2048, "bf16", "tiiuae/falcon-7b"},
    {"StarCoder 15B",      40,   48,    1,  128,    8192, "f32",  "bigcode/starcoder"},
    {"SantaCoder 1.1B",    24,   16,    1,  128,    2048, "f32",  "bigcode/gpt_bigcode-santacoder"},
};
// clang-format on

const int N_KNOWN_MODELS = sizeof KNOWN_MODELS / sizeof KNOWN_MODELS[0];
