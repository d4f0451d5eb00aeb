"""The harvester: fetches records of member libraries and saves them as they came; it interprets nothing."""
