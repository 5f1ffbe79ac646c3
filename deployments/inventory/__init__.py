"""Imports of inventories: files read in a limited process, staged, compared and written by set."""
