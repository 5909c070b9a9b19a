"""scikit-learn's linear support vector machine on words and vectors: `scikit_vectors.py DATA SPLITS VECTORS LENGTH`.

SPLITS has two lines a split (positions to learn from, positions to judge by) and VECTORS one row of 32-bit floats a text, both as
`measure_embeddings` writes them; each row of vectors is brought to LENGTH. Prints one line of JSON.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from scikit_peer import model, texts_and_labels
from scipy.sparse import csr_matrix, hstack


def main():
    data, splits, vectors, length = sys.argv[1:5]
    texts, labels = texts_and_labels(data, "banking77")
    labels = np.array(labels)
    rows = np.fromfile(vectors, dtype="<f4").reshape(len(texts), -1)
    rows *= float(length) / np.linalg.norm(rows, axis=1, keepdims=True)
    lines = [[int(at) for at in line.split()] for line in Path(splits).read_text().split("\n")]
    right, judged, training = 0, 0, []
    for train, test in zip(lines[::2], lines[1::2], strict=True):
        start = time.perf_counter()
        words, machine = (step for _, step in model("banking77").steps)
        known = hstack([words.fit_transform([texts[at] for at in train]), csr_matrix(rows[train])], format="csr")
        machine.fit(known, labels[train])
        training.append(time.perf_counter() - start)
        asked = hstack([words.transform([texts[at] for at in test]), csr_matrix(rows[test])], format="csr")
        right += int((machine.predict(asked) == labels[test]).sum())
        judged += len(test)
    print(json.dumps({"accuracy": right / judged, "training_seconds_max": max(training)}))


if __name__ == "__main__":
    main()
