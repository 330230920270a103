"""Reading and writing the tensors of a Hugging Face folder with NumPy alone: one file, or shards and their index.

BF16, which NumPy lacks, is the upper half of a float32: it is read as float32, and rounded to nearest even when written.
"""
import json
import pathlib
import struct

import numpy

DTYPES = {"F32": numpy.float32, "F16": numpy.float16, "BF16": numpy.uint16, "I64": numpy.int64, "BOOL": numpy.bool_}


def load_file(path):
    raw = pathlib.Path(path).read_bytes()
    (n,) = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8:8 + n]).items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            flat = numpy.frombuffer(raw[8 + n + begin:8 + n + end], DTYPES[entry["dtype"]])
            if entry["dtype"] == "BF16":
                flat = (flat.astype(numpy.uint32) << 16).view(numpy.float32)
            tensors[name] = flat.reshape(entry["shape"])
    return tensors


def load_folder(folder):
    folder = pathlib.Path(folder)
    if (folder / "model.safetensors").exists():
        return load_file(folder / "model.safetensors")
    places = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    shards = {file: load_file(folder / file) for file in set(places.values())}
    return {name: shards[file][name] for name, file in places.items()}


def to_bf16(array):
    bits = numpy.ascontiguousarray(array, numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def save_file(path, tensors):
    """Writes {name: array}. An array of uint16 is BF16's bits."""
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, array in tensors.items():
        dtype = next(key for key, value in DTYPES.items() if value == array.dtype)
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(numpy.ascontiguousarray(array).tobytes() for array in tensors.values())
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def save_shards(folder, shards):
    """Writes a list of {name: array} as model-00001-of-0000N.safetensors and so on, with their index."""
    places = {}
    for i, tensors in enumerate(shards, 1):
        file = f"model-{i:05}-of-{len(shards):05}.safetensors"
        save_file(folder / file, tensors)
        places |= dict.fromkeys(tensors, file)
    total = sum(array.nbytes for tensors in shards for array in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n")
