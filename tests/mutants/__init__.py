"""Fixed mutants of the engine: changes for the worse that some test has to notice."""
