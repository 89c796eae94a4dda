"""Frameport's wire protocol, written from its document alone."""
