"""How fast and how large: rows of figures, each against a floor or a peer measured in the same run."""
