"""The reader of SRU: against a rig that misbehaves on command, and against a real server."""
