"""Joining measured in whole catalogues: every join, or a drawn sample, set out for a person to judge."""
