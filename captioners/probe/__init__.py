"""Captions of films with known truth, and of copies in which one thing is changed, held against what is true."""
