"""Haystack's hybrid pipeline of `evaluation.peers` behind the smallest FastAPI application.

    python -m evaluation.bench.haystack_app LIBRARY PORT

haystack-ai brings no server; this one adds to its pipeline only what JSON costs. Its embedders for
local models are another package, so sentence-transformers embeds the question, as they would.
"""

import sys
from pathlib import Path
from typing import Any

from evaluation.bench.client import HOST
from evaluation.bench.servers import read_passages
from evaluation.peers import Haystack
from models.embedder import Vectors
from models.weights import bundled_folder


def main(library: str, port: str) -> None:
    import uvicorn
    from fastapi import Body, FastAPI
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(bundled_folder()), device="cpu")

    def embed_query(question: str) -> Vectors:
        found: Vectors = model.encode(question, show_progress_bar=False)
        return found

    passages, vectors = read_passages(Path(library))
    haystack = Haystack(passages, vectors, embed_query)
    del vectors
    app = FastAPI()

    @app.post("/ask")
    def ask(question: str = Body(), k: int = Body()) -> list[dict[str, Any]]:
        return [{"id": n, "text": passages[n].text} for n in haystack.rank(question, k)]

    @app.get("/ready")
    def ready() -> int:
        return len(passages)

    uvicorn.run(app, host=HOST, port=int(port), log_level="warning")


if __name__ == "__main__":
    main(*sys.argv[1:])
