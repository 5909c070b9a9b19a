"""Golden values for the tests of `clustering`, by scikit-learn.

    python -m venv /tmp/golden && /tmp/golden/bin/pip install scikit-learn
    /tmp/golden/bin/python make_clusters.py > clusters.json
"""

import json

import numpy as np
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score

rng = np.random.default_rng(11)
centres = [(0, 0, 0), (4, 0, 1), (0, 5, -1), (5, 5, 2)]
spreads = [0.5, 1.0, 0.7, 0.4]
blobs = [rng.normal(c, s, size=(60, 3)) for c, s in zip(centres, spreads)]
rows = np.round(np.concatenate([*blobs, rng.uniform(-6, 11, size=(20, 3))]), 4)
fits = {k: KMeans(k, n_init=100, random_state=0, tol=0, max_iter=1000).fit(rows) for k in range(2, 7)}
density = HDBSCAN(min_cluster_size=20, min_samples=10).fit(rows).labels_
print(json.dumps({
    "rows": rows.tolist(),
    "inertia": {k: float(fit.inertia_) for k, fit in fits.items()},
    "silhouette": {k: float(silhouette_score(rows, fit.labels_)) for k, fit in fits.items()},
    "adjusted_rand_of_4_and_5": float(adjusted_rand_score(fits[4].labels_, fits[5].labels_)),
    "labels_4": fits[4].labels_.tolist(),
    "labels_5": fits[5].labels_.tolist(),
    "density": density.tolist(),
}))
