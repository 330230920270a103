"""Byte-level BPE: trains a vocabulary on a text and writes it as a Hugging Face tokenizer.json.

The text is split into words by GPT-2's pattern; a word is its UTF-8 bytes, each written as one printable character
(the alphabet below). Training then merges, again and again, the pair of neighbouring tokens that occurs most often
(Sennrich et al. 2016; byte-level: Radford et al. 2019). Ties go to the pair that sorts first, so that the same text
always gives the same vocabulary.
"""
import collections
import json

import regex

END_OF_TEXT = "<|endoftext|>"
PATTERN = regex.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")


def byte_alphabet():
    """Returns the 256 characters that stand for the bytes: printable ones for themselves, the rest from U+0100 on."""
    printable = set(range(0x21, 0x7F)) | set(range(0xA1, 0xAD)) | set(range(0xAE, 0x100))
    others = (b for b in range(256) if b not in printable)
    moved = {b: chr(0x100 + i) for i, b in enumerate(others)}
    return [chr(b) if b in printable else moved[b] for b in range(256)]


ALPHABET = byte_alphabet()


def spell(word):
    return tuple(ALPHABET[b] for b in word.encode())


def merge_word(symbols, pair):
    merged, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            merged.append(symbols[i] + symbols[i + 1])
            i += 2
        else:
            merged.append(symbols[i])
            i += 1
    return tuple(merged)


class Bpe:
    def __init__(self, merges):
        self.merges = merges
        self.rank = {pair: i for i, pair in enumerate(merges)}
        self.vocabulary = [END_OF_TEXT] + sorted(ALPHABET) + [a + b for a, b in merges]
        self.id = {token: i for i, token in enumerate(self.vocabulary)}
        self.end_of_text = 0
        self.known_words = {}

    @classmethod
    def train(cls, stories, n_vocab):
        """Merges until there are n_vocab tokens: <|endoftext|>, the 256 bytes and n_vocab - 257 merges."""
        counts = collections.Counter(word for story in stories for word in PATTERN.findall(story))
        words = [[spell(word), n] for word, n in counts.items()]
        pairs, where = collections.Counter(), collections.defaultdict(set)
        for index, (symbols, n) in enumerate(words):
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] += n
                where[pair].add(index)
        merges = []
        while len(merges) < n_vocab - 257:
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            merges.append(best)
            for index in list(where[best]):
                symbols, n = words[index]
                for pair in zip(symbols, symbols[1:]):
                    pairs[pair] -= n
                    where[pair].discard(index)
                words[index][0] = symbols = merge_word(symbols, best)
                for pair in zip(symbols, symbols[1:]):
                    pairs[pair] += n
                    where[pair].add(index)
        return cls(merges)

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as f:
            merges = json.load(f)["model"]["merges"]
        return cls([tuple(merge.split(" ")) for merge in merges])

    def encode_word(self, word):
        ids = self.known_words.get(word)
        if ids is None:
            symbols = spell(word)
            while len(symbols) > 1:
                pair = min(zip(symbols, symbols[1:]), key=lambda p: self.rank.get(p, len(self.rank)))
                if pair not in self.rank:
                    break
                symbols = merge_word(symbols, pair)
            ids = self.known_words[word] = [self.id[symbol] for symbol in symbols]
        return ids

    def encode(self, text):
        return [i for word in PATTERN.findall(text) for i in self.encode_word(word)]

    def decode(self, ids):
        byte = {c: b for b, c in enumerate(ALPHABET)}
        raw = bytes(byte[c] for i in ids if i != self.end_of_text for c in self.vocabulary[i])
        return raw.decode(errors="replace")

    def save(self, folder):
        """Writes tokenizer.json and the tokenizer_config.json that asks for <|endoftext|> before a prompt."""
        added = {"id": 0, "content": END_OF_TEXT, "single_word": False, "lstrip": False, "rstrip": False,
                 "normalized": False, "special": True}
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        tokenizer = {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [added], "normalizer": None,
            "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                      "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                      "vocab": self.id, "merges": [" ".join(pair) for pair in self.merges]},
        }
        config = {"tokenizer_class": "GPT2Tokenizer", "bos_token": END_OF_TEXT, "eos_token": END_OF_TEXT,
                  "unk_token": END_OF_TEXT, "add_bos_token": True, "add_prefix_space": False}
        for name, document in (("tokenizer.json", tokenizer), ("tokenizer_config.json", config)):
            with open(folder / name, "w", encoding="utf-8") as f:
                json.dump(document, f, ensure_ascii=False, indent=1)
                f.write("\n")
