"""Measurements of speed, size and coverage; never part of the tests."""
