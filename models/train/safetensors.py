"""Reading and writing model.safetensors with NumPy alone."""
import json
import math

import numpy


def save(path, tensors):
    """Writes {name: numpy array}: an 8-byte header length, the JSON header, then the bytes of each tensor in turn."""
    dtype_name = {"float32": "F32", "float16": "F16", "int64": "I64"}
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, array in tensors.items():
        header[name] = {"dtype": dtype_name[str(array.dtype)], "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        for array in tensors.values():
            f.write(numpy.ascontiguousarray(array).tobytes())


def load(path):
    """Returns {name: numpy array} of a file that save() wrote."""
    raw = path.read_bytes()
    start = 8 + int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:start])
    dtype = {"F32": numpy.float32, "F16": numpy.float16, "I64": numpy.int64}
    return {name: numpy.frombuffer(raw, dtype[entry["dtype"]], math.prod(entry["shape"]), start + entry["data_offsets"][0])
            .reshape(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}
