"""Trains the small tokenizer of tests/golden/tokenizer and encodes hard texts with it: what tests/core/test_tokenizer.c
holds core/tokenizer/tokenizer.c against. The encoder is models/train/bpe.py, an independent implementation. From the repository's
root (needs python3-regex):

    python3 tests/reference/make_tokenizer.py
"""
import json
import pathlib
import sys

sys.path.insert(0, "models/train")
from bpe import END_OF_TEXT, Bpe  # noqa: E402

FOLDER = pathlib.Path("tests/golden/tokenizer")
N_VOCAB = 400

LINES = """\
Once upon a time, there was a little girl named Lily. She didn't like the rain, but she'd go out and play in it.
"I can't see the sun," said Tom. "We're going to wait until it's here," they'll say, and I'm sure you've heard that.
    one two  three   four    five
    ten 10 100 1000 2024 3.14 1,000,000
déjà vu, naïve café; größer und schöner
日本語のテキスト、中国的文字
The cat sat on the mat. The cat that sat on the mat was a happy cat.


The end! The end? The end..."""

TEXTS = {
    "plain": "Once upon a time, there was a little cat.",
    "empty": "",
    "one letter": "a",
    "contractions": "don't DON'T I'll we've they're she'd I'm it's 'tis 's",
    "leading and trailing spaces": "   leading and trailing   ",
    "runs of spaces": "a  b   c    d     e",
    "spaces only": "       ",
    "newlines": "a\nb\n\nc\n\n\nd\r\ne\rf\n",
    "tabs and newlines": "\t\ta\t\n \n\t \n  x",
    "digits": "0 12 345 6789 1,000.50 ½ ² ٣ १२३",
    "punctuation": "!!! ... ?! (a) [b] {c} <d> #e @f $g %h ^i &j *k _l -m +n =o",
    "accents": "déjà vu naïve café größer",
    "combining marks": "e\u0301 a\u0308 n\u0303 \u0301",
    "chinese and japanese": "日本語のテキスト 中国的文字",
    "other scripts": "Привет мир, γειά σου, שלום, مرحبا, नमस्ते, สวัสดี, 한국어",
    "emoji": "🦙 🚀🚀 ✅ 😶\u200d🌫\ufe0f 👩\u200d👩\u200d👧 🇫🇷",
    "spaces beyond ASCII": "a\u00a0b\u2003c\u3000d\u2028e\u2029f\u0085g\u200bh",
    "control bytes": "\0a\x01\x1b[31mred\x1b[0m\x07\x7f\x80\x9b1m",
    "separators below the space": "a\x1cb\x1dc\x1ed\x1fe\x0bf\x0cg",
    "end of text inside": f"Once{END_OF_TEXT}upon a time{END_OF_TEXT}{END_OF_TEXT}",
    "end of text cut short": "a<|endoftext| b <|endoftext |> <|endoftext|",
    "end of text after spaces": f"  {END_OF_TEXT}  x",
    "the alphabet's own characters": "Ġupon Ċ Ń ġ",
    "last characters of Unicode": "\ufffd \uffff \U0010ffff",
    "a long word": "cat" * 50 + "th" * 50 + "a" * 100,
}


def encode(bpe, text):
    """The ids of a text that may spell out <|endoftext|>."""
    ids = []
    for i, segment in enumerate(text.split(END_OF_TEXT)):
        ids += ([bpe.end_of_text] if i else []) + bpe.encode(segment)
    return ids


def main():
    bpe = Bpe.train(LINES.split("\n\n\n"), N_VOCAB)
    bpe.save(FOLDER)
    cases = [{"name": name, "text_hex": text.encode().hex(), "ids": encode(bpe, text)} for name, text in TEXTS.items()]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FOLDER / "expected.json").write_text(f"[\n{lines}\n]\n")


main()
