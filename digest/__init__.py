"""digest reads arXiv for you: papers in, a monthly magazine out."""

__version__ = "0.1.0"
