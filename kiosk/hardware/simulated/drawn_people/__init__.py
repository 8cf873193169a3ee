"""Invented people to stand before the simulated camera and on simulated cards: drawings, of nobody who lives."""
