"""Protocols that other systems speak with this service, one package each."""
