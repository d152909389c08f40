"""Files stored as they were written, and the scripts that wrote them."""
