"""The stages in order; the only folder that knows them all."""
