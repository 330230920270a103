#!/usr/bin/env python3
"""Which modules need each other: link cycles, from the symbols of the object files.

    python3 tests/link_cycles.py BUILD [LIMIT]

A module is an object file. It needs another when it uses a symbol that the other defines. A cycle is a set of
modules each of which needs, by way of the others, all the rest: no part of it can be understood, tested or
linked alone. Prints the cycles, the largest first; with LIMIT, fails when one has more modules than that.
"""
import pathlib
import subprocess
import sys

LAYERS = ("core", "traces", "lessons", "tui", "cli")


def symbols(object_file, kind):
    lines = subprocess.run(["nm", "-P", kind, object_file], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in lines.splitlines() if line}


def source_of(build, object_file):
    return object_file.relative_to(build).with_suffix(".c")


def needs_of(build):
    """The modules that each module needs."""
    objects = [o for layer in LAYERS for o in sorted((build / layer).rglob("*.o")) if source_of(build, o).exists()]
    names = {o: str(o.relative_to(build).with_suffix("")) for o in objects}
    owners = {s: names[o] for o in objects for s in symbols(o, "--extern-only") - symbols(o, "--undefined-only")}
    return {names[o]: {owners[s] for s in symbols(o, "--undefined-only") if s in owners} for o in objects}


def reached(needs, start):
    found, todo = set(), [start]
    while todo:
        for other in needs[todo.pop()] - found:
            found.add(other)
            todo.append(other)
    return found


def cycles_of(needs):
    reach = {module: reached(needs, module) for module in needs}
    cycles = {frozenset(m for m in reach[module] if module in reach[m]) for module in needs if module in reach[module]}
    return sorted((sorted(c) for c in cycles if len(c) > 1), key=lambda c: (-len(c), c))


def main():
    cycles = cycles_of(needs_of(pathlib.Path(sys.argv[1])))
    for cycle in cycles:
        print(f"{len(cycle)} modules: {' '.join(cycle)}")
    largest = len(cycles[0]) if cycles else 0
    if len(sys.argv) > 2 and largest > int(sys.argv[2]):
        sys.exit(f"a link cycle of {largest} modules; at most {sys.argv[2]} are allowed")


if __name__ == "__main__":
    main()
