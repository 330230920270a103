"""The training text: stories separated by lines that hold only <|endoftext|>.

The text is TinyStories (Eldan and Li, 2023; licence CDLA-Sharing-1.0), public as `roneneldan/TinyStories` on the
Hugging Face hub. Its TinyStories-train.txt works here as it is; so does any text in the same form.

A story is held out when the hash of its own text says so, never by its place in the file: the same story lands on
the same side however the file is cut or ordered.
"""
import hashlib

SEPARATOR = "<|endoftext|>"
HELD_OUT_ONE_IN = 20


def read_stories(path, limit_bytes=None):
    """Returns the list of distinct stories in the file, at most limit_bytes of them."""
    with open(path, encoding="utf-8", errors="replace") as f:
        text = f.read(limit_bytes) if limit_bytes else f.read()
    text = text.replace("\u201c", '"').replace("\u201d", '"').replace("\u2019", "'").replace("\u2018", "'")
    stories = (story.strip() for story in text.split(SEPARATOR))
    return list(dict.fromkeys(story for story in stories if story))


def is_held_out(story):
    digest = hashlib.sha256(story.encode()).digest()
    return int.from_bytes(digest[:4], "big") % HELD_OUT_ONE_IN == 0


def split_stories(stories):
    """Returns (training stories, held-out stories)."""
    return [s for s in stories if not is_held_out(s)], [s for s in stories if is_held_out(s)]
