"""Whether questions that come together should go through the model together.

    python -m evaluation.bench.batching [--questions 400]

Questions a second, the same questions each time: each alone (`embed_query`) from 1, 2 and 8
threads; and in padded batches of 8, driving the same graph directly, by one caller with two
threads inside and by two callers with one. `cosine` is the least between a question's vector alone
and in its batch: in 8 bits a batch shares one scale.
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
from evaluation.bench.questions import read_questions
from evaluation.bench.results import RESULTS, Row, save
from evaluation.errors import exit_code
from models.embedder import Precision, Vectors

BATCH = 8
# Name: questions at a time, callers, threads inside the graph.
WAYS = {
    "alone, 1 thread": (1, 1, 1),
    "alone, 2 threads": (1, 2, 1),
    "alone, 8 threads": (1, 8, 1),
    "batches of 8, 1 caller, 2 threads inside": (BATCH, 1, 2),
    "batches of 8, 2 callers": (BATCH, 2, 1),
}


def session(graph: bytes | str, threads: int) -> Any:
    """An onnxruntime session with so many threads inside."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def questions_per_second(
    questions: list[str], precision: str, size: int, callers: int, threads: int
) -> dict[str, Any]:
    """How fast the questions are embedded so many at a time, and how near to each alone."""
    from models.minilm import MiniLM

    embedder = MiniLM(threads=1, precision=Precision(precision))
    alone = np.stack([embedder.embed_query(question) for question in questions])
    groups = [questions[at : at + size] for at in range(0, len(questions), size)]
    embed: Callable[[list[str]], Vectors]
    if size == 1:

        def embed(group: list[str]) -> Vectors:
            return embedder.embed_query(group[0])[None]

    else:
        embed = _batched(Precision(precision), threads)
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(embed, groups[: 2 * callers]))
        start = time.perf_counter()
        found = list(pool.map(embed, groups))
        took = time.perf_counter() - start
    cosines = np.sum(np.concatenate(found) * alone, axis=1)
    return {"per_second": len(questions) / took, "cosine": float(cosines.min())}


def _batched(precision: Precision, threads: int) -> Callable[[list[str]], Vectors]:
    from tokenizers import Tokenizer

    from models.export import INPUTS, OUTPUTS, ensure_export
    from models.weights import bundled_folder

    tokenizer = Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))
    tokenizer.enable_padding()
    tokenizer.enable_truncation(256)
    run = session(str(ensure_export(bundled_folder(), precision=precision)), threads)

    def embed(group: list[str]) -> Vectors:
        encodings = tokenizer.encode_batch(group)
        columns = (
            [encoding.ids for encoding in encodings],
            [encoding.attention_mask for encoding in encodings],
        )
        feed = {
            name: np.array(column, dtype=np.int64)
            for name, column in zip(INPUTS, columns, strict=True)
        }
        vectors: Vectors = run.run(OUTPUTS[:1], feed)[0]
        return vectors

    return embed


def measure(questions: Sequence[str], precision: str, way: str) -> Row:
    """A row of one way."""
    size, callers, threads = WAYS[way]
    given = {
        "questions": list(questions),
        "precision": precision,
        "size": size,
        "callers": callers,
        "threads": threads,
    }
    found = run_apart("evaluation.bench.batching:questions_per_second", given)
    return {
        "system": way,
        "precision": precision,
        "questions": len(questions),
        "per_second": round(found["per_second"], 1),
        "cosine": round(found["cosine"], 5),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)

    def run() -> None:
        questions = read_questions()[: options.questions]
        rows: list[Row] = []
        for precision in Precision:
            for way in WAYS:
                row = measure(questions, precision, way)
                rows.append(row)
                print(f"{precision} {way}: {row['per_second']} a second, cosine {row['cosine']}")
                save("batching", {"batch": BATCH}, rows, options.results)

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
