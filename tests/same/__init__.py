"""Whether the engine at hand answers as the one did that it grew out of."""
