"""The viewer: a run as frames, the page that plays them, and the server that drives a model for each tab."""
