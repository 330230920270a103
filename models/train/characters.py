"""A tokenizer of single characters: <s>, </s> and the printable ones of ASCII, as a Hugging Face tokenizer.json.

It is byte-level BPE without a merge, so that every reader of such files takes it. A source is <s> and its characters;
a target starts with <s> and ends with </s>.
"""
import json

from bpe import ALPHABET

START, END = "<s>", "</s>"
START_ID, END_ID = 0, 1
PRINTABLE = [chr(code) for code in range(0x20, 0x7F)]
VOCABULARY = [START, END] + [ALPHABET[ord(c)] for c in PRINTABLE]


def encode(text):
    """The ids of a text's characters; a KeyError for one that is not printable ASCII."""
    return [ID[c] for c in text]


def decode(ids):
    return "".join(PRINTABLE[i - 2] for i in ids if i >= 2)


ID = {c: i + 2 for i, c in enumerate(PRINTABLE)}


def save(folder):
    """Writes tokenizer.json and the tokenizer_config.json that asks for <s> before a text."""
    added = [{"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True} for i, token in enumerate((START, END))]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
        "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "vocab": {token: i for i, token in enumerate(VOCABULARY)}, "merges": []},
    }
    config = {"tokenizer_class": "GPT2Tokenizer", "bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END,
              "add_bos_token": True, "add_prefix_space": False}
    for name, document in (("tokenizer.json", tokenizer), ("tokenizer_config.json", config)):
        with open(folder / name, "w", encoding="utf-8") as f:
            json.dump(document, f, ensure_ascii=False, indent=1)
            f.write("\n")
