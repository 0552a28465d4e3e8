"""The same network in float32 and in float64."""
