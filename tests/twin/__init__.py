"""The engine's twin, in plain Mesa and obvious loops; start with `model`."""
