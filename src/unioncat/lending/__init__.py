"""Lending between libraries: state tables, rota, messages; pure: no clock, no database, no network."""
