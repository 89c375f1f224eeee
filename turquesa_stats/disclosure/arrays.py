"""The types of arrays that linked tables are made of."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Cells = NDArray[np.int64]
Matrix: TypeAlias = Any  # scipy.sparse.csr_array: its stubs do not follow products and slices
