"""How near the encoder comes to the bare matrix products of its shapes on the same cores.

    python -m evaluation.bench.roofline LIBRARY [--passages 500]

For each precision and number of threads: tokens a second of `MiniLM.embed_passages` over real
passages as we embed them; and tokens a second of nothing but the 36 products with weights that
the model makes for each passage (in each of 6 layers four of 384 × 384, one of 384 × 1536, one of
1536 × 384), passage by passage, each thread its own, as the model does it. In 32 bits the products
are NumPy's and onnxruntime's, and the faster one counts; in 8 bits they are onnxruntime's
MatMulInteger. The attention's own products (4% at 90 tokens) are not in the roof.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.bench.apart import run_apart
from evaluation.bench.batching import session
from evaluation.bench.results import RESULTS, Row, save
from evaluation.errors import exit_code
from models.embedder import Precision

LAYERS = 6
WIDTH, INNER = 384, 1536
SHAPES = [(WIDTH, WIDTH)] * 4 + [(WIDTH, INNER), (INNER, WIDTH)]
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def model(library: str, passages: int, precision: str, threads: int) -> dict[str, Any]:
    """Tokens a second that the embedder reaches over so many passages."""
    from models.minilm import MAX_TOKENS, MiniLM

    texts = _texts(Path(library), passages)
    embedder = MiniLM(threads=threads, precision=Precision(precision))
    lengths = [min(count + 2, MAX_TOKENS) for count in embedder.count_tokens(texts)]
    embedder.embed_passages(texts[:16])
    start = time.perf_counter()
    embedder.embed_passages(texts)
    took = time.perf_counter() - start
    return {"lengths": lengths, "tokens_per_second": sum(lengths) / took}


def products(lengths: list[int], kind: str, threads: int) -> dict[str, Any]:
    """Tokens a second of the bare products; `kind` is numpy, fp32 or int8."""
    multiply = _numpy() if kind == "numpy" else _onnx(Precision(kind))
    for length in lengths[:4]:
        multiply(length)
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        list(pool.map(multiply, lengths))
        took = time.perf_counter() - start
    return {"tokens_per_second": sum(lengths) / took}


def _numpy() -> Callable[[int], object]:
    random = np.random.default_rng(0)
    weights = [random.random(shape, dtype=np.float32) for shape in SHAPES * LAYERS]
    rows = {width: random.random((512, width), dtype=np.float32) for width in (WIDTH, INNER)}
    return lambda length: [rows[len(weight)][:length] @ weight for weight in weights]


def _onnx(precision: Precision) -> Callable[[int], object]:
    """A graph of the products alone, each an output, so that none is left out."""
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    whole = precision is Precision.INT8
    kinds = (
        (TensorProto.UINT8, TensorProto.INT32) if whole else (TensorProto.FLOAT, TensorProto.FLOAT)
    )
    nodes, weights, outputs = [], [], []
    for number, shape in enumerate(SHAPES * LAYERS):
        # 7 bits, as in the export.
        values = (
            random.integers(-64, 64, shape, dtype=np.int8)
            if whole
            else random.random(shape, dtype=np.float32)
        )
        weights.append(numpy_helper.from_array(values, f"w{number}"))
        operator = "MatMulInteger" if whole else "MatMul"
        nodes.append(helper.make_node(operator, [f"x{shape[0]}", f"w{number}"], [f"y{number}"]))
        outputs.append(helper.make_tensor_value_info(f"y{number}", kinds[1], ["n", shape[1]]))
    inputs = [
        helper.make_tensor_value_info(f"x{width}", kinds[0], ["n", width])
        for width in (WIDTH, INNER)
    ]
    graph = helper.make_graph(nodes, "products", inputs, outputs, weights)
    opset = helper.make_opsetid("", 20)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=10)
    run = session(made.SerializeToString(), 1)
    rows = {
        f"x{width}": (random.random((512, width)) * (255 if whole else 1)).astype(
            np.uint8 if whole else np.float32
        )
        for width in (WIDTH, INNER)
    }
    return lambda length: run.run(None, {name: row[:length] for name, row in rows.items()})


def _texts(library: Path, passages: int) -> list[str]:
    """Passages as we embed them, evenly spread over the library."""
    from indexer.library import Library
    from indexer.passages import excerpt

    with Library.open(library) as opened:
        rowids = opened.rowids()
        chosen = np.linspace(0, len(rowids) - 1, min(passages, len(rowids))).astype(int)
        found = opened.passages([int(rowid) for rowid in rowids[chosen]])
        return [excerpt(found[rowid]).whole for rowid in sorted(found)]


def measure(library: Path, passages: int, precision: str, threads: int) -> Row:
    """What the model reaches, what its products reach, and the share."""
    module = "evaluation.bench.roofline"
    given = {"library": str(library), "passages": passages}
    reached = run_apart(
        f"{module}:model", {**given, "precision": precision, "threads": threads}, ONE_THREAD
    )
    lengths = reached["lengths"]
    kinds = ["int8"] if precision == "int8" else ["numpy", "fp32"]
    roofs = {
        kind: run_apart(
            f"{module}:products", {"lengths": lengths, "kind": kind, "threads": threads}, ONE_THREAD
        )["tokens_per_second"]
        for kind in kinds
    }
    roof = max(roofs.values())
    return {
        "system": f"MiniLM {precision}",
        "threads": threads,
        "texts": len(lengths),
        "tokens": sum(lengths),
        "tokens_per_second": round(reached["tokens_per_second"]),
        "products_per_second": {
            {"numpy": "numpy"}.get(kind, "onnxruntime"): round(rate) for kind, rate in roofs.items()
        },
        "share": round(reached["tokens_per_second"] / roof, 4),
    }


def line(row: Row) -> str:
    """A row to be read by people."""
    return (
        f"{row['system']}, {row['threads']} threads: {row['tokens_per_second']:,} tokens a second, "
        f"{row['share']:.1%} of the bare products ({row['products_per_second']})"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("library", type=Path)
    parser.add_argument("--passages", type=int, default=500)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)

    def run() -> None:
        rows: list[Row] = []
        for precision in Precision:
            for threads in map(int, options.threads.split(",")):
                rows.append(measure(options.library, options.passages, precision, threads))
                print(line(rows[-1]), flush=True)
                save("roofline", {"library": str(options.library)}, rows, options.results)

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
