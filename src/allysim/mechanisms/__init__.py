"""The equations of the model as small pure functions, each with its number and source."""
