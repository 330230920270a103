"""A training run's state in one file, which a kill leaves whole."""
import os

import torch


def save(path, model, optimisers, **numbers):
    state = {"model": model.state_dict(), "optimisers": [o.state_dict() for o in optimisers], **numbers}
    torch.save(state, path.with_suffix(".new"))
    os.replace(path.with_suffix(".new"), path)


def restore(path, model, optimisers):
    """Puts the model and the optimisers back. Returns what else was saved, by name."""
    saved = torch.load(path)
    model.load_state_dict(saved["model"])
    for optimiser, state in zip(optimisers, saved["optimisers"]):
        optimiser.load_state_dict(state)
    return saved
